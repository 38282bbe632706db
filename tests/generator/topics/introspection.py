"""Issuers that are asked about their tokens: what is configured, and what is decided without asking anybody.

Answers of an issuer need a network, which no vector has: core/tests/introspection and tests/faults hold those.
"""

from __future__ import annotations

from typing import Any

from ..build import API, EXP, IAT, ISSUER, NOW, OTHER_API, OTHER_ISSUER, Topic, claims, token
from ..common import config, jwks, topic, verifying_jwk
from ..encoding import Raw
from ..expect import Err
from ..keys import private_jwk

ENDPOINT = "https://as.example/introspect"
BASIC = {
    "endpoint": ENDPOINT,
    "authentication": "client_secret_basic",
    "client_id": "api",
    "client_secret": "TEST ONLY",
}
EVERY = 200
LAST = 253_402_300_799


def asking(**over: Any) -> dict[str, Any]:
    """A validator that goes by what the issuer says."""
    return {"issuer": ISSUER, "audience": API, "strategy": "introspection", "introspection": BASIC | over}


def hybrid(**over: Any) -> dict[str, Any]:
    """A validator that judges tokens itself, and asks every so often."""
    return config(strategy="local_then_introspection", introspection=BASIC | {"every_seconds": EVERY} | over)


def without(*names: str, **over: Any) -> dict[str, Any]:
    """A validator that asks, some members of whose introspection are left out."""
    rest = {name: value for name, value in BASIC.items() if name not in names}
    return asking() | {"introspection": rest | over}


def build() -> list[Topic]:
    """The files of this topic."""
    t = topic("introspection", "Issuers that are asked about tokens, as far as nobody has to be asked.")
    made = token()
    for name, (wrong, rules) in refused().items():
        t.refuse_config(name, f"Refused: {name}", rules, wrong, made)
    for name, right in accepted().items():
        t.config(f"good-{name}", right)
        t.validate(
            f"good-{name}",
            f"Accepted: {name}; the token is younger than an answer may be",
            "INTRO-1",
            made,
            config=f"good-{name}",
            flags="valid boundary" if name[-1].isdigit() else "valid",
        )
    for name, right in sound().items():
        t.config(f"sound-{name}", right)
        t.validate(
            f"sound-{name}",
            f"Accepted: {name}; what is no token is refused without asking",
            "INTRO-1",
            "a b",
            Err("token_malformed"),
            config=f"sound-{name}",
        )
    local(t)
    remote(t)
    return [t]


def refused() -> dict[str, tuple[Any, str]]:
    """Configurations that contradict themselves, or whose credentials do not fit."""
    keys = jwks(private_jwk("p256-a", kid="es256", alg="ES256"))
    entry = {"issuer": ISSUER, "strategy": "introspection", "introspection": BASIC}
    other = entry | {"issuer": OTHER_ISSUER}
    local_entry = {"issuer": ISSUER, "jwks": jwks(verifying_jwk("ES256"))}
    wrong: dict[str, Any] = {
        "strategy-alone": config(strategy="introspection"),
        "strategy-hybrid-alone": config(strategy="local_then_introspection"),
        "strategy-unknown": asking() | {"strategy": "remote"},
        "strategy-array": asking() | {"strategy": ["introspection"]},
        "introspection-alone": config(introspection=BASIC),
        "introspection-beside-local": config(strategy="local", introspection=BASIC),
        "introspection-array": asking() | {"introspection": [ENDPOINT]},
        "introspection-text": asking() | {"introspection": ENDPOINT},
        "unknown-member": asking(timeout=5),
        "endpoint-missing": without("endpoint"),
        "endpoint-empty": asking(endpoint=""),
        "endpoint-http": asking(endpoint="http://as.example/introspect"),
        "endpoint-http-loopback": asking(endpoint="http://127.0.0.1/introspect"),
        "endpoint-http-metadata-service": asking(endpoint="http://169.254.169.254/latest"),
        "endpoint-fragment": asking(endpoint=ENDPOINT + "#a"),
        "endpoint-user": asking(endpoint="https://api:secret@as.example/introspect"),
        "endpoint-relative": asking(endpoint="/introspect"),
        "endpoint-newline": asking(endpoint=ENDPOINT + "\r\nX: y"),
        "authentication-missing": without("authentication"),
        "authentication-none": asking(authentication="none"),
        "authentication-secret-jwt": asking(authentication="client_secret_jwt"),
        "basic-without-client": without("client_id"),
        "basic-without-secret": without("client_secret"),
        "basic-empty-client": asking(client_id=""),
        "basic-empty-secret": asking(client_secret=""),
        "basic-with-keys": asking(keys=keys),
        "basic-with-token": asking(bearer_token="token"),
        "basic-with-algorithm": asking(algorithm="ES256"),
        "basic-with-audience": asking(audience=ISSUER),
        "post-without-secret": without("client_secret", authentication="client_secret_post"),
        "key-without-keys": without("client_secret", authentication="private_key_jwt"),
        "key-with-secret": asking(authentication="private_key_jwt", keys=keys),
        "key-unusable": without("client_secret", authentication="private_key_jwt", keys={"keys": [{}]}),
        "key-public": without("client_secret", authentication="private_key_jwt", keys=jwks(verifying_jwk("ES256"))),
        "key-secret": without("client_secret", authentication="private_key_jwt", keys=jwks(verifying_jwk("HS256"))),
        "key-other-algorithm": without("client_secret", authentication="private_key_jwt", keys=keys, algorithm="RS256"),
        "key-empty-audience": without("client_secret", authentication="private_key_jwt", keys=keys, audience=""),
        "bearer-without-token": without("client_id", "client_secret", authentication="bearer"),
        "bearer-with-secret": asking(authentication="bearer", bearer_token="token"),
        "bearer-blank": without("client_secret", authentication="bearer", bearer_token="a b"),
        "bearer-newline": without("client_secret", authentication="bearer", bearer_token="a\r\nX: y"),
        "bearer-empty": without("client_secret", authentication="bearer", bearer_token=""),
        "signed-without-client": without(
            "client_id", "client_secret", authentication="bearer", bearer_token="token", signed_response=True
        ),
        "signed-text": asking(signed_response="true"),
        "cache-0": asking(cache_seconds=0),
        "cache-3601": asking(cache_seconds=3601),
        "cache-negative": asking(cache_seconds=-1),
        "cache-text": asking(cache_seconds="30"),
        "cache-overflow": asking(cache_seconds=Raw("1e999")),
        "cache-beside-hybrid": hybrid(cache_seconds=30),
        "every-missing": config(strategy="local_then_introspection", introspection=BASIC),
        "every-0": hybrid(every_seconds=0),
        "every-86401": hybrid(every_seconds=86401),
        "every-beside-introspection": asking(every_seconds=EVERY),
        "entries-99": asking(cache_entries=99),
        "entries-1000001": asking(cache_entries=1_000_001),
        "local-verdict-86401": hybrid(local_verdict_while_unavailable_seconds=86401),
        "local-verdict-beside-introspection": asking(local_verdict_while_unavailable_seconds=1),
        "audience-optional-beside-hybrid": hybrid(danger_audience_optional=True),
        "audience-optional-text": asking(danger_audience_optional="false"),
        "audience-missing": {name: value for name, value in asking().items() if name != "audience"},
        "profiles-beside-introspection": asking() | {"profiles": ["rfc9068"]},
        "migrate-beside-introspection": asking() | {"migrate_from": "auth0"},
        "clients-beside-introspection": asking() | {"client_ids": ["client-7"]},
        "top-strategy": {"audience": API, "issuers": [local_entry], "strategy": "local"},
        "top-introspection": {"audience": API, "issuers": [local_entry], "introspection": BASIC},
        "two-of-opaque-tokens": {"audience": API, "issuers": [entry, other]},
        "entry-without-introspection": {"audience": API, "issuers": [local_entry | {"strategy": "introspection"}]},
        "tenants": {
            "audience": API,
            "issuers": [entry | {"issuer": "https://login.example/{tenant}/", "tenants": ["acme"]}],
        },
    }
    threats = {"cache": "INTRO-1 T174", "every": "INTRO-1 T174", "audience-optional": "INTRO-1 T81 T174"}
    named = {name: next((of for start, of in threats.items() if name.startswith(start)), "INTRO-1") for name in wrong}
    return {name: (value, named[name]) for name, value in wrong.items()}


def accepted() -> dict[str, dict[str, Any]]:
    """Configurations that judge a young token themselves."""
    entry = {"issuer": OTHER_ISSUER, "strategy": "introspection", "introspection": BASIC}
    keys = jwks(private_jwk("p256-a", kid="es256", alg="ES256"))
    by_key = {"endpoint": ENDPOINT, "authentication": "private_key_jwt", "client_id": "api", "keys": keys}
    return {
        "strategy-local": config(strategy="local"),
        "strategy-null": config(strategy=None, introspection=None),
        "hybrid": hybrid(),
        "hybrid-post": hybrid(authentication="client_secret_post"),
        "hybrid-key": config(strategy="local_then_introspection", introspection=by_key | {"every_seconds": EVERY}),
        "hybrid-key-algorithm": config(
            strategy="local_then_introspection",
            introspection=by_key | {"every_seconds": EVERY, "algorithm": "ES256", "audience": ENDPOINT},
        ),
        "hybrid-bearer": config(
            strategy="local_then_introspection",
            introspection={
                "endpoint": ENDPOINT,
                "authentication": "bearer",
                "bearer_token": "a.b-c~+/==",
                "every_seconds": EVERY,
            },
        ),
        "hybrid-signed": hybrid(signed_response=True),
        "hybrid-opaque": hybrid(opaque_tokens=True, danger_audience_optional=True),
        "every-86400": hybrid(every_seconds=86400),
        "local-verdict-0": hybrid(local_verdict_while_unavailable_seconds=0),
        "local-verdict-86400": hybrid(local_verdict_while_unavailable_seconds=86400),
        "entries-100": hybrid(cache_entries=100),
        "entries-1000000": hybrid(cache_entries=1_000_000),
        "beside-others": {
            "audience": API,
            "profiles": ["rfc9068"],
            "issuers": [{"issuer": ISSUER, "jwks": jwks(verifying_jwk("ES256"))}, entry],
        },
        "loopback": hybrid(endpoint="http://127.0.0.1:8080/introspect")
        | {"issuer_cache": {"danger_http_loopback": True}},
    }


def sound() -> dict[str, dict[str, Any]]:
    """Configurations that would ask."""
    entry = {"issuer": ISSUER, "strategy": "introspection", "introspection": BASIC}
    second = {"issuer": OTHER_ISSUER, "strategy": "introspection", "introspection": BASIC | {"opaque_tokens": False}}
    return {
        "asking": asking(),
        "cache-1": asking(cache_seconds=1),
        "cache-3600": asking(cache_seconds=3600),
        "signed": asking(signed_response=True) | {"jwks": jwks(verifying_jwk("ES256"))},
        "audience-optional": asking(danger_audience_optional=True),
        "two-issuers": {"audience": API, "issuers": [entry, second]},
        "profiles-of-others": {"audience": API, "profiles": ["auth0"], "migrate_from": "rfc9068", "issuers": [entry]},
    }


def local(t: Topic) -> None:
    """What the strategy that asks every so often decides by itself."""
    t.config("hybrid", hybrid())
    t.config("hybrid-long", hybrid(every_seconds=EXP - IAT))
    t.validate(
        "young",
        "A second before it would be asked about ahead of time",
        "INTRO-1",
        token(),
        config="hybrid",
        at=IAT + EVERY * 4 // 5 - 1,
        flags="valid boundary",
    )
    t.validate(
        "short",
        "A token that lives no longer than an answer may be old is never asked about, not even within the leeway",
        "INTRO-1 T174",
        token(),
        config="hybrid-long",
        at=EXP + 29,
        flags="valid boundary",
    )
    late = {"config": "hybrid", "at": IAT + EVERY + 1}
    for name, comment, rules, made, wrong in [
        ("other-audience", "Another audience", "AT-VAL-4", token(body=claims(aud=OTHER_API)), "audience_mismatch"),
        ("other-key", "Another key's signature", "AT-VAL-5", token(key="p256-b"), "signature_invalid"),
        ("opaque", "No JWT, and no issuer of such tokens", "JOSE-4", "opaque", "token_malformed"),
    ]:
        t.validate(
            f"refused-{name}",
            f"{comment}: refused here, and not asked about though it is due",
            f"{rules} INTRO-1",
            made,
            Err(wrong),
            **late,
            flags="order",
        )
    t.validate(
        "revoked",
        "A token that is known to be revoked is refused without asking",
        "INTRO-1 REVOKE-1 T93",
        token(),
        Err("token_revoked", "jti"),
        **late,
        revocations=[{"issuer": ISSUER, "jti": "jti-1", "until": LAST}],
        flags="order",
    )
    t.validate("expired", "Expired", "INTRO-1 AT-VAL-6", token(), Err("token_expired"), config="hybrid", at=EXP + 30)


def remote(t: Topic) -> None:
    """What the strategy that always asks refuses before it does."""
    t.config("asking", asking())
    t.config("asking-jwts", asking(opaque_tokens=False))
    t.config("asking-small", asking() | {"max_token_bytes": 100})
    foreign = token(body=claims(iss=OTHER_ISSUER))
    t.validate(
        "foreign",
        "The issuer of a JWT is read, and is another",
        "INTRO-1 AT-VAL-3",
        foreign,
        Err("issuer_unknown"),
        config="asking",
        flags="forgery",
    )
    t.validate(
        "opaque-not-taken",
        "No JWT, where only JWTs are asked about",
        "INTRO-1",
        "opaque",
        Err("token_malformed"),
        config="asking-jwts",
    )
    for name, sent in {
        "two-dots": "a.b.c",
        "two-dots-empty": "..",
        "four-dots": "a.b.c.d.e",
        "blank": "a b",
        "empty": "",
        "padding-alone": "==",
        "padding-inside": "a=b",
        "quote": 'a"b',
        "newline": "a\nb",
        "colon": "a:b",
        "non-ascii": "\u00e9",
        "nul": "a\u0000",
    }.items():
        t.validate(
            f"garbage-{name}",
            f"Neither a JWT nor a bearer token: {name}",
            "INTRO-1 JOSE-4 T174",
            sent,
            Err("token_malformed"),
            config="asking",
            flags="parser",
        )
    t.validate("garbage-octets", "No text", "INTRO-1 JOSE-4", b"\xff\xfe", Err("token_malformed"), config="asking")
    t.validate(
        "large",
        "Larger than anything that is looked at",
        "INTRO-1 JOSE-5 T54",
        "a" * 101,
        Err("token_too_large"),
        config="asking-small",
        at=NOW,
        flags="boundary",
    )
