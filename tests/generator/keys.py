"""The committed test keys, as pyca objects and as JWKs."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from .encoding import b64u, int_bytes
from .paths import KEYS

LABEL = "TEST ONLY: this key is public, it protects nothing.\n"
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
Jwk = dict[str, Any]

CURVES = {"secp256r1": ("P-256", 32), "secp384r1": ("P-384", 48), "secp521r1": ("P-521", 66)}
# Order of the base point, from SEC 2 / FIPS 186-4; needed to write signatures that no signer makes.
ORDERS = {
    "P-256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
}


@cache
def private(name: str) -> PrivateKey:
    """The private key of keys/NAME.pem."""
    pem = (KEYS / f"{name}.pem").read_bytes()
    if not pem.startswith(LABEL.encode()):
        raise ValueError(f"{name}.pem does not begin with the TEST ONLY label")
    # The label goes first in the file; the 1024-bit key is here to be refused, so its size is let pass.
    key = load_pem_private_key(pem[len(LABEL) :], None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey)
    return key


@cache
def secret(name: str) -> bytes:
    """The shared secret of keys/NAME.json."""
    entry = json.loads((KEYS / f"{name}.json").read_text())
    if not entry["comment"].startswith("TEST ONLY"):
        raise ValueError(f"{name}.json does not carry the TEST ONLY label")
    return str(entry["text"]).encode() if "text" in entry else bytes.fromhex(entry["hex"])


def public_jwk(name: str, **more: Any) -> Jwk:
    """The public JWK of a committed key; `more` adds members such as kid and alg (None leaves out)."""
    key = private(name).public_key()
    jwk: Jwk
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        jwk = {"kty": "RSA", "n": b64u(int_bytes(numbers.n)), "e": b64u(int_bytes(numbers.e))}
    elif isinstance(key, ec.EllipticCurvePublicKey):
        crv, width = CURVES[key.curve.name]
        point = key.public_numbers()
        jwk = {
            "kty": "EC",
            "crv": crv,
            "x": b64u(point.x.to_bytes(width, "big")),
            "y": b64u(point.y.to_bytes(width, "big")),
        }
    else:
        raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": b64u(raw)}
    return with_members(jwk, more)


def private_jwk(name: str, **more: Any) -> Jwk:
    """The private JWK of a committed key."""
    key = private(name)
    jwk = public_jwk(name)
    if isinstance(key, rsa.RSAPrivateKey):
        p = key.private_numbers()
        for member, value in {
            "d": p.d,
            "p": p.p,
            "q": p.q,
            "dp": p.dmp1,
            "dq": p.dmq1,
            "qi": p.iqmp,
        }.items():
            jwk[member] = b64u(int_bytes(value))
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        _, width = CURVES[key.curve.name]
        jwk["d"] = b64u(key.private_numbers().private_value.to_bytes(width, "big"))
    else:
        jwk["d"] = b64u(key.private_bytes_raw())
    return with_members(jwk, more)


def oct_jwk(name: str, **more: Any) -> Jwk:
    """The JWK of a committed shared secret."""
    return with_members({"kty": "oct", "k": b64u(secret(name))}, more)


def with_members(jwk: Jwk, more: Jwk) -> Jwk:
    """Adds members; one given as None is removed or left out."""
    merged = {**jwk, **more}
    return {name: value for name, value in merged.items() if value is not None}


def thumbprint(jwk: Jwk) -> str:
    """RFC 7638: SHA-256 over the required members in lexicographic order."""
    members = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x")}
    text = json.dumps({m: jwk[m] for m in members[jwk["kty"]]}, separators=(",", ":"))
    return b64u(hashlib.sha256(text.encode()).digest())
