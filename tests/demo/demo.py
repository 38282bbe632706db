"""Mints sample tokens in every language, validates each in every language, and shows what came of it.

    python tests/demo/demo.py rust python node c cpp

The drivers of the shared suite do the work, each through its language's installed package.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
NOW = 1_700_000_000
NAMES = {"rust": "Rust", "python": "Python", "node": "Node", "c": "C", "cpp": "C++"}
SAMPLES = {
    "auth0": "a user's token, auth0 profile",
    "rfc9068": "a user's token, rfc9068 profile",
    "m2m": "a machine's token, rfc9068 profile",
}


class Driver:
    """One language, asked one question at a time."""

    def __init__(self, name: str) -> None:
        self.name = name
        starter = HERE.parent / "drivers" / "run"
        self.process = subprocess.Popen([starter, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, **question: Any) -> Any:
        """Puts a question and waits for its answer."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps({"id": "demo", **question}).encode() + b"\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"The {NAMES[self.name]} driver gave no answer.")
        return json.loads(answer)

    def close(self) -> bool:
        """Ends the input; a driver then ends well."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait() == 0


def main(names: list[str]) -> int:
    """Shows everything; the exit code says whether all agree."""
    data = json.loads((HERE / "demo.json").read_text())
    drivers = [Driver(name) for name in names]
    requests = sample_requests(data)
    validator = validator_config(data)

    print("\nMinting three tokens in every language, validating each in every language.\n")
    minted = {
        driver.name: {s: mint(driver, config, request) for s, (config, request) in requests.items()}
        for driver in drivers
    }
    agree = True
    for sample, about in SAMPLES.items():
        print(f"{sample}: {about}")
        print("  minted by ", *(f"{NAMES[d.name]:>8}" for d in drivers), "  <- validated by", sep="")
        for minter in drivers:
            cells = []
            for driver in drivers:
                answer = driver.ask(op="validate", config=validator, token=minted[minter.name][sample]["token"], at=NOW)
                good = answer.get("claims") == minted[minter.name][sample]["claims"]
                agree &= good
                cells.append("valid" if good else answer.get("error", {}).get("code", "differs"))
            print(f"  {NAMES[minter.name]:<10}", *(f"{cell:>8}" for cell in cells), sep="")
    # RS256 is deterministic and the clock and `jti` are given, so the tokens are equal to the byte.
    same = all(minted[d.name] == minted[drivers[0].name] for d in drivers)
    agree &= same
    print(f"All languages minted the same bytes: {'yes' if same else 'NO'}.")

    show_claims(minted[drivers[0].name])

    print("\nThree tokens that must be refused:\n")
    good = minted[drivers[0].name]["rfc9068"]["token"]
    refusals = {
        "an ID token": (validator, data["id_token"], NOW),
        "a token for another audience": ({**validator, "audience": "https://other.example/"}, good, NOW),
        "an expired token": (validator, good, NOW + 10 * 86_400),
    }
    print(f"  {'':<30}", *(f"{NAMES[d.name]:>20}" for d in drivers), sep="")
    for what, (config, token, at) in refusals.items():
        answers = [driver.ask(op="validate", config=config, token=token, at=at) for driver in drivers]
        codes = [answer.get("error", {}).get("code", "ACCEPTED") for answer in answers]
        agree &= "ACCEPTED" not in codes and all(answer == answers[0] for answer in answers)
        print(f"  {what:<30}", *(f"{code:>20}" for code in codes), sep="")
        error = answers[0].get("error", {})
        kind = f", appears to be {error['kind']}" if error.get("kind") else ""
        print(f"      {error.get('status')} WWW-Authenticate: {' '.join(error.get('challenge', []))}{kind}")

    agree &= all([driver.close() for driver in drivers])
    languages = ", ".join(NAMES[name] for name in names)
    print(f"\n{'All agree' if agree else 'THEY DO NOT AGREE'}: {languages}.")
    return 0 if agree else 1


def sample_requests(data: Any) -> dict[str, tuple[Any, Any]]:
    """Minter configuration and mint request of each sample."""
    user = {
        "grant_type": "authorization_code",
        "client_id": "my_client_id",
        "subject": "auth0|123456",
        "resource": [data["audience"]],
        "scope": "openid profile read:patients read:admin",
        "claims": {"my_custom_claim": "my_custom_value"},
        "jti": "73WakrfVbNJBaAmhQtEeDv",
    }
    machine = {
        "grant_type": "client_credentials",
        "client_id": "my_client_id",
        "scope": "read:patients",
        "jti": "ZtGkdWDKGd8mUcyd4Xtbup",
    }
    old, new = minter_config(data, "access_token"), minter_config(data, "rfc9068_profile")
    return {"auth0": (old, user), "rfc9068": (new, user), "m2m": (new, machine)}


def minter_config(data: Any, dialect: str) -> Any:
    """The authorization server, with its API's tokens in one dialect."""
    return {
        "issuer": data["issuer"],
        "keys": {"keys": [data["key"]]},
        "apis": [{"audience": data["audience"], "dialect": dialect, "scopes": data["scopes"]}],
        "userinfo_audience": data["userinfo_audience"],
    }


def validator_config(data: Any) -> Any:
    """The API, which takes both profiles while it moves from one to the other."""
    public = {name: data["key"][name] for name in ("kty", "n", "e", "kid")}
    return {
        "issuer": data["issuer"],
        "audience": data["audience"],
        "jwks": {"keys": [public]},
        "profiles": ["rfc9068", "auth0"],
    }


def mint(driver: Driver, config: Any, request: Any) -> Any:
    """A token and its claims."""
    answer = driver.ask(op="mint", config=config, request=request, at=NOW)
    if not answer.get("ok"):
        sys.exit(f"{NAMES[driver.name]} did not mint: {answer}")
    return {"token": answer["token"], "claims": answer["claims"]}


def show_claims(minted: Any) -> None:
    """Headers and claims of the samples, side by side."""
    columns = []
    for sample in SAMPLES:
        header = json.loads(decode(minted[sample]["token"].split(".")[0]))
        lines = [sample, "", *members(header), "", *members(minted[sample]["claims"])]
        columns.append(lines)
    height, width = max(map(len, columns)), max(len(line) for lines in columns for line in lines) + 3
    print("\nHeaders and claims, side by side:\n")
    for row in range(height):
        print("  " + "".join(f"{lines[row] if row < len(lines) else '':<{width}}" for lines in columns).rstrip())


def members(claims: Any) -> list[str]:
    """A line for each member, several for an array."""
    lines = []
    for name, value in claims.items():
        if isinstance(value, list):
            lines += [f"{name}: [", *(f"  {item}" for item in value), "]"]
        else:
            lines.append(f"{name}: {value}")
    return lines


def decode(part: str) -> bytes:
    """The bytes of a segment of a token."""
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(NAMES)))
