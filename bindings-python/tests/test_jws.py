"""``verify_jws``: its arguments and its errors."""

from __future__ import annotations

import base64
import collections
import hmac
import json
from typing import Any

import at9068
import pytest
from at9068 import Algorithm, ConfigError, KeySet, KeySetError, MintedToken, SigningKey, TokenError, verify_jws

OCTETS = b"\xff\x00{"


def encode(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def test_the_payload_comes_as_bytes(minted: MintedToken, keys: KeySet) -> None:
    payload = verify_jws(minted.token, keys, ["ES256"])
    assert type(payload) is bytes
    assert payload == minted.claims_json.encode()
    assert verify_jws(minted.token, keys=keys, algorithms=("RS256", "ES256")) == payload


def test_the_payload_need_not_be_json() -> None:
    secret = b"TEST ONLY TEST ONLY TEST ONLY !!"
    signed = ".".join(map(encode, [b'{"alg":"HS256"}', OCTETS]))
    token = f"{signed}.{encode(hmac.digest(secret, signed.encode(), 'sha256'))}"
    jwks = {"keys": [{"kty": "oct", "alg": "HS256", "k": encode(secret)}]}
    assert verify_jws(token, jwks, ["HS256"]) == OCTETS


@pytest.mark.parametrize("convert", [str, lambda t: t.encode(), lambda t: bytearray(t.encode())])
def test_a_token_is_text_or_octets(minted: MintedToken, keys: KeySet, convert: Any) -> None:
    assert verify_jws(convert(minted.token), keys, ["ES256"]) == minted.claims_json.encode()


def test_keys_come_as_handle_mapping_or_json(minted: MintedToken, keys: KeySet) -> None:
    mapping = json.loads(keys.to_json())
    for given in [keys, keys.to_json(), mapping, collections.ChainMap(mapping)]:
        assert verify_jws(minted.token, given, ["ES256"])


@pytest.mark.parametrize("algorithms", [["ES256"], ("ES256",), {"ES256"}, iter(["ES256"]), {"ES256": 1}])
def test_algorithms_come_in_any_collection(minted: MintedToken, keys: KeySet, algorithms: Any) -> None:
    assert verify_jws(minted.token, keys, algorithms)


@pytest.mark.parametrize("token", ["", "\ud800", "a.b.\udfff", "é.é.é", b"\xff\xfe", bytearray(b"\x80")], ids=ascii)
def test_what_is_no_jws_is_malformed(keys: KeySet, token: str | bytes) -> None:
    with pytest.raises(TokenError) as caught:
        verify_jws(token, keys, ["ES256"])
    assert caught.value.code == "token_malformed"


def test_refusals_have_their_codes(minted: MintedToken, keys: KeySet) -> None:
    def code(token: str, keys: KeySet, algorithm: Algorithm) -> str:
        with pytest.raises(TokenError) as caught:
            verify_jws(token, keys, [algorithm])
        assert all(part not in repr(vars(caught.value)) for part in token.split(".") if len(part) > 4)
        return caught.value.code

    assert code(minted.token, keys, "RS256") == "algorithm_not_allowed"
    assert code(minted.token[:-8] + "AAAAAAAA", keys, "ES256") == "signature_invalid"
    assert code(minted.token, SigningKey.generate("ES256").key_set(), "ES256") == "key_not_found"
    assert code("a" * 65_537, keys, "ES256") == "token_too_large"
    assert code("a" * 65_536, keys, "ES256") == "token_malformed"


@pytest.mark.parametrize("algorithms", [[], ["none"], ["es256"], [""], ["\ud800"], ["ES256", "ES257"]], ids=ascii)
def test_algorithms_must_be_known(minted: MintedToken, keys: KeySet, algorithms: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        verify_jws(minted.token, keys, algorithms)
    assert caught.value.code == "argument_invalid"
    assert "ES257" not in repr(vars(caught.value))


@pytest.mark.parametrize("keys", ["", "[]", "{", {}, {"keys": 1}, '{"keys":"\ud800"}'], ids=ascii)
def test_keys_must_be_a_set(minted: MintedToken, keys: Any) -> None:
    with pytest.raises(KeySetError) as caught:
        verify_jws(minted.token, keys, ["ES256"])
    assert caught.value.code == "key_malformed"


def test_arguments_of_other_types_are_type_errors(minted: MintedToken, key: SigningKey, keys: KeySet) -> None:
    wrong: Any
    for wrong in [None, 1, ["a"], memoryview(b"a")]:
        with pytest.raises(TypeError, match="token must be str or bytes"):
            verify_jws(wrong, keys, ["ES256"])
    for wrong in [None, 1, b"{}", [key], key]:
        with pytest.raises(TypeError, match="keys must be a KeySet, a mapping or JSON text"):
            verify_jws(minted.token, wrong, ["ES256"])
    for wrong in [None, 1, "ES256"]:
        with pytest.raises(TypeError, match="algorithms must be several str"):
            verify_jws(minted.token, keys, wrong)
    for wrong in [[None], [1], b"ES256", [b"ES256"]]:
        with pytest.raises(TypeError, match="algorithm must be str"):
            verify_jws(minted.token, keys, wrong)
    with pytest.raises(TypeError, match="algorithms"):
        verify_jws(minted.token, keys)  # type: ignore[call-arg]


def test_what_a_collection_raises_is_passed_on(minted: MintedToken, keys: KeySet) -> None:
    def names() -> Any:
        yield "ES256"
        raise LookupError

    with pytest.raises(LookupError):
        verify_jws(minted.token, keys, names())


def test_hmac_serves_only_where_it_is_listed() -> None:
    jwk = {"kty": "oct", "k": encode(b"TEST ONLY TEST ONLY TEST ONLY !!"), "alg": "HS256"}
    secret = SigningKey.from_jwk(jwk)
    made = at9068.Minter(
        issuer="https://as.example/",
        keys=secret,
        apis=[{"audience": "https://api.example/", "dialect": "access_token", "algorithm": "HS256"}],
    )
    minted = made.mint(grant_type="client_credentials", client_id="c", resource=["https://api.example/"])
    assert verify_jws(minted.token, secret.key_set(), ["HS256"]) == minted.claims_json.encode()
    with pytest.raises(TokenError) as caught:
        verify_jws(minted.token, secret.key_set(), ["RS256", "ES256"])
    assert caught.value.code == "algorithm_not_allowed"
