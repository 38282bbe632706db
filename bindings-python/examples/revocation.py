"""Refuses tokens that were taken back, without asking anybody."""

import time

from at9068 import Minter, MintRequest, Revocations, SigningKey, TokenError, Validator

ISSUER, API = "https://as.example/", "https://api.example/"
key = SigningKey.generate("RS256")
minter = Minter(issuer=ISSUER, keys=key, apis=[{"audience": API, "dialect": "rfc9068_profile"}])
revocations = Revocations()
validator = Validator(issuer=ISSUER, audience=API, jwks=key.key_set(), revocations=revocations)


def verdict(token: str) -> str:
    """Tell what the API makes of a token."""
    try:
        return f"welcome, {validator.validate(token).sub}"
    except TokenError as error:
        return f"{error.code}: {error.claim}"


request: MintRequest = {"grant_type": "authorization_code", "client_id": "app", "subject": "alice", "resource": [API]}
first = minter.mint(request)
second = minter.mint(request)
print(verdict(first.token))

# One token: until it would have expired, and no longer, it has to be remembered.
claims = first.claims
revocations.revoke(issuer=ISSUER, jti=claims["jti"], until=claims["exp"])
print(verdict(first.token), "/", verdict(second.token))

# All that the user was given before now: tokens live an hour here.
now = int(time.time()) + 1
revocations.revoke(issuer=ISSUER, sub="alice", issued_before=now, until=now + 3600)
print(verdict(second.token))

# Another process, or this one after a restart, goes on where this one ends.
successor = Revocations()
successor.restore(revocations.snapshot())
print(len(successor))
