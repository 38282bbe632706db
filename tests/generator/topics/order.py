"""Two faults at once: the earlier check of the settled order names the error."""

from __future__ import annotations

from ..build import DROP, EXP, NOW, OTHER_API, Topic, claims, header, token
from ..common import config, topic
from ..encoding import b64u
from ..expect import Err
from ..jose import make
from .binding import JKT

UNKNOWN_ISSUER = {"iss": "https://unknown.example/"}


def build() -> list[Topic]:
    """The files of this topic."""
    t = topic("order", "Two rules broken at once: the order of checks decides.")
    t.config("limited", config(max_lifetime_seconds=60, required_claims=["org_id"]))
    before_signature(t)
    after_signature(t)
    demands(t)
    return [t]


def before_signature(t: Topic) -> None:
    """Size, shape, header, crit, claims JSON, iss, typ, alg, key, signature."""
    rules = "JOSE-9 AT-VAL-5"
    bad_claims = "{"
    cases = (
        ("size-before-shape", "x" * 16385, Err("token_too_large")),
        ("shape-before-header", f"{b64u(b'{')}.{b64u(b'{}')}", Err("token_malformed")),
        ("empty-part-before-crit", make(header(crit=["x"]), "", "ES256", "p256-a"), Err("token_malformed")),
        ("empty-part-before-large-header", make(header(x="y" * 4096), "", "ES256", "p256-a"), Err("token_malformed")),
        (
            "crit-before-claims-json",
            make(header(crit=["x"]), bad_claims, "ES256", "p256-a"),
            Err("critical_header_unsupported"),
        ),
        ("claims-json-before-typ", make(header(typ="JWT"), bad_claims, "ES256", "p256-a"), Err("token_malformed")),
        ("claims-json-before-alg", make(header(alg="none"), bad_claims, "ES256", "p256-a"), Err("token_malformed")),
        ("crit-before-iss", token(header(crit=["x"]), claims(**UNKNOWN_ISSUER)), Err("critical_header_unsupported")),
        ("iss-before-typ", token(header(typ="JWT"), claims(**UNKNOWN_ISSUER)), Err("issuer_unknown")),
        ("iss-before-alg", token(header(alg="none"), claims(**UNKNOWN_ISSUER)), Err("issuer_unknown")),
        (
            "iss-missing-before-typ",
            token(header(typ="JWT"), claims(iss=DROP)),
            Err("claim_missing", claim="iss", authenticated=False),
        ),
        ("typ-before-alg", token(header(typ="JWT", alg="none")), Err("type_mismatch")),
        ("typ-before-key", token(header(typ="JWT", kid="x")), Err("type_mismatch")),
        ("alg-before-key", token(header(alg="none", kid="x")), Err("algorithm_not_allowed")),
        ("alg-before-signature", make(header(alg="HS256"), claims(), "ES256", "p256-b"), Err("algorithm_not_allowed")),
        ("key-before-signature", token(header(kid="x"), key="p256-b"), Err("key_not_found")),
        ("mismatch-before-signature", make(header(alg="ES384"), claims(), "ES384", "p384"), Err("key_mismatch")),
        ("signature-before-claim-type", token(body=claims(exp="x"), key="p256-b"), Err("signature_invalid")),
        ("signature-before-missing", token(body=claims(sub=DROP), key="p256-b"), Err("signature_invalid")),
        ("signature-before-audience", token(body=claims(aud=OTHER_API), key="p256-b"), Err("signature_invalid")),
        ("signature-before-expiry", token(body=claims(exp=1), key="p256-b"), Err("signature_invalid")),
        ("signature-before-binding", token(body=claims(cnf={}), key="p256-b"), Err("signature_invalid")),
    )
    for name, made, error in cases:
        t.validate(name, f"Order: {name}", rules, made, error, flags="order")


def after_signature(t: Topic) -> None:
    """Claim types, kind, required claims, aud, exp, nbf, iat, lifetime, binding."""
    rules = "AT-CLM-1 AT-VAL-4 AT-VAL-6"
    for name, over, error in (
        ("type-before-missing", {"sub": DROP, "jti": 5, "org_id": "o"}, Err("claim_malformed", claim="jti")),
        ("type-before-audience", {"aud": OTHER_API, "nbf": "x", "org_id": "o"}, Err("claim_malformed", claim="nbf")),
        ("cnf-type-before-audience", {"aud": OTHER_API, "cnf": {}, "org_id": "o"}, Err("claim_malformed", claim="cnf")),
        ("missing-before-audience", {"aud": OTHER_API, "jti": DROP, "org_id": "o"}, Err("claim_missing", claim="jti")),
        ("configured-missing-before-audience", {"aud": OTHER_API}, Err("claim_missing", claim="org_id")),
        (
            "missing-before-expiry",
            {"exp": 1, "client_id": DROP, "org_id": "o"},
            Err("claim_missing", claim="client_id"),
        ),
        ("audience-before-expiry", {"aud": OTHER_API, "exp": 1, "org_id": "o"}, Err("audience_mismatch")),
        ("audience-before-binding", {"aud": OTHER_API, "cnf": {"jkt": JKT}, "org_id": "o"}, Err("audience_mismatch")),
        ("expiry-before-nbf", {"exp": 1, "nbf": EXP, "org_id": "o"}, Err("token_expired")),
        ("expiry-before-iat", {"exp": 1, "iat": EXP, "org_id": "o"}, Err("token_expired")),
        ("nbf-before-iat", {"nbf": EXP, "iat": EXP, "org_id": "o"}, Err("token_not_yet_valid")),
        ("iat-before-lifetime", {"iat": EXP, "exp": EXP + 3600, "org_id": "o"}, Err("token_issued_in_future")),
        ("expiry-before-lifetime", {"exp": NOW - 30, "iat": 1, "org_id": "o"}, Err("token_expired")),
        ("lifetime-before-binding", {"cnf": {"jkt": JKT}, "org_id": "o"}, Err("lifetime_exceeded")),
    ):
        t.validate(name, f"Order: {name}", rules, token(body=claims(**over)), error, config="limited", flags="order")


def demands(t: Topic) -> None:
    """Binding, then authentication, scopes, permissions, roles, groups, entitlements."""
    asked = {
        "scopes": ["s"],
        "permissions": ["p"],
        "roles": ["r"],
        "groups": ["g"],
        "entitlements": ["e"],
        "acr_values": ["gold"],
    }
    held: dict[str, object] = {}
    steps = (
        ("binding-first", {"cnf": {"jkt": JKT}}, Err("binding_missing")),
        ("authentication-second", {}, Err("authentication_insufficient", claim="acr")),
        ("scopes-third", {"acr": "gold"}, Err("scope_insufficient")),
        ("permissions-fourth", {"scope": "s"}, Err("permission_insufficient", claim="permissions")),
        ("roles-fifth", {"permissions": ["p"]}, Err("permission_insufficient", claim="roles")),
        ("groups-sixth", {"roles": ["r"]}, Err("permission_insufficient", claim="groups")),
        ("entitlements-last", {"groups": ["g"]}, Err("permission_insufficient", claim="entitlements")),
        ("all-held", {"entitlements": ["e"]}, None),
    )
    for name, more, error in steps:
        if name != "binding-first":
            held |= more
        made = token(body=claims(**(more if name == "binding-first" else held)))
        t.validate(
            name,
            f"Order of demands: {name}",
            "AT-VAL-9",
            made,
            error or "rfc9068",
            require=asked,
            flags="order" if error else "valid",
        )
    t.validate(
        "expiry-before-demands",
        "Order: an expired token that lacks the scope",
        "AT-VAL-9 AT-VAL-7",
        token(body=claims(exp=1)),
        Err("token_expired"),
        require=asked,
        flags="order",
    )
