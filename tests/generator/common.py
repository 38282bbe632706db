"""What several topics configure alike."""

from __future__ import annotations

from typing import Any

from .build import API, ISSUER, Topic
from .keys import Jwk, oct_jwk, public_jwk

# algorithm -> committed key that signs with it
KEY_FOR = {
    "RS256": "rsa-2048-a",
    "RS384": "rsa-3072",
    "RS512": "rsa-4096",
    "PS256": "rsa-2048-a",
    "PS384": "rsa-3072",
    "PS512": "rsa-4096",
    "ES256": "p256-a",
    "ES384": "p384",
    "ES512": "p521",
    "EdDSA": "ed25519-a",
    "Ed25519": "ed25519-b",
    "HS256": "hmac-32",
    "HS384": "hmac-48",
    "HS512": "hmac-64",
}
ASYMMETRIC = [alg for alg in KEY_FOR if not alg.startswith("HS")]
SYMMETRIC = [alg for alg in KEY_FOR if alg.startswith("HS")]
TYP = {"rfc9068": "at+jwt", "auth0": "JWT"}


def verifying_jwk(alg: str, **more: Any) -> Jwk:
    """The JWK that verifies `alg`, its kid the algorithm's name in lower case."""
    members = {"kid": alg.lower(), "alg": alg} | more
    if alg in SYMMETRIC:
        return oct_jwk(KEY_FOR[alg], **members)
    return public_jwk(KEY_FOR[alg], **members)


def jwks(*keys: Any) -> dict[str, Any]:
    """A JWK set."""
    return {"keys": list(keys)}


def config(**over: Any) -> dict[str, Any]:
    """The usual validator: one issuer, one audience, one ES256 key."""
    return {"issuer": ISSUER, "audience": API, "jwks": jwks(verifying_jwk("ES256"))} | over


def topic(name: str, about: str) -> Topic:
    """A topic with the usual configuration under the name `base`, and its auth0 sister."""
    made = Topic(name, about)
    made.config("base", config())
    made.config("auth0", config(profiles=["auth0"]))
    return made
