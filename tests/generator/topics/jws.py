"""verify_jws: signed content that need not be an access token."""

from __future__ import annotations

import base64
from typing import Any

from ..build import Topic
from ..common import ASYMMETRIC, KEY_FOR, SYMMETRIC, jwks, verifying_jwk
from ..encoding import b64u, text
from ..jose import Token, make, sign_segments

PAYLOADS = {
    "text": b"It is a dangerous business, going out your door.",
    "empty": b"",
    "octets": bytes(range(256)),
    "json": b'{"iss":"joe","iss":"jane"}',
}


def build() -> list[Topic]:
    """The files of this topic."""
    t = Topic("jws", "verify_jws: algorithm, key and signature of any content, which is given back as it was.")
    for alg in (*ASYMMETRIC, *SYMMETRIC):
        holds(
            t, alg.lower(), f"Content signed with {alg}", "JOSE-1", signed(PAYLOADS["text"], alg), PAYLOADS["text"], alg
        )
    for name, payload in PAYLOADS.items():
        holds(
            t, f"payload-{name}", f"The payload is not looked at: {name}", "JOSE-5", signed(payload, "EdDSA"), payload
        )
    made = signed(PAYLOADS["text"], "EdDSA")
    for typ in ("at+jwt", "logout+jwt", 5):
        other = signed(PAYLOADS["text"], "EdDSA", typ=typ)
        name = str(typ).replace("+", "-")
        holds(t, f"typ-{name}", f"typ is not looked at: {typ}", "JOSE-9", other, PAYLOADS["text"])
    refused(t, made)
    return [t]


def signed(payload: bytes, alg: str, **over: Any) -> Token:
    """Content under the key of its algorithm."""
    head = {"alg": alg, "kid": alg.lower()} | over
    head = {name: value for name, value in head.items() if value is not None}
    return make(head, payload, alg, KEY_FOR[alg])


def holds(t: Topic, name: str, comment: str, rules: str, made: Token, payload: bytes, alg: str = "EdDSA") -> None:
    """Content that is given back."""
    t.case(
        name,
        comment,
        rules,
        "valid",
        op="verify_jws",
        token=made.compact,
        keys=jwks(verifying_jwk(alg)),
        algorithms=[alg],
        expect={"ok": True, "payload_b64": base64.b64encode(payload).decode()},
    )


def refused(t: Topic, made: Token) -> None:
    """What is refused, without the answer of a resource server."""
    head, body, signature = made.parts
    eddsa, rs256 = jwks(verifying_jwk("EdDSA")), jwks(verifying_jwk("RS256"))
    weak = {"kty": "OKP", "crv": "Ed25519", "x": b64u(bytes([1]) + bytes(31)), "kid": "eddsa"}
    critical = signed(PAYLOADS["text"], "EdDSA", crit=["b64"], b64=False)
    cases: dict[str, tuple[Any, Any, list[str], str, str]] = {
        "algorithms-empty": (made, eddsa, [], "argument_invalid", "JOSE-1"),
        "algorithms-unknown": (made, eddsa, ["EdDSA", "none"], "argument_invalid", "JOSE-1 T01"),
        "algorithm-not-listed": (made, eddsa, ["RS256", "Ed25519"], "algorithm_not_allowed", "JOSE-1 T22"),
        "none": (f"{b64u(text({'alg': 'none'}).encode())}.{body}.", eddsa, ["EdDSA"], "algorithm_not_allowed", "T01"),
        "no-signature": (f"{head}.{body}.", eddsa, ["EdDSA"], "token_malformed", "JOSE-4 T52"),
        "no-header": (f".{body}.{signature}", eddsa, ["EdDSA"], "token_malformed", "JOSE-4 T52"),
        "two-parts": (f"{head}.{body}", eddsa, ["EdDSA"], "token_malformed", "JOSE-4 T52"),
        "padded": (f"{head}.{body}.{signature}==", eddsa, ["EdDSA"], "token_malformed", "JOSE-4 T50"),
        "crit": (critical, eddsa, ["EdDSA"], "critical_header_unsupported", "JOSE-2 T32"),
        "other-kid": (signed(b"x", "EdDSA", kid="x"), eddsa, ["EdDSA"], "key_not_found", "JOSE-1 T15"),
        "other-family": (signed(b"x", "EdDSA", kid="rs256"), rs256, ["EdDSA"], "key_mismatch", "JOSE-1 T08"),
        "weak-key": (made, jwks(weak, verifying_jwk("ES256")), ["EdDSA"], "key_malformed", "JOSE-8 T105"),
        "two-keys": (made, jwks(*[verifying_jwk("EdDSA")] * 2), ["EdDSA"], "key_ambiguous", "T18"),
        "changed-payload": (f"{head}.{b64u(b'other')}.{signature}", eddsa, ["EdDSA"], "signature_invalid", "AT-VAL-5"),
        "keys-no-set": (made, {"key": []}, ["EdDSA"], "key_malformed", "JOSE-1"),
        "too-large": (
            sign_segments(head, "A" * 65_536, "EdDSA", "ed25519-a"),
            eddsa,
            ["EdDSA"],
            "token_too_large",
            "T54",
        ),
    }
    for name, (token, keys, algorithms, code, rules) in cases.items():
        t.case(
            f"refused-{name}",
            f"Refused: {name}",
            rules,
            "",
            op="verify_jws",
            token=token.compact if isinstance(token, Token) else token,
            keys=keys,
            algorithms=algorithms,
            expect={
                "ok": False,
                "code": code,
                "claim": None,
                "kind": None,
                "authenticated": False,
                "oauth": None,
                "status": None,
                "challenge": [],
            },
        )
