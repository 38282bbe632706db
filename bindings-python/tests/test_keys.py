"""Keys: made, read, written and named."""

from __future__ import annotations

import json
import typing
from typing import Any

import at9068
import pytest
from at9068 import Algorithm, ConfigError, KeySet, KeySetError, SigningKey, TokenError

FAMILIES = typing.get_args(Algorithm)
ASYMMETRIC = [name for family in FAMILIES for name in typing.get_args(family) if not name.startswith("HS")]
SECRET = {"kty": "oct", "k": "A" * 86, "alg": "HS256"}


@pytest.mark.parametrize("algorithm", ASYMMETRIC)
def test_keys_survive_every_form(algorithm: Algorithm) -> None:
    key = SigningKey.generate(algorithm)
    assert key.algorithm == algorithm
    assert key.kid == key.thumbprint
    public = json.loads(key.public_jwk() or "")
    assert public["alg"] == algorithm
    assert "d" not in public
    assert at9068.thumbprint(public) == at9068.thumbprint(key.to_jwk()) == key.thumbprint
    for twin in [
        SigningKey.from_jwk(key.to_jwk()),
        SigningKey.from_jwk(json.loads(key.to_jwk())),
        SigningKey.from_pem(key.to_pem(), algorithm=algorithm),
        SigningKey.from_pem(key.to_pem().encode(), algorithm=algorithm, kid=key.kid),
    ]:
        assert twin.to_jwk() == key.to_jwk()
    sets = [
        key.key_set(),
        KeySet.from_signing_keys([key]),
        KeySet.from_json(key.key_set().to_json()),
        KeySet.from_pem(key.public_pem() or "", algorithm=algorithm),
    ]
    for keys in sets:
        assert (len(keys), keys.kids, keys.skipped) == (1, (key.kid,), ())
        assert json.loads(keys.to_json()) == {"keys": [public]}


def test_a_symmetric_key_has_no_public_half() -> None:
    key = SigningKey.from_jwk(SECRET)
    assert (key.algorithm, key.kid, key.thumbprint) == ("HS256", None, None)
    assert (key.public_jwk(), key.public_pem()) == (None, None)
    assert json.loads(key.key_set().to_json()) == {"keys": []}
    assert len(key.key_set()) == 1
    with pytest.raises(KeySetError) as caught:
        key.to_pem()
    assert caught.value.code == "key_unsupported"


def test_rsa_keys_have_the_size_asked_for() -> None:
    modulus = json.loads(SigningKey.generate("PS256", bits=3072).public_jwk() or "")["n"]
    assert len(modulus) == 512
    for bits in [1024, 2049, 0, -1, 2**40]:
        with pytest.raises(KeySetError) as caught:
            SigningKey.generate("RS256", bits=bits)
        assert caught.value.code == "key_unsupported"
    with pytest.raises(KeySetError):
        SigningKey.generate("ES256", bits=2048)
    wrong: list[Any] = [True, "2048", 2048.0]
    for bits in wrong:
        with pytest.raises(TypeError, match="bits must be int"):
            SigningKey.generate("RS256", bits=bits)


@pytest.mark.parametrize("algorithm", ["none", "rs256", "", "RS256\0", "\ud800"], ids=ascii)
def test_unknown_algorithms_are_refused(algorithm: Any) -> None:
    pem = SigningKey.generate("ES256").to_pem()
    with pytest.raises(ConfigError) as generated:
        SigningKey.generate(algorithm)
    with pytest.raises(ConfigError) as read:
        SigningKey.from_pem(pem, algorithm=algorithm)
    assert generated.value.code == read.value.code == "argument_invalid"
    with pytest.raises(KeySetError):
        SigningKey.generate("HS256")


def test_an_algorithm_that_does_not_fit_is_refused() -> None:
    pem = SigningKey.generate("ES256").to_pem()
    for read in [SigningKey.from_pem, KeySet.from_pem]:
        with pytest.raises(TokenError) as caught:
            read(pem, algorithm="RS256")
        assert caught.value.code == "key_mismatch"


@pytest.mark.parametrize("text", ["", "{}", "[]", "\ud800", '{"kty":"RSA","kty":"EC"}', "-----BEGIN"], ids=ascii)
def test_texts_that_hold_no_key_are_malformed(text: str) -> None:
    readers: list[Any] = [SigningKey.from_jwk, SigningKey.from_pem, KeySet.from_json, KeySet.from_pem]
    for read in [*readers, at9068.thumbprint]:
        with pytest.raises(KeySetError) as caught:
            read(text)
        assert caught.value.code == "key_malformed"


@pytest.mark.parametrize("value", [None, 1, [], b"{}", object()])
def test_keys_of_another_type_are_type_errors(value: Any) -> None:
    for read in [SigningKey.from_jwk, KeySet.from_json, at9068.thumbprint]:
        with pytest.raises(TypeError, match="must be a mapping or JSON text"):
            read(value)
    with pytest.raises(TypeError):
        SigningKey.generate(value)
    with pytest.raises(TypeError):
        KeySet.from_signing_keys([value])


def test_a_key_may_be_given_a_name() -> None:
    pem = SigningKey.generate("Ed25519").to_pem()
    assert SigningKey.from_pem(pem, kid="é").kid == "é"
    assert KeySet.from_pem(pem, kid="k").kids == ("k",)
    with pytest.raises(ConfigError):
        SigningKey.from_pem(pem, kid="\ud800")
    with pytest.raises(TypeError, match="kid must be str"):
        SigningKey.from_pem(pem, kid=7)  # type: ignore[arg-type]


def test_what_is_no_certificate_is_refused() -> None:
    values: list[str | bytes] = ["", b"", b"\x30\x00", "\ud800", SigningKey.generate("ES256").public_pem() or ""]
    for value in values:
        with pytest.raises(ConfigError) as caught:
            at9068.certificate_sha256(value)
        assert caught.value.code == "argument_invalid"
