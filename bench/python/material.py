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

# What a verdict must have read, by the names of the claims.
READ = ("iss", "sub", "client_id", "scope", "exp")

# What no two tokens have in common.
ANEW = ("iat", "exp", "jti")


def unpadded(text: str) -> bytes:
    """The octets of base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(frozen=True)
class Algorithm:
    """Everything that a library is told of one algorithm."""

    name: str
    issuer: str
    audience: str
    # What a good token says.
    expected: dict[str, Any]
    token: str
    tokens: list[str]
    # By what is wrong with them.
    bad: dict[str, str]
    jwk: dict[str, Any]
    jwks: dict[str, Any]
    private_jwk: dict[str, Any]
    pem: str | None
    private_pem: str | None
    header: dict[str, str]
    # The claims of a good token, but for those that each token has anew.
    claims: dict[str, Any]
    # The options of our minter, and the request from which it makes such claims.
    minter: dict[str, Any]
    mint_request: dict[str, Any]

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


def anew() -> dict[str, Any]:
    """What each minted token has anew: its times, and a random identifier of 128 bits."""
    now = int(time.time())
    return {"iat": now, "exp": now + 86400, "jti": secrets.token_urlsafe(16)}


def read(path: Path) -> list[Algorithm]:
    """What the file holds, by algorithm."""
    material = json.loads(path.read_text())
    common = {name: material[name] for name in ("issuer", "audience", "expected")}
    own = ("token", "tokens", "bad", "jwk", "jwks", "private_jwk", "header", "minter", "mint_request")
    return [
        Algorithm(
            name=name,
            pem=entry.get("pem"),
            private_pem=entry.get("private_pem"),
            claims={claim: value for claim, value in entry["claims"].items() if claim not in ANEW},
            **common,
            **{member: entry[member] for member in own},
        )
        for name, entry in material["algorithms"].items()
    ]
