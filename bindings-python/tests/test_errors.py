"""Exceptions: their classes, what they carry, and that they travel."""

from __future__ import annotations

import copy
import pickle

import at9068
import pytest
from at9068 import At9068Error, ConfigError, DemandError, KeySet, KeySetError, Minter, MintError, TokenError, Validator
from conftest import API, ISSUER, NOW


def test_a_refused_token_says_what_to_answer(validator: Validator, minted: at9068.MintedToken) -> None:
    with pytest.raises(TokenError) as caught:
        validator.validate(minted.token, now=NOW + 3630)
    error = caught.value
    assert (error.code, error.number, error.claim, error.kind) == ("token_expired", 605, "exp", None)
    assert error.authenticated is True
    assert (error.oauth, error.status, error.retry_after) == ("invalid_token", 401, None)
    assert error.challenge == ('Bearer error="invalid_token", error_description="the token has expired"',)
    assert error.headers == ()
    assert error.http_response == (
        401,
        (
            ("WWW-Authenticate", error.challenge[0]),
            ("Content-Type", "application/problem+json"),
            ("Cache-Control", "no-store"),
        ),
        b'{"title":"Unauthorized","status":401,"detail":"the token has expired","code":"token_expired"}',
    )
    assert str(error) == f"token_expired: {error.message}"
    assert error.args == (error.message,)


def test_a_demand_is_named_in_the_challenge(validator: Validator, minted: at9068.MintedToken) -> None:
    with pytest.raises(DemandError) as caught:
        validator.validate(minted.token, now=NOW, require={"scopes": ["write:all"]})
    assert (caught.value.code, caught.value.status) == ("scope_insufficient", 403)
    assert 'scope="write:all"' in caught.value.challenge[0]
    token = validator.validate(minted.token, now=NOW)
    token.require({"scopes": ["read:admin"], "roles": ["admin"], "max_age": 60}, now=NOW)
    with pytest.raises(DemandError) as caught:
        token.require({"max_age": 10}, now=NOW)
    assert (caught.value.code, caught.value.claim) == ("authentication_insufficient", "auth_time")


def test_every_family_has_its_class(minter: Minter) -> None:
    with pytest.raises(ConfigError) as config:
        Validator(issuer=ISSUER, audiense=API)  # type: ignore[call-arg]
    assert config.value.code == "config_invalid"
    assert config.value.http_response is None
    assert "audiense" in config.value.message
    with pytest.raises(KeySetError) as keys:
        KeySet.from_json("[]")
    assert keys.value.code == "key_malformed"
    with pytest.raises(MintError) as mint:
        minter.mint(grant_type="client_credentials", client_id="c", resource=["https://other.example/"])
    assert (mint.value.code, mint.value.oauth, mint.value.status) == ("invalid_target", "invalid_target", 400)
    for caught in (config, keys, mint):
        assert isinstance(caught.value, At9068Error)
        assert caught.value.authenticated is False


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_exceptions_can_be_pickled(protocol: int, validator: Validator) -> None:
    with pytest.raises(TokenError) as caught:
        validator.authenticate({"headers": [("Authorization", "Basic x")]}, require={"scopes": ["a"]})
    error = caught.value
    error.extra = "kept"  # type: ignore[attr-defined]
    assert isinstance(error.http_response, at9068.HttpResponse)
    assert error.http_response.body == b'{"title":"Unauthorized","status":401}'
    for twin in (pickle.loads(pickle.dumps(error, protocol)), copy.copy(error)):
        assert type(twin) is TokenError
        assert vars(twin) == vars(error)
        assert (str(twin), twin.args) == (str(error), error.args)
    assert TokenError.__module__ == "at9068"


def test_errors_hold_nothing_of_the_token(validator: Validator, minted: at9068.MintedToken) -> None:
    spoiled = minted.token[:-8] + "AAAAAAAA"
    with pytest.raises(TokenError) as caught:
        validator.validate(spoiled, now=NOW)
    shown = repr(caught.value) + str(vars(caught.value))
    assert caught.value.code == "signature_invalid"
    assert all(part not in shown for part in [*spoiled.split("."), "auth0|123456"])


def test_configuration_errors_never_echo_a_value() -> None:
    with pytest.raises(ConfigError) as caught:
        Validator(issuer=ISSUER, audience=API, algorithms=["hunter2"])  # type: ignore[list-item]
    assert "algorithms" in caught.value.message
    assert "hunter2" not in repr(vars(caught.value))
