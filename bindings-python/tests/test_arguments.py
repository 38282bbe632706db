"""Arguments: what is taken, what is a TypeError, what the core refuses with its own code."""

from __future__ import annotations

import collections
import json
import math
import types
from typing import Any, cast

import at9068
import pytest
from at9068 import (
    ConfigError,
    KeySet,
    KeySetError,
    MintedToken,
    Minter,
    MintRequest,
    Require,
    SigningKey,
    TokenError,
    Validator,
)
from conftest import API, ISSUER, NOW

REQUEST: MintRequest = {"grant_type": "client_credentials", "client_id": "cron", "resource": [API], "jti": "x"}


@pytest.mark.parametrize("convert", [str, lambda t: t.encode(), lambda t: bytearray(t.encode())])
def test_a_token_is_text_or_octets(validator: Validator, minted: MintedToken, convert: Any) -> None:
    assert validator.validate(convert(minted.token), now=NOW).jti == "id-1"


@pytest.mark.parametrize(
    "token",
    ["", "\ud800", "a.b.\udfff", "é.é.é", "\0", b"\xff\xfe", b"", bytearray(b"\x80"), "a" * 16384],
    ids=ascii,
)
def test_what_is_no_token_is_malformed(validator: Validator, token: str | bytes) -> None:
    with pytest.raises(TokenError) as caught:
        validator.validate(token)
    assert (caught.value.code, caught.value.status) == ("token_malformed", 401)


@pytest.mark.parametrize("token", [None, 1, ["a"], memoryview(b"a"), object()])
def test_a_token_of_another_type_is_a_type_error(validator: Validator, token: Any) -> None:
    with pytest.raises(TypeError, match="token must be str or bytes"):
        validator.validate(token)


@pytest.mark.parametrize("now", [math.nan, math.inf, -math.inf, 1e13, 10**400, -(10**400)])
def test_a_time_that_is_none_is_refused(validator: Validator, minted: MintedToken, minter: Minter, now: float) -> None:
    with pytest.raises(ConfigError) as caught:
        validator.validate(minted.token, now=now)
    assert caught.value.code == "argument_invalid"
    with pytest.raises(ConfigError):
        minter.mint(REQUEST, now=now)


@pytest.mark.parametrize("now", [True, False, "1700000000", [], object()])
def test_a_time_of_another_type_is_a_type_error(
    validator: Validator, minted: MintedToken, minter: Minter, now: Any
) -> None:
    with pytest.raises(TypeError, match="now must be a number"):
        validator.validate(minted.token, now=now)
    with pytest.raises(TypeError, match="now must be a number"):
        minter.mint(REQUEST, now=now)
    with pytest.raises(TypeError, match="now must be a number"):
        validator.validate(minted.token, now=NOW).require({}, now=now)


def test_a_time_may_have_a_fraction(validator: Validator, minted: MintedToken) -> None:
    assert validator.validate(minted.token, now=NOW + 3629.999).exp == NOW + 3600
    with pytest.raises(TokenError):
        validator.validate(minted.token, now=NOW + 3630.0)


@pytest.mark.parametrize(
    "options",
    [
        {"leeway_seconds": True},
        {"leeway_seconds": -1},
        {"leeway_seconds": 1.5},
        {"leeway_seconds": math.nan},
        {"leeway_seconds": 10**30},
        {"leeway_seconds": "30"},
        {"audience": []},
        {"audience": "\ud800"},
        {"audience": {"a": 1}},
        {"algorithms": "RS256"},
        {"issuer": None},
        {"issuer": 7},
        {"jwks": {"keys": []}},
        {"jwks": {"keys": {}}},
        {"jwks": {"$key_set": 0}},
        {"jwks": {"keys": [{"$signing_key": 0}]}},
        {"unknown\ud800": 1},
        {"issuers": [{"issuer": "https://b.example/"}]},
    ],
    ids=ascii,
)
def test_the_core_judges_the_options(keys: KeySet, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        Validator(**{"issuer": ISSUER, "audience": API, "jwks": keys, **options})
    assert caught.value.code == "config_invalid"


@pytest.mark.parametrize("value", [b"https://api.example/", {"a"}, object(), {1: "a"}, 1j])
def test_an_option_that_is_no_json_is_a_type_error(keys: KeySet, value: Any) -> None:
    with pytest.raises(TypeError):
        Validator(issuer=ISSUER, audience=value, jwks=keys)


def test_a_structure_that_contains_itself_is_refused(keys: KeySet, minter: Minter) -> None:
    ring: list[Any] = []
    ring.append(ring)
    with pytest.raises(ConfigError) as config:
        Validator(issuer=ISSUER, audience=API, jwks=keys, required_claims=ring)
    assert config.value.code == "config_invalid"
    with pytest.raises(ConfigError) as argument:
        minter.mint({**REQUEST, "claims": {"ring": ring}})
    assert argument.value.code == "argument_invalid"
    with pytest.raises(KeySetError):
        KeySet.from_json({"keys": ring})


def test_options_are_positional_nowhere(keys: KeySet) -> None:
    with pytest.raises(TypeError):
        Validator(ISSUER, API, keys)  # type: ignore[call-arg, arg-type]


def test_keys_come_as_handle_mapping_or_json(key: SigningKey, minted: MintedToken) -> None:
    mapping = json.loads(key.key_set().to_json())
    proxy = types.MappingProxyType(mapping)
    handles: list[Any] = [key.key_set(), KeySet.from_json(mapping), KeySet.from_json(json.dumps(mapping))]
    for jwks in [*handles, key, mapping, proxy, collections.ChainMap(mapping), {"keys": (key,)}]:
        validator = Validator(issuer=ISSUER, audience=(API,), jwks=jwks)
        assert validator.validate(minted.token, now=NOW).jti == "id-1"


def test_several_issuers_each_have_their_keys(key: SigningKey, minted: MintedToken) -> None:
    other = SigningKey.generate("Ed25519")
    validator = Validator(
        audience=API,
        issuers=[{"issuer": "https://b.example/", "jwks": other.key_set()}, {"issuer": ISSUER, "jwks": key.key_set()}],
    )
    assert validator.validate(minted.token, now=NOW).issuer == ISSUER


def test_keys_that_cannot_be_used_are_reported(key: SigningKey) -> None:
    entries = [{"kty": "RSA", "kid": "broken"}, json.loads(key.public_jwk() or "")]
    expected = at9068.SkippedKey(index=0, kid="broken", code="key_malformed")
    assert KeySet.from_json({"keys": entries}).skipped == (expected,)
    validator = Validator(issuer=ISSUER, audience=API, jwks={"keys": entries})
    assert validator.skipped_keys == ((ISSUER, expected),)
    entries[1] = json.loads(key.to_jwk())
    minter = Minter(issuer=ISSUER, keys={"keys": entries}, apis=[{"audience": API, "dialect": "rfc9068_profile"}])
    assert minter.skipped_keys == (expected,)


def test_options_also_come_as_json_text(key: SigningKey, minted: MintedToken) -> None:
    text = json.dumps({"issuer": ISSUER, "audience": API, "jwks": json.loads(key.key_set().to_json())})
    assert Validator.from_json(text).validate(minted.token, now=NOW).jti == "id-1"
    keys = {"keys": [json.loads(key.to_jwk())]}
    apis = [{"audience": API, "dialect": "rfc9068_profile"}]
    made = Minter.from_json(json.dumps({"issuer": ISSUER, "keys": keys, "apis": apis}))
    assert made.mint_json(json.dumps(REQUEST), now=NOW).claims["jti"] == "x"
    for broken in ["", "{", "[]", '{"a":1,"a":2}', '"\ud800"', '{"issuer":"\\\ud800"}']:
        with pytest.raises(ConfigError):
            Validator.from_json(broken)
        with pytest.raises(ConfigError):
            Minter.from_json(broken)
        with pytest.raises(ConfigError):
            made.mint_json(broken)
    with pytest.raises(TypeError):
        Validator.from_json(b"{}")  # type: ignore[arg-type]


def test_a_request_is_a_mapping_or_keywords(minter: Minter) -> None:
    by_mapping = minter.mint(REQUEST, now=NOW)
    assert minter.mint(**REQUEST, now=NOW).claims_json == by_mapping.claims_json
    proxy = cast("MintRequest", types.MappingProxyType(REQUEST))
    assert minter.mint(proxy, now=NOW).claims_json == by_mapping.claims_json
    with pytest.raises(TypeError, match="not as both"):
        minter.mint(REQUEST, client_id="other")  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="request must be a mapping"):
        minter.mint(["a"])  # type: ignore[call-overload]
    with pytest.raises(ConfigError, match="colour"):
        minter.mint(**REQUEST, colour="red")  # type: ignore[call-overload]
    with pytest.raises(ConfigError, match="grant_type"):
        minter.mint()  # type: ignore[call-overload]


def test_none_is_not_given(minter: Minter) -> None:
    empty: Any = {name: None for name in ("subject", "audience", "scope", "acr", "amr", "cnf", "act", "claims")}
    assert minter.mint(**REQUEST, **empty, now=NOW).claims_json == minter.mint(REQUEST, now=NOW).claims_json


def test_custom_claims_keep_their_values(minter: Minter) -> None:
    claims = {"text": 'é"\\\n\x01\x7f\u2028😀', "big": 2**70, "float": 0.1, "deep": [{"z": 1, "a": ()}], "int": -5}
    minted = minter.mint({**REQUEST, "claims": claims}, now=NOW)
    expected = {**claims, "deep": [{"z": 1, "a": []}]}
    assert {name: minted.claims[name] for name in claims} == expected
    assert list(minted.claims)[-5:] == list(claims)
    for value in ["\udc00", math.inf, math.nan]:
        with pytest.raises(ConfigError) as caught:
            minter.mint({**REQUEST, "claims": {"x": value}})
        assert caught.value.code == "argument_invalid"


def test_integers_of_any_length_can_be_read(minter: Minter) -> None:
    text = json.dumps(REQUEST)[:-1] + ', "claims": {"n": ' + "9" * 5000 + "}}"
    minted = minter.mint_json(text, now=NOW)
    assert minted.claims["n"] == math.inf
    assert "9" * 5000 in minted.claims_json


@pytest.mark.parametrize("require", [[], "read", 1, object()])
def test_demands_and_requests_are_mappings(validator: Validator, minted: MintedToken, require: Any) -> None:
    with pytest.raises(TypeError, match="require must be a mapping"):
        validator.validate(minted.token, require=require)
    with pytest.raises(TypeError, match="request must be a mapping"):
        validator.validate(minted.token, request=require)
    with pytest.raises(TypeError, match="request must be a mapping"):
        validator.authenticate(require)


@pytest.mark.parametrize(
    "require", [{"scope": ["a"]}, {"scopes": "a"}, {"max_age": True}, {"max_age": -1}, {"scopes": ['"']}], ids=str
)
def test_the_core_judges_demands(validator: Validator, minted: MintedToken, require: Require) -> None:
    with pytest.raises(ConfigError) as caught:
        validator.validate(minted.token, now=NOW, require=require)
    assert caught.value.code == "argument_invalid"


def test_key_handles_stand_only_where_keys_do(validator: Validator, minted: MintedToken, keys: KeySet) -> None:
    with pytest.raises(TypeError):
        validator.validate(minted.token, require={"scopes": [keys]})  # type: ignore[arg-type]


def test_the_certificate_of_the_request_is_compared(validator: Validator, minter: Minter) -> None:
    thumbprint = "A" * 43
    minted = minter.mint({**REQUEST, "cnf": {"x5t#S256": thumbprint}}, now=NOW)
    bound = validator.validate(minted.token, now=NOW, request={"client_certificate_sha256": thumbprint})
    assert bound.cnf == {"x5t#S256": thumbprint}
    with pytest.raises(at9068.DemandError) as caught:
        validator.validate(minted.token, now=NOW)
    assert caught.value.code == "binding_missing"


def test_credentials_are_taken_out_of_a_request(validator: Validator, minted: MintedToken) -> None:
    token = validator.authenticate({"headers": [("Authorization", f"Bearer {minted.token}")]}, now=NOW)
    assert token.jti == "id-1"
    with pytest.raises(TokenError) as caught:
        validator.authenticate({})
    assert (caught.value.code, caught.value.challenge) == ("credentials_missing", ("Bearer",))
    with pytest.raises(ConfigError):
        validator.authenticate({"headers": {"Authorization": "Bearer x"}})  # type: ignore[typeddict-item]
