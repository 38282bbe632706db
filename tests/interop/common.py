"""Keys, configurations and claims that every Python peer is tried with."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import at9068

from generator.common import KEY_FOR, SYMMETRIC
from generator.keys import Jwk, oct_jwk, private_jwk, public_jwk

ISSUER = "https://as.example/"
API = "https://api.example/"
CLIENT = "client-7"
USER = "auth0|123456"
# dialect -> (profile, typ)
DIALECTS = {
    "rfc9068_profile": ("rfc9068", "at+jwt"),
    "rfc9068_profile_authz": ("rfc9068", "at+jwt"),
    "access_token": ("auth0", "JWT"),
    "access_token_authz": ("auth0", "JWT"),
}
ALGORITHMS = list(KEY_FOR)


@dataclass(frozen=True)
class Side:
    """One algorithm with its committed test key."""

    alg: str

    @property
    def kid(self) -> str:
        """The key's name."""
        return f"interop-{self.alg.lower()}"

    @property
    def signing(self) -> Jwk:
        """The JWK that signs."""
        make = oct_jwk if self.alg in SYMMETRIC else private_jwk
        return make(KEY_FOR[self.alg], kid=self.kid, alg=self.alg)

    @property
    def verifying(self) -> Jwk:
        """The JWK that verifies; the same secret for HMAC."""
        make = oct_jwk if self.alg in SYMMETRIC else public_jwk
        return make(KEY_FOR[self.alg], kid=self.kid, alg=self.alg)

    def minter(self, dialect: str) -> at9068.Minter:
        """Our minter for one API."""
        return at9068.Minter(
            issuer=ISSUER,
            keys={"keys": [self.signing]},
            apis=[{"audience": API, "dialect": dialect, "algorithm": self.alg, "scopes": ["read:patients"]}],
        )

    def validator(self, profile: str) -> at9068.Validator:
        """Our validator; HMAC only because it is listed and its secret configured."""
        return at9068.Validator(
            issuer=ISSUER,
            audience=API,
            jwks={"keys": [self.verifying]},
            profiles=[profile],
            algorithms=[self.alg],
        )


def mint(side: Side, dialect: str) -> Any:
    """A user's token for the one API."""
    return side.minter(dialect).mint(
        grant_type="authorization_code",
        client_id=CLIENT,
        subject=USER,
        resource=[API],
        scope="read:patients",
        claims={"my_custom_claim": "my_custom_value"},
    )


def peer_claims(profile: str) -> dict[str, Any]:
    """What a peer signs for us."""
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "sub": USER,
        "aud": API,
        "iat": now,
        "exp": now + 600,
        "scope": "read:patients",
        "my_custom_claim": {"a": [1, 2.5, None]},
    }
    if profile == "rfc9068":
        return claims | {"client_id": CLIENT, "jti": "peer-1"}
    return claims | {"azp": CLIENT}


def spoiled(token: str) -> str:
    """The same token with one character of its signature changed."""
    head, _, signature = token.rpartition(".")
    other = "B" if signature[4] == "A" else "A"
    return f"{head}.{signature[:4]}{other}{signature[5:]}"
