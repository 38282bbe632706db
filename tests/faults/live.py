"""The same faults through every driver: issuers that fail, and issuers that do not, over TLS on loopback.

Each question is a validator that has never fetched anything. What it answers is what tests/faults/faults.json says, and
the same in every language, to the byte.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/issuer")]

from at9068_test_issuer import Issuer, IssuerServer, start  # noqa: E402

from runner.drivers import run_all  # noqa: E402

STARTER = ROOT / "tests/drivers/run"
DRIVERS = ("rust", "python", "node", "c", "cpp")
API = "https://api.example/"
IDLE_SECONDS = 60
KEYS = "keys_unavailable"


@dataclass
class Suite:
    """Questions, and the code that each must be answered with, or ``ok``."""

    server: IssuerServer
    now: int = field(default_factory=lambda: int(time.time()))
    questions: list[tuple[str, str]] = field(default_factory=list)
    expected: dict[str, str] = field(default_factory=dict)

    def ask(self, name: str, expected: str, token: str, cache: dict[str, Any] | None = None, **config: Any) -> None:
        """One question; ``cache`` is put beside what every one of them needs."""
        assert self.server.ca is not None
        limits = {"ca_bundle": Path(self.server.ca).read_text(), "timeout_seconds": 1.5} | (cache or {})
        whole = {"audience": API, "issuer_cache": limits} | config
        line = json.dumps({"id": name, "op": "validate", "config": whole, "token": token, "at": self.now})
        self.questions.append((name, line))
        self.expected[name] = expected

    def fault(self, row: dict[str, Any]) -> None:
        """A row of the table."""
        case = self.server.case(f"live-{row['id']}")
        issuer = case.issuer
        if row["document"] == "tls":
            _, _, _, path = issuer.split("/", 3)
            issuer = f"{self.server.tls_faults[row['behaviour']]}/{path}"
        else:
            case.behave(row["document"], **row["behaviour"])
        self.ask(row["id"], row["code"], case.mint(subject="user", issuer=issuer), issuer=issuer)

    def well(self, name: str) -> tuple[Issuer, str, str]:
        """An issuer that does nothing wrong, with its identifier and a token."""
        case = self.server.case(f"live-{name}")
        return case, case.issuer, case.mint(subject="user", scope="read")


def good_behaviour(suite: Suite) -> None:
    """What works, and what must not for other reasons than a fault."""
    for mode in ("auto", "oauth", "openid"):
        _, issuer, token = suite.well(mode)
        suite.ask(f"discovery-{mode}", "ok", token, issuer=issuer, discovery=mode)
    for mode, other in (("oauth", "openid"), ("openid", "oauth")):
        case, issuer, token = suite.well(f"only-{mode}")
        case.behave(other, status=404)
        suite.ask(f"only-{mode}", "ok", token, issuer=issuer, discovery=mode)
        suite.ask(f"only-{mode}-auto", "ok", token, issuer=issuer)
        suite.ask(f"only-{mode}-asked-otherwise", "metadata_invalid", token, issuer=issuer, discovery=other)
    case, issuer, token = suite.well("jwks-uri")
    suite.ask("jwks-uri", "ok", token, issuer=issuer, jwks_uri=case.jwks_uri)
    suite.ask("jwks-uri-not-there", KEYS, token, issuer=issuer, jwks_uri=case.jwks_uri + "/none")
    slash = suite.server.case("live-slash")
    with_slash = slash.ask("issuer", trailing_slash=True)["issuer"]
    suite.ask("issuer-with-a-slash", "ok", slash.mint(subject="user"), issuer=with_slash)
    other = case.keys(generate=[{"key": "other", "kid": "first"}])
    own = next(key for key in other if key["key"] == "first")
    pinned = [own["jwk"]["kid"]] if len(own["jwk"].get("kid", "")) == 43 else None
    if pinned:
        suite.ask("pinned", "ok", token, issuer=issuer, key_thumbprints=pinned)
    suite.ask("pinned-otherwise", "key_not_found", token, issuer=issuer, key_thumbprints=["A" * 43])
    unknown = case.mint(subject="user", kid="nobody")
    suite.ask("unknown-kid", "key_not_found", unknown, issuer=issuer)
    forged = case.mint(subject="user", key="other", kid=own["kid"])
    suite.ask("wrong-key-under-a-known-kid", "signature_invalid", forged, issuer=issuer)
    secret = case.forge(subject="user", header={"alg": "HS256"})
    suite.ask("secret-of-the-public-key", "algorithm_not_allowed", secret, issuer=issuer)
    origin = {"same_origin": True}
    elsewhere, there, made = suite.well("elsewhere")
    elsewhere.behave("metadata", metadata={"jwks_uri": "{elsewhere}{path}/jwks"})
    suite.ask("another-origin", "ok", made, issuer=there)
    suite.ask("another-origin-refused", "metadata_invalid", made, cache=origin, issuer=there)
    suite.ask("same-origin", "ok", token, cache=origin, issuer=issuer)
    two_issuers(suite)


def two_issuers(suite: Suite) -> None:
    """Keys of one issuer never verify another's token, be it under the same kid; tenants are issuers of their own."""
    jwk = [{"key": "shared", "kid": "shared"}]
    first, one, _ = suite.well("tenant-a")
    second, two, _ = suite.well("tenant-b")
    for case in (first, second):
        case.keys(generate=jwk, publish=["shared"], sign_with="shared")
    both = [{"issuer": one}, {"issuer": two}]
    suite.ask("two-issuers", "ok", second.mint(subject="user"), issuers=both)
    suite.ask("two-issuers-crossed", "signature_invalid", second.mint(subject="user", issuer=one), issuers=both)
    template = one.replace("live-tenant-a", "{tenant}")
    named = [{"issuer": template, "tenants": ["live-tenant-a"]}]
    pattern = [{"issuer": template, "tenants": ["live-*"]}]
    suite.ask("tenant", "ok", first.mint(subject="user"), issuers=named)
    suite.ask("tenant-unnamed", "issuer_unknown", second.mint(subject="user"), issuers=named)
    suite.ask("tenant-of-a-pattern", "ok", second.mint(subject="user"), issuers=pattern)
    suite.ask("tenant-crossed", "signature_invalid", first.mint(subject="user", issuer=two), issuers=pattern)


def main() -> int:
    """Asks everything of every driver, and tells what differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drivers", default=",".join(DRIVERS))
    parser.add_argument("--fast", action="store_true", help="leave out what only time ends")
    chosen = parser.parse_args()
    drivers = chosen.drivers.split(",")
    rows = json.loads((Path(__file__).parent / "faults.json").read_text())
    with start(ROOT / "target/drivers/test-issuer", tls=True) as server:
        suite = Suite(server)
        good_behaviour(suite)
        for row in rows:
            if not (chosen.fast and row.get("slow")):
                suite.fault(row)
        runs = run_all(STARTER, drivers, suite.questions, IDLE_SECONDS)
    differences, compared = 0, 0
    for driver, run in runs.items():
        for fault in run.faults:
            print(f"{driver}: {fault}")
            differences += 1
        for (name, _), line in zip(suite.questions, run.lines, strict=False):
            compared += 1
            answer = json.loads(line)
            code = "ok" if answer.get("ok") is True else answer.get("error", {}).get("code", line)
            if code != suite.expected[name]:
                print(f"{driver}: {name}: expected {suite.expected[name]}, answered {code}")
                differences += 1
    for index, (name, _) in enumerate(suite.questions):
        answers = {driver: run.lines[index] for driver, run in runs.items() if index < len(run.lines)}
        if len({json.dumps(json.loads(line), sort_keys=True) for line in answers.values()}) > 1:
            print(f"{name}: the drivers differ", *(f"  {driver}: {line}" for driver, line in answers.items()), sep="\n")
            differences += 1
    print(
        f"live: cases {len(suite.questions)}, drivers {len(drivers)}, answers compared {compared}, "
        f"differences {differences}"
    )
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
