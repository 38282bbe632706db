"""Signing of compact JWS, every part under the test's control."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from .encoding import b64u, b64u_decode, text
from .keys import CURVES, private, secret
from .paths import PSS_STORE

HASHES: dict[str, hashes.HashAlgorithm] = {
    "256": hashes.SHA256(),
    "384": hashes.SHA384(),
    "512": hashes.SHA512(),
}
DETERMINISTIC = {"RS256", "RS384", "RS512", "EdDSA", "Ed25519", "HS256", "HS384", "HS512"}


class PssStore:
    """RSA-PSS salts are random: a signature is kept, and made anew only when its input changed."""

    def __init__(self) -> None:
        known = json.loads(PSS_STORE.read_text()) if PSS_STORE.exists() else {}
        self.known: dict[str, str] = known.get("signatures", {})
        self.used: dict[str, str] = {}

    def sign(self, name: str, data: bytes, pad: padding.PSS, digest: hashes.HashAlgorithm, label: str) -> bytes:
        """The stored signature where it verifies, otherwise a new one."""
        key = private(name)
        assert isinstance(key, rsa.RSAPrivateKey)
        entry = f"{label}:{name}:{hashlib.sha256(data).hexdigest()[:24]}"
        stored = self.used.get(entry) or self.known.get(entry)
        signature = b64u_decode(stored) if stored else b""
        try:
            key.public_key().verify(signature, data, pad, digest)
        except InvalidSignature:
            signature = key.sign(data, pad, digest)
        self.used[entry] = b64u(signature)
        return signature

    def file_text(self) -> str:
        """The store with only what this run used."""
        content = {
            "comment": "RSA-PSS signatures of the vectors, kept so that generation repeats to the byte.",
            "signatures": dict(sorted(self.used.items())),
        }
        return json.dumps(content, indent=1) + "\n"


PSS = PssStore()


def pss(digest: hashes.HashAlgorithm, salt: int | None = None, mgf: hashes.HashAlgorithm | None = None) -> padding.PSS:
    """PSS as RFC 7518 §3.5 wants it, unless a test wants it wrong."""
    return padding.PSS(padding.MGF1(mgf or digest), digest.digest_size if salt is None else salt)


def sign(alg: str, key: str, data: bytes) -> bytes:
    """One JWS signature with the committed key or secret of that name."""
    if alg.startswith("HS"):
        return hmac.new(secret(key), data, "sha" + alg[2:]).digest()
    signer = private(key)
    if isinstance(signer, ed25519.Ed25519PrivateKey):
        return signer.sign(data)
    digest = HASHES[alg[2:]]
    if isinstance(signer, rsa.RSAPrivateKey):
        if alg.startswith("PS"):
            return PSS.sign(key, data, pss(digest), digest, alg)
        return signer.sign(data, padding.PKCS1v15(), digest)
    r, s = decode_dss_signature(signer.sign(data, ec.ECDSA(digest, deterministic_signing=True)))
    return concat(r, s, CURVES[signer.curve.name][1])


def concat(r: int, s: int, width: int) -> bytes:
    """The fixed-width form of an ECDSA signature."""
    return r.to_bytes(width, "big") + s.to_bytes(width, "big")


@dataclass(frozen=True)
class Token:
    """A compact token beside the texts it was made of."""

    header: str
    claims: str
    compact: str

    @property
    def parts(self) -> list[str]:
        """The dot-separated segments."""
        return self.compact.split(".")

    def with_signature(self, signature: bytes) -> str:
        """The same signing input under another signature."""
        return ".".join([*self.parts[:2], b64u(signature)])


def as_bytes(part: Any) -> bytes:
    """A header or claims part: an object, JSON text, or bytes that are no JSON."""
    if isinstance(part, bytes):
        return part
    return (part if isinstance(part, str) else text(part)).encode()


def make(header: Any, claims: Any, alg: str, key: str) -> Token:
    """Signs header and claims, whatever they hold, with `alg` and `key`."""
    head, body = as_bytes(header), as_bytes(claims)
    signing_input = f"{b64u(head)}.{b64u(body)}"
    signature = sign(alg, key, signing_input.encode())
    return Token(head.decode(errors="replace"), body.decode(errors="replace"), f"{signing_input}.{b64u(signature)}")


def sign_segments(first: str, second: str, alg: str, key: str) -> str:
    """Signs two segments that are already text, base64url or not."""
    signing_input = f"{first}.{second}"
    return f"{signing_input}.{b64u(sign(alg, key, signing_input.encode()))}"
