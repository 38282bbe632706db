"""PyJWT accepts what we mint, we accept what it mints, for every algorithm that both know."""

from __future__ import annotations

import at9068
import jwt
import pytest
from common import ALGORITHMS, API, DIALECTS, ISSUER, USER, Side, mint, peer_claims, spoiled

# PyJWT has the name EdDSA; RFC 9864's Ed25519 only where this version registers it.
SHARED = [alg for alg in ALGORITHMS if alg in jwt.algorithms.get_default_algorithms()]


def test_shared_algorithms() -> None:
    """No algorithm drops out of this file unseen."""
    assert {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"} <= set(SHARED)
    assert {"ES256", "ES384", "ES512", "EdDSA", "HS256", "HS384", "HS512"} <= set(SHARED)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("alg", SHARED)
def test_pyjwt_accepts_ours(alg: str, dialect: str) -> None:
    """Signature, issuer, audience, times; and the very claims that we say we minted."""
    side = Side(alg)
    minted = mint(side, dialect)
    key = jwt.PyJWK(side.verifying, algorithm=alg)
    required = ["iss", "sub", "aud", "exp", "iat"]
    claims = jwt.decode(minted.token, key, algorithms=[alg], audience=API, issuer=ISSUER, options={"require": required})
    assert claims == dict(minted.claims)
    assert claims["my_custom_claim"] == "my_custom_value"
    assert jwt.get_unverified_header(minted.token) == {"typ": DIALECTS[dialect][1], "alg": alg, "kid": side.kid}
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(spoiled(minted.token), key, algorithms=[alg], audience=API, issuer=ISSUER)


@pytest.mark.parametrize("profile", ["rfc9068", "auth0"])
@pytest.mark.parametrize("alg", SHARED)
def test_we_accept_pyjwts(alg: str, profile: str) -> None:
    """A token that PyJWT signed, in both profiles."""
    side = Side(alg)
    claims = peer_claims(profile)
    header = {"typ": "at+jwt" if profile == "rfc9068" else "JWT", "kid": side.kid}
    key = jwt.PyJWK(side.signing, algorithm=alg)
    token = jwt.encode(claims, key.key, algorithm=alg, headers=header)
    validator = side.validator(profile)
    held = validator.validate(token)
    assert held.sub == USER
    assert str(held.profile) == profile
    assert dict(held.claims) == claims
    with pytest.raises(at9068.TokenError) as refusal:
        validator.validate(spoiled(token))
    assert refusal.value.code == "signature_invalid"


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_pyjwts_default_type_is_no_access_token(alg: str) -> None:
    """PyJWT writes typ JWT unless told otherwise: refused under rfc9068."""
    side = Side(alg)
    key = jwt.PyJWK(side.signing, algorithm=alg)
    token = jwt.encode(peer_claims("rfc9068"), key.key, algorithm=alg, headers={"kid": side.kid})
    with pytest.raises(at9068.TokenError) as refusal:
        side.validator("rfc9068").validate(token)
    assert refusal.value.code == "type_mismatch"
