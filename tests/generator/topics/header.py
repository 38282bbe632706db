"""typ, kid, crit and the header parameters that must lead nowhere."""

from __future__ import annotations

from typing import Any

from ..build import API, CLIENT, DROP, ISSUER, Topic, claims, header, token
from ..common import config, jwks, topic, verifying_jwk
from ..expect import Err
from ..jose import make
from ..keys import public_jwk, thumbprint

TYPE = Err("type_mismatch")
CRIT = Err("critical_header_unsupported")
MALFORMED = Err("token_malformed")


def build() -> list[Topic]:
    """The files of this topic."""
    h = topic("header", "crit, b64, kid and the parameters that never lead to a key.")
    crit(h)
    kid(h)
    embedded(h)
    k = topic("kinds", "typ, and the other kinds of JWT presented as access tokens.")
    k.config("both", config(profiles=["rfc9068", "auth0"]))
    typ(k)
    kinds_by_type(k)
    kinds_by_claims(k)
    auth0_kinds(k)
    return [h, k]


def crit(t: Topic) -> None:
    """No extension is understood, so any crit is refused."""
    forms: dict[str, Any] = {
        "unknown": ["x"],
        "empty": [],
        "null": None,
        "string": "x",
        "number": [1],
        "registered": ["alg"],
        "exp": ["exp"],
        "absent-name": ["b64"],
        "duplicate": ["x", "x"],
        "object": {},
        "empty-name": [""],
    }
    for name, value in forms.items():
        t.validate(
            f"crit-{name}",
            f"crit {value!r}",
            "JOSE-2 T30 T31",
            token(header(crit=value)),
            CRIT,
            flags="policy" if name in ("registered", "absent-name") else "",
        )
    t.validate(
        "crit-present-name",
        "crit names a header parameter that is there",
        "JOSE-2 T30 T31",
        token(header(crit=["x"], x=1)),
        CRIT,
    )
    t.validate("b64-false-crit", "b64 false, named in crit", "JOSE-2 T32", token(header(b64=False, crit=["b64"])), CRIT)
    t.validate(
        "b64-true-crit",
        "b64 true, named in crit: any crit is refused",
        "JOSE-2 T32",
        token(header(b64=True, crit=["b64"])),
        CRIT,
    )
    for name, value in {"false": False, "null": None, "string": "true", "zero": 0, "one": 1}.items():
        t.validate(f"b64-{name}", f"b64 {value!r} without crit", "JOSE-2 T32", token(header(b64=value)), CRIT)
    t.validate("b64-true", "b64 true says nothing new", "JOSE-2 T32", token(header(b64=True)))
    t.validate(
        "auth0-crit",
        "crit under the auth0 profile",
        "JOSE-2 T30",
        token(header("auth0", crit=["x"]), claims("auth0")),
        CRIT,
        config="auth0",
    )


def kid(t: Topic) -> None:
    """kid is an opaque string that selects exactly one key."""
    wrong: dict[str, Any] = {"number": 1, "array": ["es256"], "null": None, "object": {}, "true": True}
    for name, value in wrong.items():
        t.validate(f"kid-{name}", f"kid is a JSON {name}", "JOSE-5 T16", token(header(kid=value)), MALFORMED)
    opaque = {
        "traversal": "../../../../dev/null",
        "sql": "es256' OR '1'='1",
        "shell": "es256;id",
        "nul": "es256\0",
        "emoji": "\U0001f511",
        "case": "ES256",
        "prefix": "es25",
        "longer": "es2566",
        "empty": "",
        "space": "es256 ",
        "proto": "__proto__",
        "url": "https://evil.example/key",
    }
    for name, text in opaque.items():
        t.validate(
            f"kid-{name}",
            f"kid {text!r} is no key's",
            "JOSE-9 T15 T41",
            token(header(kid=text)),
            Err("key_not_found"),
            flags="forgery",
        )
    one = verifying_jwk("ES256")
    t.validate("kid-absent-one-key", "No kid, one key", "JOSE-1 T17", token(header(kid=DROP)))
    t.config("two-kinds", config(jwks=jwks(one, verifying_jwk("RS256"))))
    t.validate(
        "kid-absent-one-fits",
        "No kid, two keys, one fits the algorithm",
        "JOSE-1 T17",
        token(header(kid=DROP)),
        config="two-kinds",
    )
    t.config("two-fit", config(jwks=jwks(one, public_jwk("p256-b", kid="b", alg="ES256"))))
    t.validate(
        "kid-absent-two-fit",
        "No kid, two keys fit: never tried in turn",
        "JOSE-1 T17",
        token(header(kid=DROP)),
        Err("key_ambiguous"),
        config="two-fit",
    )
    t.validate("kid-names-first", "With kid, the first of two that fit", "JOSE-1 T17", token(), config="two-fit")
    t.validate(
        "kid-names-second",
        "With kid, the second of two that fit",
        "JOSE-1 T17",
        token(header(kid="b"), key="p256-b"),
        config="two-fit",
    )
    t.validate(
        "kid-names-wrong-one",
        "The named key is the only one tried",
        "JOSE-1 T17",
        token(header(kid="b")),
        Err("signature_invalid"),
        config="two-fit",
        flags="forgery",
    )
    t.config("none-fits", config(jwks=jwks(verifying_jwk("RS256"), verifying_jwk("ES384"))))
    t.validate(
        "kid-absent-none-fits",
        "No kid, and no key fits the algorithm",
        "JOSE-1 T17",
        token(header(kid=DROP)),
        Err("key_not_found"),
        config="none-fits",
    )
    t.config("use-enc-beside", config(jwks=jwks(one, public_jwk("p256-b", kid="e", use="enc", alg="ES256"))))
    t.validate(
        "kid-absent-other-is-enc",
        "No kid, the other key is for encryption",
        "JOSE-1 T17 T10",
        token(header(kid=DROP)),
        config="use-enc-beside",
    )
    t.config("same-kid", config(jwks=jwks(one, public_jwk("p256-b", kid="es256", alg="ES256"))))
    for key in ("p256-a", "p256-b"):
        t.validate(
            f"kid-shared-{key}",
            "Two usable keys under one kid: neither wins",
            "JOSE-1 T18",
            token(key=key),
            Err("key_ambiguous"),
            config="same-kid",
        )
    t.config("same-kid-other-kty", config(jwks=jwks(public_jwk("rsa-2048-a", kid="k"), public_jwk("p256-a", kid="k"))))
    t.validate(
        "kid-shared-other-kty",
        "One kid on an RSA and an EC key: the algorithm leaves one",
        "JOSE-1 T18",
        token(header(kid="k")),
        config="same-kid-other-kty",
    )
    bare = public_jwk("p256-a", alg="ES256")
    t.config("bare", config(jwks=jwks(bare, public_jwk("p256-b", alg="ES256"))))
    t.validate(
        "kid-thumbprint",
        "A JWK without kid is named by its thumbprint",
        "JOSE-10",
        token(header(kid=thumbprint(bare))),
        config="bare",
    )
    t.validate(
        "kid-thumbprint-other",
        "The thumbprint of a key that is not there",
        "JOSE-10",
        token(header(kid=thumbprint(public_jwk("p384")))),
        Err("key_not_found"),
        config="bare",
    )
    t.validate(
        "kid-stated-hides-thumbprint",
        "A JWK with kid does not answer to its thumbprint",
        "JOSE-10 T15",
        token(header(kid=thumbprint(bare))),
        Err("key_not_found"),
    )


def embedded(t: Topic) -> None:
    """jwk, jku, x5u, x5c and x5t in the header are ignored."""
    attacker = public_jwk("p256-b", kid="es256", alg="ES256")
    pointers: dict[str, Any] = {
        "jwk": attacker,
        "jku": "http://169.254.169.254/latest/meta-data/",
        "x5u": "http://127.0.0.1:1/cert.pem",
        "x5c": ["MIIB"],
        "x5t": "AAAA",
        "x5t#S256": "AAAA",
    }
    for name, value in pointers.items():
        safe = name.replace("#", "-").lower()
        t.validate(
            f"{safe}-ignored",
            f"{name} beside a good kid and signature is ignored",
            "JOSE-3 T12 T13 T14",
            token(header(**{name: value})),
        )
        t.validate(
            f"{safe}-own-key",
            f"{name} with the attacker's signature under a good kid",
            "JOSE-3 T12 T13 T14",
            token(header(**{name: value}), key="p256-b"),
            Err("signature_invalid"),
            flags="forgery",
        )
        t.validate(
            f"{safe}-own-kid",
            f"{name} with the attacker's kid",
            "JOSE-3 T12 T13 T14",
            token(header(**{name: value}, kid="attacker"), key="p256-b"),
            Err("key_not_found"),
            flags="forgery",
        )


def typ(t: Topic) -> None:
    """The media type decides."""
    for name, value in {
        "lower": "at+jwt",
        "upper": "AT+JWT",
        "rfc-example": "at+JWT",
        "full": "application/at+jwt",
        "full-mixed": "Application/At+Jwt",
    }.items():
        t.validate(f"typ-{name}", f"typ {value}", "AT-VAL-1 T35", token(header(typ=value)))
    refused: dict[str, Any] = {
        "jwt": "JWT",
        "jws": "JOSE",
        "empty": "",
        "parameter": "at+jwt;v=1",
        "trailing-space": "at+jwt ",
        "leading-space": " at+jwt",
        "application-only": "application/",
        "double-application": "application/application/at+jwt",
        "other-tree": "text/at+jwt",
        "slash": "/at+jwt",
        "at": "at",
        "nul": "at+jwt\0",
        "long-s": "at+jwt\u017f",
        "null": None,
        "number": 1,
        "array": ["at+jwt"],
        "object": {},
        "true": True,
    }
    for name, value in refused.items():
        t.validate(f"typ-refused-{name}", f"typ {value!r}", "AT-VAL-1 JOSE-9 T34 T35", token(header(typ=value)), TYPE)
    t.validate("typ-absent", "No typ at all", "AT-VAL-1 JOSE-9 T34", token(header(typ=DROP)), TYPE)
    auth0 = claims("auth0")
    for name, value in {"upper": "JWT", "lower": "jwt", "full": "application/jwt"}.items():
        t.validate(
            f"auth0-typ-{name}",
            f"auth0 profile, typ {value}",
            "PRO-2 T34",
            token(header("auth0", typ=value), auth0),
            "auth0",
            config="auth0",
        )
    for name, value in {"at": "at+jwt", "dotted": "JWT.", "null": None, "array": ["JWT"], "empty": ""}.items():
        t.validate(
            f"auth0-typ-refused-{name}",
            f"auth0 profile, typ {value!r}",
            "PRO-2 T34",
            token(header("auth0", typ=value), auth0),
            TYPE,
            config="auth0",
        )
    t.validate(
        "auth0-typ-absent",
        "auth0 profile, no typ",
        "PRO-2 T34",
        token(header("auth0", typ=DROP), auth0),
        TYPE,
        config="auth0",
    )
    t.validate("both-rfc9068", "Both profiles accepted: the result says which one", "PRO-7", token(), config="both")
    t.validate(
        "both-auth0",
        "Both profiles accepted: the other one",
        "PRO-7",
        token(header("auth0"), auth0),
        "auth0",
        config="both",
    )
    t.validate(
        "both-none", "Both profiles accepted, typ of neither", "PRO-7", token(header(typ="x+jwt")), TYPE, config="both"
    )


KINDS = {
    "dpop+jwt": "dpop_proof",
    "logout+jwt": "logout_token",
    "token-introspection+jwt": "introspection_response",
    "secevent+jwt": "security_event",
    "oauth-authz-req+jwt": "request_object",
    "client-authentication+jwt": "client_assertion",
}
LOGOUT = {"http://schemas.openid.net/event/backchannel-logout": {}}
SECURITY = {"https://schemas.openid.net/secevent/caep/event-type/session-revoked": {}}


def kinds_by_type(t: Topic) -> None:
    """The other kinds say what they are."""
    for value, kind in KINDS.items():
        error = Err("type_mismatch", kind=kind)
        t.validate(f"type-{kind}", f"typ {value}", "KIND-1 JOSE-9 T34 T37", token(header(typ=value)), error)
        t.validate(
            f"auth0-type-{kind}",
            f"auth0 profile, typ {value}",
            "KIND-1 JOSE-9 T34 T37",
            token(header("auth0", typ=value), claims("auth0")),
            error,
            config="auth0",
        )
    t.validate(
        "type-unknown",
        "A type nobody knows: refused, kind unknown",
        "KIND-1 JOSE-9",
        token(header(typ="vc+sd-jwt")),
        TYPE,
    )


def kinds_by_claims(t: Topic) -> None:
    """typ JWT: telltale claims name the kind; under rfc9068 they are never a ground by themselves."""
    plain = {"iss": ISSUER, "sub": "user-1", "aud": CLIENT, "exp": 1700003600, "iat": 1700000000}
    bodies: dict[str, tuple[dict[str, Any], str]] = {
        "id-token-nonce": ({**plain, "nonce": "n"}, "id_token"),
        "id-token-at-hash": ({**plain, "at_hash": "h"}, "id_token"),
        "id-token-c-hash": ({**plain, "c_hash": "h"}, "id_token"),
        "logout-token": ({**plain, "events": LOGOUT}, "logout_token"),
        "security-event": ({**plain, "events": SECURITY}, "security_event"),
        "introspection": ({**plain, "token_introspection": {"active": True}}, "introspection_response"),
        "dpop-proof": ({**plain, "htm": "GET", "htu": API}, "dpop_proof"),
        "request-object-type": ({**plain, "response_type": "code"}, "request_object"),
        "request-object-redirect": ({**plain, "redirect_uri": "https://app.example/cb"}, "request_object"),
        "client-assertion": ({**plain, "sub": ISSUER}, "client_assertion"),
        "id-token-azp": ({**plain, "azp": CLIENT}, "id_token"),
        "id-token-azp-array": ({**plain, "aud": [CLIENT], "azp": CLIENT}, "id_token"),
        "events-before-nonce": ({**plain, "events": LOGOUT, "nonce": "n"}, "logout_token"),
        "introspection-before-htm": ({**plain, "token_introspection": {}, "htm": "GET"}, "introspection_response"),
        "htm-before-nonce": ({**plain, "htm": "GET", "nonce": "n"}, "dpop_proof"),
        "request-before-nonce": ({**plain, "response_type": "code", "nonce": "n"}, "request_object"),
        "nonce-before-same-sub": ({**plain, "sub": ISSUER, "nonce": "n"}, "id_token"),
    }
    for name, (body, kind) in bodies.items():
        flags = "order" if "before" in name else ""
        t.validate(
            f"jwt-{name}",
            f"typ JWT with the claims of another kind: {name}",
            "KIND-1 JOSE-9 T36 T37",
            make(header(typ="JWT"), body, "ES256", "p256-a"),
            Err("type_mismatch", kind=kind),
            flags=flags,
        )
    t.validate(
        "untyped-id-token",
        "No typ, with nonce",
        "KIND-1 T36",
        token(header(typ=DROP), claims(nonce="n")),
        Err("type_mismatch", kind="id_token"),
    )
    t.validate("jwt-plain", "typ JWT, nothing telltale: kind unknown", "KIND-1 T34", token(header(typ="JWT")), TYPE)
    t.validate(
        "type-wins",
        "typ says logout token, the claims ID token",
        "KIND-1",
        token(header(typ="logout+jwt"), claims(nonce="n")),
        Err("type_mismatch", kind="logout_token"),
        flags="order",
    )
    for name in ("nonce", "at_hash", "c_hash", "events", "token_introspection", "htm", "response_type", "redirect_uri"):
        t.validate(
            f"rfc9068-claim-{name.replace('_', '-')}",
            f"typ at+jwt with a claim {name}: the type decides",
            "KIND-1",
            token(body=claims(**{name: {"x": 1}})),
            flags="valid policy",
        )
    t.validate(
        "rfc9068-sub-is-iss",
        "typ at+jwt, sub equal to iss: the type decides",
        "KIND-1",
        token(body=claims(sub=ISSUER)),
        flags="valid policy",
    )


def auth0_kinds(t: Topic) -> None:
    """Under typ JWT the telltale claims are the ground, after the signature."""
    bodies: dict[str, tuple[dict[str, Any], str]] = {
        "nonce": (claims("auth0", nonce="n"), "id_token"),
        "at-hash": (claims("auth0", at_hash="h"), "id_token"),
        "c-hash": (claims("auth0", c_hash="h"), "id_token"),
        "events-logout": (claims("auth0", events=LOGOUT), "logout_token"),
        "events-other": (claims("auth0", events=SECURITY), "security_event"),
        "token-introspection": (claims("auth0", token_introspection={"active": True}), "introspection_response"),
        "htm": (claims("auth0", htm="GET"), "dpop_proof"),
        "aud-is-client": (claims("auth0", aud=CLIENT), "id_token"),
        "aud-is-client-array": (claims("auth0", aud=[CLIENT]), "id_token"),
        "aud-is-client-twice": (claims("auth0", aud=[CLIENT, CLIENT]), "id_token"),
        "nonce-null": (claims("auth0", nonce=None), "id_token"),
        "before-required": (claims("auth0", nonce="n", azp=DROP), "id_token"),
    }
    for name, (body, kind) in bodies.items():
        t.validate(
            f"auth0-claims-{name}",
            f"auth0 profile, another kind's claims: {name}",
            "KIND-1 JOSE-9 PRO-2 T36 T37",
            token(header("auth0"), body),
            Err("kind_mismatch", kind=kind),
            config="auth0",
            flags="order" if name == "before-required" else "",
        )
    t.validate(
        "auth0-forged-nonce",
        "Telltale claims are judged after the signature",
        "KIND-1 JOSE-9",
        token(header("auth0"), claims("auth0", nonce="n"), key="p256-b"),
        Err("signature_invalid"),
        config="auth0",
        flags="order forgery",
    )
    t.validate(
        "auth0-aud-with-client",
        "Our API and the client in aud: no ID token",
        "KIND-1 PRO-2",
        token(header("auth0"), claims("auth0", aud=[API, CLIENT])),
        "auth0",
        config="auth0",
    )
    t.validate(
        "auth0-redirect-uri",
        "response_type and redirect_uri are no ground under auth0",
        "KIND-1 PRO-2",
        token(header("auth0"), claims("auth0", redirect_uri="https://app.example/cb", response_type="code")),
        "auth0",
        config="auth0",
        flags="valid policy",
    )
    t.validate(
        "auth0-sub-is-iss",
        "sub equal to iss is no ground under auth0",
        "KIND-1 PRO-2",
        token(header("auth0"), claims("auth0", sub=ISSUER)),
        "auth0",
        config="auth0",
        flags="valid policy",
    )
    t.validate(
        "auth0-wrong-type-first",
        "Claim types come before the kind",
        "KIND-1",
        token(header("auth0"), claims("auth0", nonce="n", exp="x")),
        Err("claim_malformed", claim="exp"),
        config="auth0",
        flags="order",
    )
