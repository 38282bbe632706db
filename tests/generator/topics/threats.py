"""Threats without a topic of their own: names that almost fit, members that promise much, subjects that are clients."""

from __future__ import annotations

import zlib
from typing import Any

from ..build import API, CLIENT, DROP, ISSUER, OTHER_ISSUER, USER, Token, Topic, claims, header, token
from ..common import config, jwks, topic, verifying_jwk
from ..encoding import Raw, text
from ..expect import Err
from ..jose import make
from ..keys import oct_jwk, private_jwk, public_jwk


def build() -> list[Topic]:
    """The files of this topic."""
    t = topic("threats", "Threats that need no file of their own.")
    names(t)
    audiences(t)
    issuers(t)
    header_promises(t)
    spellings(t)
    subjects(t)
    secrets_by_payload(t)
    mismatched_halves(t)
    other_kinds_are_not_minted(t)
    return [t]


def near(name: str) -> dict[str, str]:
    """What begins, ends, holds or is held by a name; `in` and `startswith` take some of these for it."""
    return {
        "begins": name + ".evil",
        "begins-and-path": name + "/x",
        "begins-no-dot": name + "evil",
        "ends": "https://evil?" + name,
        "ends-bare": "x" + name,
        "cut": name[:-1],
        "cut-at-start": name[1:],
        "half": name[: len(name) // 2],
        "one-character": name[0],
        "inner": name[8:],
        "blank": " ",
        "twice": name + name,
        "tab": name + "\t",
        "newline": name + "\n",
        "zero-width": name + "\u200b",
        "swapped-case": name.swapcase(),
        "backslash": name.replace("//", "\\\\"),
        "one-slash": name.replace("//", "/"),
        "trailing-dot": name + ".",
        "at": name.replace("//", "//user@"),
        "at-evil": name + "@evil",
        "port": name + ":443",
    }


def names(t: Topic) -> None:
    """Configured without a slash at the end, where more can be put behind."""
    t.config("bare", config(issuer="https://as.example", audience="https://api.example"))
    good = claims(iss="https://as.example", aud="https://api.example")
    t.validate("bare-good", "Issuer and audience without a slash", "AT-VAL-3 AT-VAL-4", token(body=good), config="bare")
    for form, name in near("https://api.example").items():
        for shape, aud in {"": name, "-array": [name], "-beside": ["https://other.example", name]}.items():
            t.validate(
                f"aud-{form}{shape}",
                f"An audience that is almost ours: {form}",
                "AT-VAL-4 JOSE-9 T79 T80",
                token(body=good | {"aud": aud}),
                Err("audience_mismatch"),
                config="bare",
            )
    for form, name in near("https://as.example").items():
        t.validate(
            f"iss-{form}",
            f"An issuer that is almost ours: {form}",
            "AT-VAL-3 JOSE-9 T82",
            token(body=good | {"iss": name}),
            Err("issuer_unknown"),
            config="bare",
        )


def audiences(t: Topic) -> None:
    """Several audiences of ours do not make a third."""
    t.config("pair", config(audience=["https://api.example", "api"]))
    for form, aud in {
        "joined": "https://api.exampleapi",
        "joined-blank": "https://api.example api",
        "joined-comma": "https://api.example,api",
        "json": '["https://api.example","api"]',
        "part-of-both": "ap",
        "array-of-parts": ["https://", "api.example", "ap", "i"],
    }.items():
        t.validate(
            f"aud-pair-{form}",
            f"Two audiences of ours: {form}",
            "AT-VAL-4 JOSE-9 T80",
            token(body=claims(aud=aud)),
            Err("audience_mismatch"),
            config="pair",
        )


def issuers(t: Topic) -> None:
    """One issuer's name begins with another's; arrays that hold the right one."""
    one, two = public_jwk("p256-a", kid="k", alg="ES256"), public_jwk("p256-b", kid="k", alg="ES256")
    nested = {
        "audience": API,
        "issuers": [{"issuer": ISSUER, "jwks": jwks(one)}, {"issuer": f"{ISSUER}tenant", "jwks": jwks(two)}],
    }
    t.config("nested", nested)
    for form, iss, key, result in (
        ("outer", ISSUER, "p256-a", "rfc9068"),
        ("inner", f"{ISSUER}tenant", "p256-b", "rfc9068"),
        ("outer-by-inner", ISSUER, "p256-b", Err("signature_invalid")),
        ("inner-by-outer", f"{ISSUER}tenant", "p256-a", Err("signature_invalid")),
        ("between", f"{ISSUER}ten", "p256-a", Err("issuer_unknown")),
        ("beyond", f"{ISSUER}tenant/x", "p256-b", Err("issuer_unknown")),
    ):
        t.validate(
            f"iss-nested-{form}",
            f"An issuer below another: {form}",
            "AT-VAL-3 AT-VAL-5 T82 T86",
            make(header(kid="k"), claims(iss=iss), "ES256", key),
            result,
            config="nested",
            flags="" if isinstance(result, str) else "forgery",
        )
    wrong: dict[str, Any] = {
        "array-good-last": [OTHER_ISSUER, ISSUER],
        "array-good-first": [ISSUER, OTHER_ISSUER],
        "array-good-twice": [ISSUER, ISSUER],
        "array-empty": [],
        "object": {ISSUER: True},
        "null": None,
        "true": True,
        "number": 1,
    }
    for form, iss in wrong.items():
        t.validate(
            f"iss-{form}",
            f"iss is no string: {form}",
            "AT-VAL-3 AT-CLM-1 T82",
            token(body=claims(iss=iss)),
            Err("claim_malformed", claim="iss", authenticated=False),
        )
        t.validate(
            f"iss-nested-{form}",
            f"iss is no string, several issuers: {form}",
            "AT-VAL-3 AT-CLM-1 T82",
            make(header(kid="k"), claims(iss=iss), "ES256", "p256-a"),
            Err("claim_malformed", claim="iss", authenticated=False),
            config="nested",
        )


def header_promises(t: Topic) -> None:
    """Members of JWE and of nested JWTs in a JWS header: they change nothing, and lead to nothing."""
    for name, more in {
        "zip": {"zip": "DEF"},
        "cty": {"cty": "JWT"},
        "cty-json": {"cty": "application/json"},
        "cty-number": {"cty": 7},
        "apu-apv": {"apu": "QQ", "apv": "Qg"},
        "epk": {"epk": public_jwk("p256-b")},
        "enc": {"enc": "A256GCM"},
        "p2c": {"p2c": 2147483647, "p2s": "QQ"},
    }.items():
        t.validate(
            f"header-{name}",
            f"A header member that means nothing in a JWS: {name}",
            "JOSE-3 JOSE-4 T42",
            token(header(**more)),
            flags="valid policy",
        )
    body = text(claims()).encode()
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    deflated = packer.compress(body) + packer.flush()
    for name, more, payload in (
        ("deflated", {"zip": "DEF"}, deflated),
        ("zlib", {"zip": "DEF"}, zlib.compress(body, 9)),
        ("deflated-unnamed", {}, deflated),
        ("nested", {"cty": "JWT"}, token().compact.encode()),
        ("nested-in-string", {"cty": "JWT"}, text(token().compact).encode()),
    ):
        t.validate(
            f"payload-{name}",
            f"Claims that first would have to be unpacked: {name}",
            "JOSE-4 JOSE-5 T42 T61",
            make(header(**more), payload, "ES256", "p256-a"),
            Err("token_malformed"),
        )


def spellings(t: Topic) -> None:
    """One set of claims in several spellings: each token gets its own text back."""
    body = claims()
    backwards = dict(reversed(body.items()))
    forms: dict[str, str] = {
        "usual": text(body),
        "backwards": text(backwards),
        "spaced": text(body).replace(",", " , "),
        "escaped": text(body).replace('"sub"', '"s\\u0075b"'),
        "exponent": text(body | {"exp": Raw("17000036e2")}),
        "fraction": text(body | {"exp": Raw("1700003600.0")}),
    }
    for name, spelled in forms.items():
        t.validate(
            f"spelled-{name}",
            f"The same claims, {name}: told back as they were signed",
            "JOSE-5 T62 T64",
            make(header(), spelled, "ES256", "p256-a"),
        )
    for name, spelled in {
        "other-sub": text(claims(sub=f'{USER}","x":"')),
        "other-scope": text(claims(scope="openid")),
        "moved-boundary": text(claims(sub=USER + "a", jti="b")),
        "moved-boundary-other": text(claims(sub=USER, jti="ab")),
    }.items():
        t.validate(
            f"spelled-{name}",
            f"Claims that only a careless key of a cache would take for others: {name}",
            "JOSE-5 T64",
            make(header(), spelled, "ES256", "p256-a"),
        )


def subjects(t: Topic) -> None:
    """A subject that is spelled like a client stays a subject."""
    for name, over in {
        "same": {"sub": CLIENT},
        "suffixed": {"sub": f"{CLIENT}@clients"},
        "other-client": {"sub": "client-8"},
        "crossed": {"sub": CLIENT, "client_id": USER},
    }.items():
        t.validate(
            f"sub-{name}",
            f"Subject and client: {name}; each is told by its own name",
            "AT-CLM-2 AT-SEC-2 T88",
            token(body=claims(**over)),
            flags="valid policy",
        )
    for claim in ("sub", "client_id"):
        t.validate(
            f"sub-{claim.replace('_', '-')}-absent",
            f"No {claim}: the other never stands in for it",
            "AT-CLM-1 T87 T88",
            token(body=claims(**{claim: DROP})),
            Err("claim_missing", claim=claim),
        )
    minter = minter_config("access_token")
    t.config("minter", minter)
    t.mint(
        "mint-sub-like-client",
        "A user's subject that ends as a client's does",
        "AT-SEC-2 T88",
        {"grant_type": "authorization_code", "client_id": CLIENT, "subject": f"{CLIENT}@clients", "resource": [API]},
        Err("subject_collision"),
        config="minter",
    )


def minter_config(dialect: str) -> dict[str, Any]:
    """A minter of one API."""
    key = private_jwk("p256-a", kid="es256", alg="ES256")
    return {"issuer": ISSUER, "keys": jwks(key), "apis": [{"audience": API, "dialect": dialect}]}


def secrets_by_payload(t: Topic) -> None:
    """The secret is the one that the header's kid names; nothing within the claims points at another."""
    first, second = (oct_jwk(name, kid=kid, alg="HS256") for name, kid in (("hmac-32", "one"), ("hmac-48", "two")))
    t.config("secrets", config(jwks=jwks(first, second), algorithms=["HS256"]))
    pointing: dict[str, dict[str, Any]] = {
        "kid": {"kid": "two"},
        "key": {"key": second["k"]},
        "jwk": {"jwk": second},
        "header": {"header": {"alg": "HS256", "kid": "two"}},
        "client": {"client_id": "two"},
        "sub": {"sub": "two"},
    }
    for name, more in pointing.items():
        for key, result in (("hmac-32", "rfc9068"), ("hmac-48", Err("signature_invalid"))):
            made: Token = make(header(alg="HS256", kid="one"), claims(**more), "HS256", key)
            t.validate(
                f"secret-by-{name}-{'right' if key == 'hmac-32' else 'wrong'}",
                f"Claims that name another secret by {name}",
                "JOSE-1 JOSE-3 T115",
                made,
                result,
                config="secrets",
                flags="" if isinstance(result, str) else "forgery",
            )
    t.config("asymmetric-and-secret", config(jwks=jwks(first, verifying_jwk("ES256")), algorithms=["HS256", "ES256"]))
    t.validate(
        "secret-named-by-claims-only",
        "ES256 in the header, HS256 and its kid in the claims, signed with the secret",
        "JOSE-1 T115",
        make(header(), claims(alg="HS256", kid="one"), "HS256", "hmac-32"),
        Err("signature_invalid"),
        config="asymmetric-and-secret",
        flags="forgery",
    )


def mismatched_halves(t: Topic) -> None:
    """A private key beside another's public half: who signs with it gives the private one away (EdDSA)."""
    other = {
        "p256-a": public_jwk("p256-b"),
        "ed25519-a": public_jwk("ed25519-b"),
        "rsa-2048-a": public_jwk("rsa-2048-b"),
    }
    request = {"grant_type": "client_credentials", "client_id": CLIENT, "resource": [API]}
    for (name, public), alg in zip(other.items(), ("ES256", "EdDSA", "RS256"), strict=True):
        mixed = private_jwk(name, kid="k", alg=alg) | public | {"kid": "k", "alg": alg}
        t.config(f"mixed-{alg.lower()}", minter_config("rfc9068_profile") | {"keys": jwks(mixed)})
        t.mint(
            f"mint-mixed-{alg.lower()}",
            f"{alg}: the public half is another key's, so that nothing usable is left",
            "JOSE-7 T117",
            request,
            Err("config_invalid"),
            config=f"mixed-{alg.lower()}",
            flags="config bad-key",
        )


def other_kinds_are_not_minted(t: Topic) -> None:
    """What would make an access token pass for another kind is not minted under a type that does not tell."""
    t.config("minter-authz", minter_config("access_token_authz"))
    for dialect in ("minter", "minter-authz"):
        for claim, value in {
            "nonce": "n",
            "at_hash": "h",
            "c_hash": "h",
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
            "token_introspection": {"active": True},
            "htm": "GET",
        }.items():
            t.mint(
                f"{dialect}-claim-{claim.replace('_', '-')}",
                f"A custom claim {claim}, by which another kind is told",
                "KIND-1 JOSE-9 T38 T119",
                {
                    "grant_type": "authorization_code",
                    "client_id": CLIENT,
                    "subject": USER,
                    "resource": [API],
                    "claims": {claim: value},
                },
                Err("claim_reserved", claim=claim),
                config=dialect,
            )
    t.config(
        "minter-for-client", minter_config("access_token") | {"apis": [{"audience": CLIENT, "dialect": "access_token"}]}
    )
    t.mint(
        "minter-for-client-itself",
        "An API that is called like the client: its token would be an ID token's twin",
        "KIND-1 JOSE-9 T38",
        {"grant_type": "authorization_code", "client_id": CLIENT, "subject": USER, "audience": [CLIENT]},
        Err("invalid_target"),
        config="minter-for-client",
    )
