"""The tokens, keys and expectations that all workers are given."""

from __future__ import annotations

import base64
import json
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# What RFC 9068 §2.2 requires.
REQUIRED = ("iss", "exp", "aud", "sub", "client_id", "iat", "jti")

# What a verdict must have read, and what it is called in a set of claims.
READ = ("sub", "client_id", "scope", "exp")


def unpadded(text: str) -> bytes:
    """The octets of base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(frozen=True)
class Algorithm:
    """Everything that a library is told of one algorithm."""

    name: str
    issuer: str
    audience: str
    expected: dict[str, Any]
    minter: dict[str, Any]
    mint_request: dict[str, Any]
    token: str
    tokens: list[str]
    bad: dict[str, str]
    jwk: dict[str, Any]
    jwks: dict[str, Any]
    private_jwk: dict[str, Any]
    pem: str | None
    private_pem: str | None

    @property
    def secret(self) -> bytes:
        """The secret, of an algorithm that has one."""
        return unpadded(self.jwk["k"])

    @property
    def key(self) -> str | bytes:
        """The public key as PEM, or the secret."""
        return self.pem or self.secret

    @property
    def private_key(self) -> str | bytes:
        """The private key as PEM, or the secret."""
        return self.private_pem or self.secret

    @property
    def header(self) -> dict[str, str]:
        """The header of a token."""
        return {"alg": self.name, "kid": self.jwk["kid"], "typ": "at+jwt"}

    def claims(self) -> dict[str, Any]:
        """The claims of a good token, but for those that each token has anew."""
        claims = json.loads(unpadded(self.token.split(".")[1]))
        return {name: value for name, value in claims.items() if name not in ("iat", "exp", "jti")}


def anew() -> dict[str, Any]:
    """What each minted token has anew: its times, and a random identifier of 128 bits."""
    now = int(time.time())
    return {"iat": now, "exp": now + 86400, "jti": secrets.token_urlsafe(16)}


def read(path: Path) -> list[Algorithm]:
    """What the file holds, by algorithm."""
    material = json.loads(path.read_text())
    common = {name: material[name] for name in ("issuer", "audience", "minter", "mint_request")}
    own = ("token", "tokens", "bad", "jwk", "jwks", "private_jwk")
    return [
        Algorithm(
            name=name,
            expected={**material["expected"], "exp": entry["exp"]},
            pem=entry.get("pem"),
            private_pem=entry.get("private_pem"),
            **common,
            **{member: entry[member] for member in own},
        )
        for name, entry in material["algorithms"].items()
    ]
