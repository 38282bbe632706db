"""Authlib's RFC 9068 generator and validator against ours."""

from __future__ import annotations

import json
from typing import Any

import at9068
import pytest
from authlib.oauth2.rfc6750.errors import InsufficientScopeError, InvalidTokenError
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator, JWTBearerTokenValidator
from common import API, CLIENT, ISSUER, USER, Side, mint, spoiled

# Authlib takes no list of algorithms: it signs and verifies with those that joserfc recommends.
SHARED = ["RS256", "ES256", "HS256"]


class PeerValidator(JWTBearerTokenValidator):
    """Authlib's validator with a fixed key set."""

    def __init__(self, side: Side, audience: str = API) -> None:
        super().__init__(issuer=ISSUER, resource_server=audience)
        self.side = side

    def get_jwks(self) -> dict[str, Any]:
        """The public keys."""
        return {"keys": [self.side.verifying]}


class PeerGenerator(JWTBearerTokenGenerator):
    """Authlib's generator with a fixed key."""

    def __init__(self, side: Side) -> None:
        super().__init__(issuer=ISSUER, alg=side.alg)
        self.side = side

    def get_jwks(self) -> dict[str, Any]:
        """The private key."""
        return {"keys": [self.side.signing]}

    def get_audiences(self, client: Any, user: Any, scope: Any) -> str:
        """The one API."""
        return API


class Client:
    """What Authlib asks of a client."""

    def get_client_id(self) -> str:
        """Its id."""
        return CLIENT


class User:
    """What Authlib asks of a user."""

    def get_user_id(self) -> str:
        """The subject."""
        return USER


@pytest.mark.parametrize("dialect", ["rfc9068_profile", "rfc9068_profile_authz"])
@pytest.mark.parametrize("alg", SHARED)
def test_authlib_accepts_ours(alg: str, dialect: str) -> None:
    """Both rfc9068 dialects hold before Authlib; its type check leaves Auth0's no place."""
    side = Side(alg)
    minted = mint(side, dialect)
    peer = PeerValidator(side)
    held = peer.authenticate_token(minted.token)
    peer.validate_token(held, ["read:patients"], None)
    assert dict(held) == json.loads(minted.claims_json)
    with pytest.raises(InsufficientScopeError):
        peer.validate_token(held, ["admin"], None)
    with pytest.raises(InvalidTokenError):
        peer.authenticate_token(spoiled(minted.token))
    with pytest.raises(InvalidTokenError):
        other = PeerValidator(side, "https://other-api.example/")
        other.validate_token(other.authenticate_token(minted.token), None, None)


@pytest.mark.parametrize("alg", SHARED)
def test_we_accept_authlibs(alg: str) -> None:
    """A token from Authlib's generator."""
    side = Side(alg)
    token = PeerGenerator(side).access_token_generator(Client(), "authorization_code", User(), "read:patients")
    validator = side.validator("rfc9068")
    held = validator.validate(token, require={"scopes": ["read:patients"]})
    assert held.sub == USER
    assert held.client_id == CLIENT
    assert str(held.profile) == "rfc9068"
    with pytest.raises(at9068.TokenError) as refusal:
        validator.validate(spoiled(token))
    assert refusal.value.code == "signature_invalid"
    with pytest.raises(at9068.DemandError) as lacking:
        validator.validate(token, require={"scopes": ["admin"]})
    assert lacking.value.code == "scope_insufficient"


@pytest.mark.parametrize("alg", SHARED)
def test_authlib_refuses_auth0_type(alg: str) -> None:
    """What the profiles keep apart, the peer keeps apart too."""
    side = Side(alg)
    peer = PeerValidator(side)
    with pytest.raises(InvalidTokenError):
        peer.validate_token(peer.authenticate_token(mint(side, "access_token").token), None, None)
    with pytest.raises(at9068.TokenError) as refusal:
        side.validator("rfc9068").validate(mint(side, "access_token").token)
    assert refusal.value.code == "type_mismatch"
