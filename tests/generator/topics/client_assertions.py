"""Client assertions before an authorization server: types, claims, audiences, times (RFC 7523 §3)."""

from __future__ import annotations

from typing import Any

from ..build import CLIENT, DROP, ISSUER, NOW, OTHER_ISSUER, Topic
from ..common import KEY_FOR, jwks, verifying_jwk
from ..encoding import Raw
from ..expect import OPEN, Err
from ..jose import Token, make

TYPE = "client-authentication+jwt"
TOKEN_ENDPOINT = f"{ISSUER}token"
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
RULES = "ASSERT-1"


def client(client_id: str = CLIENT, **over: Any) -> dict[str, Any]:
    """A client with the usual key, unless it authenticates otherwise."""
    keys = {} if {"jwks", "jwks_uri", "client_secret"} & set(over) else {"jwks": jwks(verifying_jwk("ES256"))}
    return {"client_id": client_id} | keys | over


def server(*clients: dict[str, Any], **over: Any) -> dict[str, Any]:
    """An authorization server and its clients."""
    return {"issuer": ISSUER, "clients": list(clients or (client(),))} | over


def claims(**over: Any) -> dict[str, Any]:
    """The claims of a good assertion; DROP leaves one out, a new one goes last."""
    base: dict[str, Any] = {
        "iss": CLIENT,
        "sub": CLIENT,
        "aud": ISSUER,
        "exp": NOW + 60,
        "iat": NOW,
        "jti": "assertion-1",
    }
    return {name: value for name, value in (base | over).items() if value is not DROP}


def header(alg: str = "ES256", **over: Any) -> dict[str, Any]:
    """The header of a good assertion."""
    base: dict[str, Any] = {"typ": TYPE, "alg": alg, "kid": alg.lower()} | over
    return {name: value for name, value in base.items() if value is not DROP}


def assertion(head: Any = None, alg: str = "ES256", key: str | None = None, **over: Any) -> Token:
    """An assertion, signed by the client's key unless told otherwise; claims are given by name."""
    return make(header(alg) if head is None else head, claims(**over), alg, key or KEY_FOR[alg])


def build() -> list[Topic]:
    """The files of this topic."""
    t = Topic("client_assertions", "Client assertions before an authorization server, whose issuer is their audience.")
    t.config("base", server())
    t.config("jwt", server(danger_jwt_type=True))
    t.config("endpoint", server(danger_token_endpoint_audience=[TOKEN_ENDPOINT]))
    for part in (types, kinds, issuers, forms, missing, subjects, audiences, times, lifetimes, order):
        part(t)
    return [t]


def types(t: Topic) -> None:
    """The media type, which may be left out, or be no other (RFC 7523bis)."""
    t.validate_client_assertion("plain", "A plain assertion", RULES, assertion())
    good = {
        "none": DROP,
        "prefixed": f"application/{TYPE}",
        "upper": TYPE.upper(),
        "mixed": "Application/Client-Authentication+JWT",
    }
    for name, typ in good.items():
        t.validate_client_assertion(
            f"type-{name}", f"Type: {name}", "ASSERT-1 T203", assertion(header(typ=typ)), flags="valid"
        )
    for name, typ, kind in (
        ("jwt", "JWT", None),
        ("jwt-prefixed", "application/jwt", None),
        ("access-token", "at+jwt", "access_token"),
        ("dpop", "dpop+jwt", "dpop_proof"),
        ("logout", "logout+jwt", "logout_token"),
        ("introspection", "token-introspection+jwt", "introspection_response"),
        ("event", "secevent+jwt", "security_event"),
        ("request-object", "application/oauth-authz-req+jwt", "request_object"),
        ("grant", "authorization-grant+jwt", None),
        ("empty", "", None),
        ("number", 1, None),
        ("null", None, None),
        ("array", [TYPE], None),
        ("space", f"{TYPE} ", None),
        ("other-prefix", f"text/{TYPE}", None),
        ("doubly-prefixed", f"application/application/{TYPE}", None),
        ("parameter", f"{TYPE}; charset=utf-8", None),
    ):
        t.validate_client_assertion(
            f"type-{name}",
            f"Type: {name}",
            "ASSERT-1 KIND-1 T203",
            assertion(header(typ=typ)),
            Err("type_mismatch", kind=kind),
        )
    for name, typ in (("jwt", "JWT"), ("lower", "jwt"), ("prefixed", "application/JWT"), ("own", TYPE), ("none", DROP)):
        t.validate_client_assertion(
            f"danger-jwt-{name}", f"Where `JWT` is accepted: {name}", RULES, assertion(header(typ=typ)), config="jwt"
        )
    t.validate_client_assertion(
        "danger-jwt-other",
        "Where `JWT` is accepted, an access token's type is not",
        "ASSERT-1 KIND-1",
        assertion(header(typ="at+jwt")),
        Err("type_mismatch", kind="access_token"),
        config="jwt",
    )


def kinds(t: Topic) -> None:
    """Other tokens under a client's key, told by what they hold where no type tells."""
    for name, more, kind in (
        ("nonce", {"nonce": "n"}, "id_token"),
        ("at-hash", {"at_hash": "h"}, "id_token"),
        ("c-hash", {"c_hash": "h"}, "id_token"),
        ("logout", {"events": {LOGOUT: {}}}, "logout_token"),
        ("event", {"events": {"https://example.com/event": {}}}, "security_event"),
        ("introspection", {"token_introspection": {"active": True}}, "introspection_response"),
        ("htm", {"htm": "POST"}, "dpop_proof"),
        ("htu", {"htu": TOKEN_ENDPOINT}, "dpop_proof"),
        ("response-type", {"response_type": "code", "client_id": CLIENT}, "request_object"),
        ("redirect-uri", {"redirect_uri": "https://client.example/"}, "request_object"),
    ):
        error = Err("kind_mismatch", kind=kind)
        rules = "ASSERT-1 KIND-1 T203"
        t.validate_client_assertion(
            f"kind-{name}", f"Without a type: {name}", rules, assertion(header(typ=DROP), **more), error
        )
        t.validate_client_assertion(
            f"kind-{name}-jwt", f"As `JWT`: {name}", rules, assertion(header(typ="JWT"), **more), error, config="jwt"
        )
        t.validate_client_assertion(
            f"kind-{name}-typed", f"The type decides where there is one: {name}", rules, assertion(**more)
        )
    t.validate_client_assertion(
        "kind-mistyped",
        "What has another type is told by what it holds as well",
        "ASSERT-1 KIND-1",
        assertion(header(typ="JWT"), nonce="n"),
        Err("type_mismatch", kind="id_token"),
    )
    t.validate_client_assertion(
        "kind-proof",
        "A DPoP proof names no issuer at all",
        "ASSERT-1 KIND-1 T203",
        assertion(header(typ="dpop+jwt"), iss=DROP, sub=DROP, aud=DROP, htm="POST", htu=TOKEN_ENDPOINT),
        Err("claim_missing", claim="iss", authenticated=False),
    )
    t.validate_client_assertion(
        "kind-access-token",
        "An access token of this server, whose issuer is no client",
        "ASSERT-1 KIND-1 T203",
        assertion(header(typ="at+jwt"), iss=ISSUER, client_id=CLIENT),
        Err("issuer_unknown", claim="iss"),
    )


def issuers(t: Topic) -> None:
    """`iss` names the client, before anything is believed."""
    for name, value, code in (
        ("absent", DROP, "claim_missing"),
        ("number", 7, "claim_malformed"),
        ("null", None, "claim_malformed"),
        ("array", [CLIENT], "claim_malformed"),
        ("empty", "", "issuer_unknown"),
        ("other", "client-8", "issuer_unknown"),
        ("case", CLIENT.upper(), "issuer_unknown"),
        ("space", f"{CLIENT} ", "issuer_unknown"),
        ("prefix", CLIENT[:-1], "issuer_unknown"),
        ("server", ISSUER, "issuer_unknown"),
    ):
        made = assertion(iss=value, sub=value if isinstance(value, str) else CLIENT)
        t.validate_client_assertion(
            f"iss-{name}", f"Issuer: {name}", "ASSERT-1 T203", made, Err(code, claim="iss", authenticated=False)
        )


def forms(t: Topic) -> None:
    """Claims of a wrong type."""
    wrong: dict[str, dict[str, Any]] = {
        "sub": {"number": 7, "null": None, "empty": "", "array": [CLIENT]},
        "aud": {"number": 7, "null": None, "object": {}, "number-in-array": [7], "null-in-array": [None]},
        "exp": {"text": str(NOW + 60), "null": None, "negative": -1, "huge": Raw("1e999"), "object": {}},
        "iat": {"text": str(NOW), "null": None, "negative": -1, "boolean": True},
        "nbf": {"text": str(NOW), "null": None, "negative": -1},
        "jti": {"number": 7, "null": None, "empty": "", "array": ["assertion-1"]},
    }
    for claim, values in wrong.items():
        for name, value in values.items():
            t.validate_client_assertion(
                f"{claim}-{name}",
                f"`{claim}`: {name}",
                "ASSERT-1 T203",
                assertion(**{claim: value}),
                Err("claim_malformed", claim=claim),
            )
    t.validate_client_assertion(
        "other-claims",
        "Claims of other tokens are not looked at",
        RULES,
        assertion(scope=7, client_id=None, cnf="x", azp=[]),
    )


def missing(t: Topic) -> None:
    """What must be there, and what need not be (RFC 7523 §3)."""
    for claim in ("sub", "aud", "exp", "jti"):
        t.validate_client_assertion(
            f"no-{claim}",
            f"Without `{claim}`",
            "ASSERT-1 T203",
            assertion(**{claim: DROP}),
            Err("claim_missing", claim=claim),
        )
    t.validate_client_assertion("no-iat", "Without `iat`", RULES, assertion(iat=DROP))


def subjects(t: Topic) -> None:
    """The subject is the client, and so is who is named beside the assertion (RFC 7521 §4.2)."""
    for name, value in (
        ("other", "client-8"),
        ("user", "auth0|123456"),
        ("case", CLIENT.upper()),
        ("suffix", f"{CLIENT}@clients"),
        ("longer", f"{CLIENT}0"),
    ):
        t.validate_client_assertion(
            f"sub-{name}",
            f"Another subject: {name}",
            "ASSERT-1 T203",
            assertion(sub=value),
            Err("claim_mismatch", claim="sub"),
        )
    t.validate_client_assertion(
        "sub-escaped", "The same subject, spelled otherwise", RULES, assertion(sub=Raw('"client\\u002d7"'))
    )
    t.validate_client_assertion(
        "client-id", "`client_id` beside it names the same client", RULES, assertion(), require={"client_id": CLIENT}
    )
    for name, value in (("other", "client-8"), ("empty", ""), ("case", CLIENT.upper())):
        t.validate_client_assertion(
            f"client-id-{name}",
            f"`client_id` beside it names another: {name}",
            "ASSERT-1 T203",
            assertion(),
            Err("claim_mismatch", claim="iss"),
            require={"client_id": value},
        )
    t.validate_client_assertion(
        "require-unknown",
        "Something else is required",
        RULES,
        assertion(),
        Err("argument_invalid", claim=OPEN),
        require={"client": CLIENT},
    )


def audiences(t: Topic) -> None:
    """One audience, which is this server (RFC 7523bis)."""
    rules = "ASSERT-1 T203"
    t.validate_client_assertion("aud-array", "The server alone, in an array", rules, assertion(aud=[ISSUER]))
    wrong: dict[str, Any] = {
        "other": OTHER_ISSUER,
        "slash": ISSUER.rstrip("/"),
        "case": ISSUER.upper(),
        "endpoint": TOKEN_ENDPOINT,
        "empty": "",
        "none": [],
        "other-array": [OTHER_ISSUER],
        "also-other": [ISSUER, OTHER_ISSUER],
        "other-first": [OTHER_ISSUER, ISSUER],
        "also-endpoint": [ISSUER, TOKEN_ENDPOINT],
        "twice": [ISSUER, ISSUER],
        "also-empty": [ISSUER, ""],
        "client": CLIENT,
    }
    for name, value in wrong.items():
        t.validate_client_assertion(
            f"aud-{name}", f"Audience: {name}", rules, assertion(aud=value), Err("audience_mismatch")
        )
    t.validate_client_assertion(
        "aud-many",
        "More audiences than anybody has",
        rules,
        assertion(aud=["x"] * 65),
        Err("token_too_large", claim="aud", authenticated=True),
    )
    for name, value in (("endpoint", TOKEN_ENDPOINT), ("endpoint-array", [TOKEN_ENDPOINT]), ("issuer", ISSUER)):
        t.validate_client_assertion(
            f"danger-{name}",
            f"Where the token endpoint is accepted: {name}",
            rules,
            assertion(aud=value),
            config="endpoint",
        )
    for name, value in (
        ("both", [ISSUER, TOKEN_ENDPOINT]),
        ("other", f"{TOKEN_ENDPOINT}/"),
        ("api", "https://api.example/"),
    ):
        t.validate_client_assertion(
            f"danger-endpoint-{name}",
            f"Where the token endpoint is accepted, still refused: {name}",
            rules,
            assertion(aud=value),
            Err("audience_mismatch"),
            config="endpoint",
        )


def times(t: Topic) -> None:
    """`exp`, `nbf` and `iat`, as of access tokens."""
    t.config("no-leeway", server(leeway_seconds=0))
    for name, config, at, over, code in (
        ("exp-leeway", "base", NOW + 89.5, {}, None),
        ("exp-reached", "base", NOW + 90, {}, "token_expired"),
        ("exp-before", "no-leeway", NOW + 59.5, {}, None),
        ("exp-at", "no-leeway", NOW + 60, {}, "token_expired"),
        ("exp-fraction", "no-leeway", NOW + 60, {"exp": NOW + 60.25}, None),
        ("exp-zero", "base", NOW, {"exp": 0}, "token_expired"),
        ("nbf-leeway", "base", NOW, {"nbf": NOW + 30}, None),
        ("nbf-ahead", "base", NOW, {"nbf": NOW + 30.5}, "token_not_yet_valid"),
        ("nbf-past", "base", NOW, {"nbf": NOW - 3600}, None),
        ("iat-leeway", "base", NOW - 30, {}, None),
        ("iat-ahead", "base", NOW - 30.5, {}, "token_issued_in_future"),
    ):
        result = Err(code) if code else "private_key_jwt"
        t.validate_client_assertion(
            name, f"Times: {name}", "ASSERT-1 T203", assertion(**over), result, config=config, at=at, flags="boundary"
        )


def lifetimes(t: Topic) -> None:
    """How far off `exp` may be: five minutes from now, unless the server says otherwise."""
    t.config("short", server(max_lifetime_seconds=60, leeway_seconds=0))
    t.config("long", server(max_lifetime_seconds=3600))
    error = Err("lifetime_exceeded", claim="exp")
    for name, config, over, held in (
        ("usual", "base", {"exp": NOW + 300}, True),
        ("longer-than-iat", "base", {"exp": NOW + 301}, False),
        ("from-now", "base", {"exp": NOW + 330, "iat": DROP}, True),
        ("too-far", "base", {"exp": NOW + 330.5, "iat": DROP}, False),
        ("year", "base", {"exp": NOW + 31_536_000, "iat": DROP}, False),
        ("end-of-time", "base", {"exp": 253_402_300_799, "iat": DROP}, False),
        ("iat-old", "base", {"exp": NOW + 60, "iat": NOW - 241}, False),
        ("iat-older", "base", {"exp": NOW + 60, "iat": NOW - 240}, True),
        ("short", "short", {"exp": NOW + 60}, True),
        ("short-exceeded", "short", {"exp": NOW + 60.5}, False),
        ("short-without-iat", "short", {"exp": NOW + 61, "iat": DROP}, False),
        ("long", "long", {"exp": NOW + 3600}, True),
        ("long-exceeded", "long", {"exp": NOW + 3601}, False),
    ):
        t.validate_client_assertion(
            f"lifetime-{name}",
            f"Lifetime: {name}",
            "ASSERT-1 T203",
            assertion(**over),
            "private_key_jwt" if held else error,
            config=config,
            flags="boundary",
        )


def order(t: Topic) -> None:
    """Two faults at once: the earlier check names the error."""
    other = {"iss": "client-8", "sub": "client-8"}
    cases: tuple[tuple[str, Token, Err], ...] = (
        ("iss-before-type", assertion(header(typ="JWT"), **other), Err("issuer_unknown", claim="iss")),
        ("type-before-alg", assertion(header(typ="JWT", alg="none")), Err("type_mismatch")),
        ("alg-before-key", assertion(header(alg="none", kid="x")), Err("algorithm_not_allowed")),
        ("key-before-signature", assertion(header(kid="x"), key="p256-b"), Err("key_not_found")),
        ("signature-before-claims", assertion(key="p256-b", sub=7, exp=DROP), Err("signature_invalid")),
        ("form-before-kind", assertion(header(typ=DROP), nonce="n", jti=7), Err("claim_malformed", claim="jti")),
        (
            "kind-before-missing",
            assertion(header(typ=DROP), nonce="n", jti=DROP),
            Err("kind_mismatch", kind="id_token"),
        ),
        ("sub-missing-first", assertion(sub=DROP, aud=DROP, exp=DROP, jti=DROP), Err("claim_missing", claim="sub")),
        ("missing-before-sub", assertion(sub="client-8", jti=DROP), Err("claim_missing", claim="jti")),
        ("sub-before-audience", assertion(sub="client-8", aud=OTHER_ISSUER), Err("claim_mismatch", claim="sub")),
        ("audience-before-expiry", assertion(aud=OTHER_ISSUER, exp=1), Err("audience_mismatch")),
        ("expiry-before-start", assertion(exp=1, nbf=NOW + 100), Err("token_expired")),
        ("start-before-issue", assertion(nbf=NOW + 100, iat=NOW + 100), Err("token_not_yet_valid")),
        ("issue-before-lifetime", assertion(iat=NOW + 100, exp=NOW + 3600), Err("token_issued_in_future")),
    )
    for name, made, error in cases:
        t.validate_client_assertion(f"order-{name}", f"Order: {name}", "ASSERT-1 JOSE-9", made, error, flags="order")
    t.validate_client_assertion(
        "order-sub-before-client-id",
        "Order: the assertion itself comes before what is sent beside it",
        RULES,
        assertion(sub="client-8"),
        Err("claim_mismatch", claim="sub"),
        require={"client_id": "client-8"},
        flags="order",
    )
    t.validate_client_assertion(
        "order-client-id-before-audience",
        "Order: what is sent beside it comes before the audience",
        RULES,
        assertion(aud=OTHER_ISSUER),
        Err("claim_mismatch", claim="iss"),
        require={"client_id": "client-8"},
        flags="order",
    )
