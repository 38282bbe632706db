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

from generator.keys import private_jwk, public_jwk  # noqa: E402
from runner.drivers import run_all  # noqa: E402

STARTER = ROOT / "tests/drivers/run"
DRIVERS = ("rust", "python", "node", "c", "cpp")
API = "https://api.example/"
IDLE_SECONDS = 60
KEYS = "keys_unavailable"
INTROSPECTION = {"authentication": "client_secret_basic", "client_id": "api", "client_secret": "TEST ONLY"}


@dataclass
class Suite:
    """Questions, and the code that each must be answered with, or ``ok``."""

    server: IssuerServer
    now: int = field(default_factory=lambda: int(time.time()))
    questions: list[tuple[str, str]] = field(default_factory=list)
    expected: dict[str, str] = field(default_factory=dict)
    # What the answer to a good token says beside its claims: its profile, and who vouches for it.
    origins: dict[str, tuple[str | None, str]] = field(default_factory=dict)

    def ask(self, name: str, expected: str, token: str, cache: dict[str, Any] | None = None, **config: Any) -> None:
        """One question; ``cache`` is put beside what every one of them needs."""
        assert self.server.ca is not None
        limits = {"ca_bundle": Path(self.server.ca).read_text(), "timeout_seconds": 1.5} | (cache or {})
        whole = {"audience": API, "issuer_cache": limits} | config
        line = json.dumps({"id": name, "op": "validate", "config": whole, "token": token, "at": self.now})
        self.questions.append((name, line))
        self.expected[name] = expected
        local = config.get("strategy", "local") != "introspection"
        self.origins[name] = ("rfc9068", "local") if local else (None, "introspection")

    def fault(self, row: dict[str, Any]) -> None:
        """A row of the table."""
        case = self.server.case(f"live-{row['id']}")
        issuer = case.issuer
        if row["document"].startswith("introspection"):
            self.introspection_fault(row, case)
            return
        if row["document"] == "tls":
            _, _, _, path = issuer.split("/", 3)
            issuer = f"{self.server.tls_faults[row['behaviour']]}/{path}"
        else:
            case.behave(row["document"], **row["behaviour"])
        self.ask(row["id"], row["code"], case.mint(subject="user", issuer=issuer), issuer=issuer)

    def introspection_fault(self, row: dict[str, Any], case: Issuer) -> None:
        """A row about what is said of a token, which nobody has asked about before."""
        endpoint = case.introspection_endpoint
        case.keys(generate=[{"key": "other"}])
        if row["document"] == "introspection_tls":
            endpoint = f"{self.server.tls_faults[row['behaviour']]}/{endpoint.split('/', 3)[3]}"
        else:
            case.behave("introspection", **row["behaviour"])
        token = case.token(members={"aud": API, "sub": "user", "exp": self.now + 86400})
        asked = INTROSPECTION | {"endpoint": endpoint, "signed_response": row.get("signed", False)}
        self.ask(row["id"], row["code"], token, issuer=case.issuer, strategy="introspection", introspection=asked)

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
    strategies(suite)


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


def strategies(suite: Suite) -> None:
    """Each way to authenticate, opaque tokens and JWTs, asked about always or every so often."""
    case, issuer, token = suite.well("strategies")
    opaque = case.token(members={"aud": API, "sub": "user", "scope": "read", "exp": suite.now + 3600})
    endpoint = {"endpoint": case.introspection_endpoint}
    asked = INTROSPECTION | endpoint
    asking = {"issuer": issuer, "strategy": "introspection", "introspection": asked}
    suite.ask("asked-opaque", "ok", opaque, **asking)
    suite.ask("asked-jwt", "ok", token, **asking)
    suite.ask("asked-unknown", "token_inactive", "made-up", **asking)
    suite.ask("asked-signed", "ok", opaque, **asking | {"introspection": asked | {"signed_response": True}})
    suite.ask("asked-opaque-elsewhere", "token_malformed", opaque, issuer=issuer)
    no_audience = case.token(members={"sub": "user"})
    suite.ask("asked-no-audience", "claim_missing", no_audience, **asking)
    dangerous = asked | {"danger_audience_optional": True}
    suite.ask("asked-no-audience-allowed", "ok", no_audience, **asking | {"introspection": dangerous})
    hybrid = asking | {"strategy": "local_then_introspection", "introspection": asked | {"every_seconds": 600}}
    old = case.mint(subject="user", now=suite.now - 700, lifetime_seconds=86400)
    revoked = case.mint(subject="other", now=suite.now - 700, lifetime_seconds=86400)
    case.revoke(revoked)
    suite.ask("hybrid-young", "ok", token, **hybrid)
    suite.ask("hybrid-old", "ok", old, **hybrid)
    suite.origins["hybrid-old"] = ("rfc9068", "local_and_introspection")
    suite.ask("hybrid-revoked", "token_inactive", revoked, **hybrid)
    suite.ask("hybrid-opaque", "token_malformed", opaque, **hybrid)
    both = hybrid["introspection"] | {"opaque_tokens": True}
    suite.ask("hybrid-opaque-too", "ok", opaque, **hybrid | {"introspection": both})
    suite.origins["hybrid-opaque-too"] = (None, "introspection")
    down = suite.server.case("live-strategies-down")
    down.behave("introspection", status=503)
    late = down.mint(subject="user", now=suite.now - 700, lifetime_seconds=86400)
    outage = hybrid["introspection"] | {"endpoint": down.introspection_endpoint}
    suite.ask(
        "hybrid-down", "introspection_unavailable", late, **hybrid | {"issuer": down.issuer, "introspection": outage}
    )
    lenient = outage | {"local_verdict_while_unavailable_seconds": 60}
    suite.ask("hybrid-down-allowed", "ok", late, **hybrid | {"issuer": down.issuer, "introspection": lenient})
    credentials(suite)


def credentials(suite: Suite) -> None:
    """Each way to authenticate, with the right credentials and with wrong ones."""
    private, public = private_jwk("p256-b", alg="ES256"), public_jwk("p256-b", alg="ES256")
    secret = {"client_id": "a:b", "client_secret": "c d%\u00fc"}
    ways: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "client_secret_basic": (secret, secret),
        "client_secret_post": (secret, secret),
        "private_key_jwt": (
            {"client_id": "a:b", "keys": {"keys": [private]}},
            {"client_id": "a:b", "keys": {"keys": [public]}},
        ),
        "bearer": ({"bearer_token": "token~+/=="}, {"bearer_token": "token~+/=="}),
    }
    for way, (ours, theirs) in ways.items():
        case = suite.server.case(f"live-{way}")
        opaque = case.token(members={"aud": API})
        for named, others in (("right", theirs), ("wrong", {"bearer_token": "other"})):
            client = case if named == "right" else suite.server.case(f"live-{way}-wrong")
            client.admit(authentication=way if named == "right" else "bearer", **others)
            told = client.token(token=opaque, members={"aud": API})
            own = {"endpoint": client.introspection_endpoint, "authentication": way} | ours
            code = "ok" if named == "right" else "introspection_unavailable"
            asking = {"issuer": client.issuer, "strategy": "introspection", "introspection": own}
            suite.ask(f"{way}-{named}", code, told, **asking)


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
            elif code == "ok" and (answer.get("profile"), answer.get("origin", "local")) != suite.origins[name]:
                print(f"{driver}: {name}: expected {suite.origins[name]}, answered {line}")
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
