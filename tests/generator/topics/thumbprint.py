"""RFC 7638 thumbprints of every public key type."""

from __future__ import annotations

from typing import Any

from ..build import Topic
from ..encoding import Raw
from ..expect import Err
from ..keys import private_jwk, public_jwk, thumbprint

# RFC 7638 §3.1 and RFC 8037 appendix A.2/A.3 give a key and its thumbprint.
RFC7638_N = (
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs"
    "tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajr"
    "n1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
)


def build() -> list[Topic]:
    """The files of this topic."""
    t = Topic("thumbprint", "RFC 7638 thumbprints.")
    known = {
        "rfc7638": (
            {"kty": "RSA", "n": RFC7638_N, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"},
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
        ),
        "rfc8037": (
            {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
        ),
    }
    for name, (jwk, expected) in known.items():
        assert thumbprint(jwk) == expected, name
        add(t, name, f"The example of {name.upper()}", jwk, expected)
    for name in ("rsa-2048-a", "rsa-3072", "rsa-4096", "rsa-8192", "p256-a", "p384", "p521", "ed25519-a"):
        add(t, name, f"The key {name}", public_jwk(name), thumbprint(public_jwk(name)))
    for name in ("rsa-2048-a", "p256-a", "p384", "p521", "ed25519-a"):
        add(
            t,
            f"{name}-private",
            f"The private key {name} has its public key's",
            private_jwk(name),
            thumbprint(public_jwk(name)),
        )
    jwk = public_jwk("p256-a")
    add(t, "order", "The order of members does not matter", dict(reversed(list(jwk.items()))), thumbprint(jwk))
    add(
        t,
        "more-members",
        "Further members do not matter",
        {"kid": "x", "use": "sig", **jwk, "alg": "ES256", "x5t": "A"},
        thumbprint(jwk),
    )
    spaced = Raw(f'{{ "kty" : "EC","crv":"P-256" , "x":"{jwk["x"]}","\\u0079":"{jwk["y"]}"}}')
    add(t, "spelling", "White space and escapes do not matter", spaced, thumbprint(jwk))
    for name, wrong, code in (
        ("kty-missing", {k: v for k, v in jwk.items() if k != "kty"}, "key_malformed"),
        ("y-missing", {k: v for k, v in jwk.items() if k != "y"}, "key_malformed"),
        ("x-padded", jwk | {"x": jwk["x"] + "="}, "key_malformed"),
        ("kty-unknown", {"kty": "AKP", "pub": "AAAA"}, "key_unsupported"),
        ("crv-unknown", jwk | {"crv": "secp256k1"}, "key_unsupported"),
        ("array", Raw("[]"), "key_malformed"),
    ):
        add(t, f"refused-{name}", f"No thumbprint: {name}", wrong, Err(code, key_named=False))
    return [t]


def add(t: Topic, case_id: str, comment: str, jwk: Any, result: str | Err) -> None:
    """One case."""
    expect = result.expectation(None, None) if isinstance(result, Err) else {"ok": True, "thumbprint": result}
    t.case(case_id, comment, "JOSE-10", "", op="thumbprint", jwk=jwk, expect=expect)
