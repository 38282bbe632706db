"""What one login expects of its ID token: nonce, authentication, and what came beside it."""

from __future__ import annotations

import hashlib
from typing import Any

from ..build import DROP, EXP, IAT, NOW, OTHER_ISSUER, Topic
from ..common import ASYMMETRIC, jwks, verifying_jwk
from ..encoding import b64u
from ..expect import Err
from ..jose import Token
from .id_tokens import ACCESS_TOKEN, CODE, NONCE, SENT, STATE, config, half, header, token


def build() -> list[Topic]:
    """The files of this topic."""
    t = Topic("id_token_logins", "ID tokens against what their login expects of them.")
    t.config("base", config())
    t.config("every-algorithm", config(jwks=jwks(*map(verifying_jwk, ASYMMETRIC))))
    for part in (nonces, authentication, hashes, order, arguments):
        part(t)
    return [t]


def nonces(t: Topic) -> None:
    """The nonce of the request comes back, and no other."""
    t.config("any-nonce", config(danger_any_nonce=True))
    mismatch, missing = Err("claim_mismatch", claim="nonce"), Err("claim_missing", claim="nonce")
    fresh = {"nonce": NONCE, "refreshed": True}
    cases: tuple[tuple[str, str, Any, Any, Err | None, str], ...] = (
        ("missing", "One was sent, none came back", DROP, SENT, missing, "base"),
        ("other", "Another came back", "other", SENT, mismatch, "base"),
        ("longer", "A longer one", f"{NONCE}0", SENT, mismatch, "base"),
        ("shorter", "A shorter one", NONCE[:-1], SENT, mismatch, "base"),
        ("case", "In another letter case", NONCE.lower(), SENT, mismatch, "base"),
        ("empty", "An empty one", "", SENT, mismatch, "base"),
        ("letters", "Letters beyond ASCII", "\u00e9\U0001f600", {"nonce": "\u00e9\U0001f600"}, None, "base"),
        ("none", "None was sent, none came", DROP, None, None, "base"),
        ("none-empty", "An object without members expects nothing", DROP, {}, None, "base"),
        ("injected", "None was sent, one came: the token of another login", NONCE, None, mismatch, "base"),
        ("injected-empty", "An empty one came", "", {}, mismatch, "base"),
        ("any", "Any is accepted, by a name that says so", NONCE, None, None, "any-nonce"),
        ("any-other", "The one that was sent is asked for all the same", "other", SENT, mismatch, "any-nonce"),
        ("any-missing", "And must be there", DROP, SENT, missing, "any-nonce"),
        ("refreshed", "After a refresh it may be gone", DROP, fresh, None, "base"),
        ("refreshed-kept", "Or still be there", NONCE, fresh, None, "base"),
        ("refreshed-other", "But be no other", "other", fresh, mismatch, "base"),
        ("refreshed-injected", "Nor one that was never sent", NONCE, {"refreshed": True}, mismatch, "base"),
        ("not-refreshed", "False is no refresh", DROP, {"nonce": NONCE, "refreshed": False}, missing, "base"),
    )
    for name, comment, held, require, error, chosen in cases:
        flags = "forgery" if "injected" in name else ""
        t.validate_id_token(
            f"nonce-{name}", comment, "IDT-1", token(nonce=held), error, config=chosen, require=require, flags=flags
        )


def authentication(t: Topic) -> None:
    """max_age and acr_values, as the request had them."""
    stale, context = (
        Err("authentication_insufficient", claim="auth_time"),
        Err("authentication_insufficient", claim="acr"),
    )
    for name, auth_time, max_age, error in (
        ("reached", NOW - 90, 60, None),
        ("exceeded", NOW - 90.5, 60, stale),
        ("zero", NOW - 30, 0, None),
        ("zero-exceeded", NOW - 31, 0, stale),
        ("future", NOW + 100, 60, None),
        ("missing", DROP, 60, stale),
    ):
        t.validate_id_token(
            f"max-age-{name}",
            f"Authenticated {'never' if auth_time is DROP else NOW - auth_time} s ago, max_age {max_age}",
            "IDT-1 STEP-1",
            token(auth_time=auth_time),
            error,
            require=SENT | {"max_age": max_age},
            flags="boundary",
        )
    t.validate_id_token("max-age-none", "No age is asked for", "IDT-1", token(auth_time=5), require=SENT)
    for name, acr, accepted, error in (
        ("only", "gold", ["gold"], None),
        ("second", "gold", ["platinum", "gold"], None),
        ("none", "gold", [], None),
        ("other", "silver", ["platinum", "gold"], context),
        ("case", "Gold", ["gold"], context),
        ("missing", DROP, ["gold"], context),
        ("empty", "", ["gold"], context),
    ):
        t.validate_id_token(
            f"acr-{name}",
            f"acr is {'absent' if acr is DROP else acr!r} where {accepted} are asked for",
            "IDT-1 STEP-1",
            token(acr=acr),
            error,
            require=SENT | {"acr_values": accepted},
        )
    t.validate_id_token(
        "max-age-before-acr",
        "Both fail",
        "IDT-1",
        token(acr="silver", auth_time=5),
        stale,
        require=SENT | {"max_age": 60, "acr_values": ["gold"]},
        flags="order",
    )


def hashes(t: Topic) -> None:
    """What came beside the token belongs to it."""
    rules = "IDT-1"
    t.config("secret", config(jwks=jwks(verifying_jwk("HS384")), algorithms=["HS384"]))
    bits = {"RS256": "256", "PS256": "256", "ES256": "256", "RS384": "384", "ES384": "384", "PS384": "384"}
    bits |= {"HS384": "384"} | dict.fromkeys(("RS512", "PS512", "ES512", "EdDSA", "Ed25519"), "512")
    for alg, size in bits.items():
        chosen = "secret" if alg == "HS384" else "every-algorithm"
        came = SENT | {"access_token": ACCESS_TOKEN, "code": CODE, "state": STATE, "require_hashes": True}
        whole = {"at_hash": half(ACCESS_TOKEN, size), "c_hash": half(CODE, size), "s_hash": half(STATE, size)}
        t.validate_id_token(
            f"hash-{alg.lower()}",
            f"Half of a SHA-{size} under {alg}",
            rules,
            token(alg=alg, **whole),
            config=chosen,
            require=came,
        )
        other = "256" if size != "256" else "384"
        for claim, value in (("at_hash", ACCESS_TOKEN), ("c_hash", CODE), ("s_hash", STATE)):
            t.validate_id_token(
                f"hash-{alg.lower()}-{claim[0]}-sha{other}",
                f"{claim} by SHA-{other} under {alg}",
                rules,
                token(alg=alg, **whole | {claim: half(value, other)}),
                Err("claim_mismatch", claim=claim),
                config=chosen,
                require=came,
            )
    for claim, member, value in (
        ("at_hash", "access_token", ACCESS_TOKEN),
        ("c_hash", "code", CODE),
        ("s_hash", "state", STATE),
    ):
        mismatch, missing = Err("claim_mismatch", claim=claim), Err("claim_missing", claim=claim)
        digest = hashlib.sha256(value.encode()).digest()
        good, came = half(value), SENT | {member: value}
        for name, comment, held, require, error in (
            ("good", "It is that of the value", good, came, None),
            ("other", "Of another value", half("other"), came, mismatch),
            ("whole", "The whole hash", b64u(digest), came, mismatch),
            ("right", "The right half", b64u(digest[16:]), came, mismatch),
            ("padded", "With padding", f"{good}==", came, mismatch),
            ("bits", "With other bits at its end", good[:-1] + chr(ord(good[-1]) + 1), came, mismatch),
            ("plain", "In the standard alphabet, or in hexadecimal", digest[:16].hex(), came, mismatch),
            ("empty", "Empty", "", came, mismatch),
            ("absent", "It is optional", DROP, came, None),
            ("required", "Unless it is not", DROP, came | {"require_hashes": True}, missing),
            ("not-required", "False asks for nothing", DROP, came | {"require_hashes": False}, None),
            ("unasked", "Nothing came to compare it with", half("other"), SENT | {"require_hashes": True}, None),
        ):
            t.validate_id_token(
                f"{claim}-{name}", f"{claim}: {comment}", rules, token(**{claim: held}), error, require=require
            )
    t.validate_id_token(
        "hashes-order",
        "All three are wrong",
        rules,
        token(at_hash="x", c_hash="x", s_hash="x"),
        Err("claim_mismatch", claim="at_hash"),
        require=SENT | {"access_token": "a", "code": "c", "state": "s"},
        flags="order",
    )


def order(t: Topic) -> None:
    """Each case breaks two rules; the earlier one names the error."""
    wrong = {"nonce": "other"}
    cases: tuple[tuple[str, Token, Err], ...] = (
        ("issuer-before-type", token(header(typ="at+jwt"), iss=OTHER_ISSUER), Err("issuer_unknown")),
        (
            "type-before-alg",
            token(header("RS256", typ="at+jwt"), alg="RS256"),
            Err("type_mismatch", kind="access_token"),
        ),
        ("alg-before-key", token(header("HS256"), alg="HS256"), Err("algorithm_not_allowed", authenticated=False)),
        ("signature-before-claims", token(key="p256-b", exp=5, sub=5), Err("signature_invalid", authenticated=False)),
        ("form-before-kind", token(sub=5, events={}), Err("claim_malformed", claim="sub")),
        ("kind-before-required", token(sub=DROP, events={}), Err("kind_mismatch", kind="security_event")),
        ("required-before-audience", token(exp=DROP, aud="other"), Err("claim_missing", claim="exp")),
        ("audience-before-azp", token(aud="other", azp="other"), Err("audience_mismatch")),
        ("azp-before-times", token(azp="other", exp=IAT), Err("claim_mismatch", claim="azp")),
        ("exp-before-nbf", token(exp=IAT, nbf=EXP), Err("token_expired")),
        ("nbf-before-iat", token(nbf=EXP, iat=EXP), Err("token_not_yet_valid")),
        ("times-before-nonce", token(exp=IAT, **wrong), Err("token_expired")),
        ("nonce-before-age", token(**wrong), Err("claim_mismatch", claim="nonce")),
    )
    for name, made, error in cases:
        t.validate_id_token(
            f"order-{name}", name.replace("-", " "), "IDT-1", made, error, require=SENT | {"max_age": 1}, flags="order"
        )
    t.validate_id_token(
        "order-age-before-hash",
        "age before hash",
        "IDT-1",
        token(at_hash="x"),
        Err("authentication_insufficient", claim="auth_time"),
        require=SENT | {"max_age": 1, "access_token": "a"},
        flags="order",
    )


def arguments(t: Topic) -> None:
    """What is no set of checks."""
    refused = Err("argument_invalid", authenticated=False)
    for name, require in (
        ("unknown", {"nonse": NONCE}),
        ("scopes", {"scopes": ["openid"]}),
        ("nonce-empty", {"nonce": ""}),
        ("nonce-number", {"nonce": 5}),
        ("access-token-empty", SENT | {"access_token": ""}),
        ("code-empty", SENT | {"code": ""}),
        ("state-empty", SENT | {"state": ""}),
        ("max-age-negative", SENT | {"max_age": -1}),
        ("max-age-fraction", SENT | {"max_age": 1.5}),
        ("max-age-text", SENT | {"max_age": "60"}),
        ("max-age-large", SENT | {"max_age": 2**32}),
        ("acr-text", SENT | {"acr_values": "gold"}),
        ("acr-number", SENT | {"acr_values": [1]}),
        ("hashes-text", SENT | {"require_hashes": "true"}),
        ("refreshed-number", SENT | {"refreshed": 1}),
        ("array", []),
        ("twice", '{"nonce":"n-0S6_WzA2Mj","nonce":"n-0S6_WzA2Mj"}'),
    ):
        t.validate_id_token(f"checks-{name}", f"Checks: {name}", "IDT-1", token(), refused, require=require)
    t.validate_id_token(
        "checks-null-members",
        "A member that is null was not given",
        "IDT-1",
        token(),
        require=SENT | {"max_age": None, "acr_values": None, "code": None},
    )
    t.validate_id_token(
        "checks-max-age-most", "The longest age", "IDT-1", token(auth_time=5), require=SENT | {"max_age": 2**32 - 1}
    )
    t.validate_id_token(
        "now-far", "A time that is none", "IDT-1", token(), refused, at=1e13, require=SENT, flags="boundary"
    )
