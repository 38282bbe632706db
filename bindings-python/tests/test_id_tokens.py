"""ID tokens, minted and validated."""

from __future__ import annotations

import asyncio
import gc
import json
import types
import weakref
from collections.abc import Callable
from typing import Any

import at9068
import pytest
from at9068 import (
    ConfigError,
    DemandError,
    IdTokenChecks,
    IdTokenValidator,
    IssuerCache,
    KeySet,
    MintedToken,
    Minter,
    MintError,
    SigningKey,
    TokenError,
    UndecidedError,
    Validator,
)
from conftest import API, ISSUER, NOW
from loopback import CACHE, JWKS, OAUTH, OPENID, Issuer

CLIENT = "client-7"
CHECKS: IdTokenChecks = {
    "nonce": "n-0S6",
    "max_age": 300,
    "acr_values": ["silver", "gold"],
    "access_token": "at",
    "code": "c",
    "state": "s",
    "require_hashes": True,
}


@pytest.fixture(scope="module")
def logins(keys: KeySet) -> IdTokenValidator:
    return IdTokenValidator(issuer=ISSUER, client_id=CLIENT, jwks=keys, trusted_audiences=["https://rp.example/"])


@pytest.fixture(scope="module")
def login(minter: Minter) -> MintedToken:
    return minter.mint_id_token(
        client_id=CLIENT,
        subject="auth0|123456",
        audience=["https://rp.example/"],
        nonce="n-0S6",
        auth_time=NOW - 60,
        acr="gold",
        amr=["pwd", "otp"],
        sid="s-1",
        access_token="at",
        code="c",
        state="s",
        claims={"name": "Zoë", "nested": {"__proto__": [1, 2.5, None, True]}},
        now=NOW,
    )


def test_an_id_token_has_typed_attributes(logins: IdTokenValidator, login: MintedToken) -> None:
    token = logins.validate(login.token, checks=CHECKS, now=NOW)
    assert (token.iss, token.sub, token.azp) == (ISSUER, "auth0|123456", CLIENT)
    assert token.aud == (CLIENT, "https://rp.example/")
    assert (token.iat, token.exp, token.nbf, token.auth_time) == (NOW, NOW + 3600, None, NOW - 60)
    assert (token.nonce, token.acr, token.amr, token.sid) == ("n-0S6", "gold", ("pwd", "otp"), "s-1")
    assert token.at_hash
    assert token.c_hash
    assert token.s_hash
    assert token.header["typ"] == "JWT"
    assert token.claims["name"] == "Zoë"
    assert token.claims["nested"] == {"__proto__": [1, 2.5, None, True]}
    assert token.claims is token.claims
    assert token.claim_json("nested") == '{"__proto__":[1,2.5,null,true]}'
    assert token.claim_json("absent") is None
    assert (token.claims_json, token.header_json) == (login.claims_json, login.header_json)
    assert login.expires_in == 3600


def test_absent_claims_are_none(minter: Minter, logins: IdTokenValidator) -> None:
    token = logins.validate(minter.mint_id_token(client_id=CLIENT, subject="u", now=NOW).token, now=NOW)
    assert token.aud == (CLIENT,)
    assert (token.azp, token.nonce, token.acr, token.amr, token.sid) == (None,) * 5
    assert (token.auth_time, token.at_hash, token.c_hash, token.s_hash) == (None,) * 4


@pytest.mark.parametrize(
    ("changed", "code", "claim"),
    [
        ({"nonce": "another"}, "claim_mismatch", "nonce"),
        ({"nonce": None}, "claim_mismatch", "nonce"),
        ({"access_token": "another"}, "claim_mismatch", "at_hash"),
        ({"code": "another"}, "claim_mismatch", "c_hash"),
        ({"state": "another"}, "claim_mismatch", "s_hash"),
    ],
)
def test_what_does_not_match_is_refused(
    logins: IdTokenValidator, login: MintedToken, changed: Any, code: str, claim: str
) -> None:
    with pytest.raises(TokenError) as caught:
        logins.validate(login.token, checks={**CHECKS, **changed}, now=NOW)
    error = caught.value
    assert (error.code, error.claim, error.authenticated) == (code, claim, True)
    assert (error.status, error.oauth, error.challenge) == (None, None, ()), "nobody is answered"


def test_what_is_not_enough_is_refused(logins: IdTokenValidator, login: MintedToken) -> None:
    with pytest.raises(DemandError, match="authentication_insufficient"):
        logins.validate(login.token, checks={**CHECKS, "max_age": 10}, now=NOW)
    with pytest.raises(DemandError, match="authentication_insufficient"):
        logins.validate(login.token, checks={**CHECKS, "acr_values": ["platinum"]}, now=NOW)


def test_tokens_of_other_kinds_and_clients_are_refused(
    logins: IdTokenValidator, login: MintedToken, minted: MintedToken, validator: Validator, keys: KeySet
) -> None:
    with pytest.raises(TokenError, match="type_mismatch") as caught:
        logins.validate(minted.token, now=NOW)
    assert caught.value.kind == "access_token"
    with pytest.raises(TokenError, match="type_mismatch") as caught:
        validator.validate(login.token, now=NOW)
    assert caught.value.kind == "id_token"
    with pytest.raises(TokenError, match="audience_mismatch"):
        IdTokenValidator(issuer=ISSUER, client_id="another", jwks=keys).validate(login.token, checks=CHECKS, now=NOW)
    with pytest.raises(TokenError, match="token_malformed"):
        logins.validate(b"\xff")


def test_checks_are_a_mapping_or_json_text(logins: IdTokenValidator, login: MintedToken) -> None:
    given: list[Any] = [types.MappingProxyType(CHECKS), '{"nonce": "n-0S6"}', {**CHECKS, "refreshed": None}]
    for checks in given:
        assert logins.validate(login.token, checks=checks, now=NOW).sub == "auth0|123456"
        assert logins.validate_at_hand(login.token, checks=checks, now=NOW).sub == "auth0|123456"
        assert asyncio.run(logins.validate_async(login.token, checks=checks, now=NOW)).sub == "auth0|123456"


@pytest.mark.parametrize(
    "checks",
    [{"nonce": ""}, {"nonce": 1}, {"nonce": "\ud800"}, {"max_age": 1.5}, {"max_age": -1}, {"colour": "red"}, "[]", "x"],
)
def test_checks_that_are_wrong_are_named(logins: IdTokenValidator, login: MintedToken, checks: Any) -> None:
    with pytest.raises(ConfigError, match="argument_invalid"):
        logins.validate(login.token, checks=checks, now=NOW)
    with pytest.raises(ConfigError, match="argument_invalid"):
        logins.validate_at_hand(login.token, checks=checks, now=NOW)

    async def main() -> None:
        with pytest.raises(ConfigError, match="argument_invalid"):
            await logins.validate_async(login.token, checks=checks, now=NOW)

    asyncio.run(main())


def test_arguments_are_of_their_types(logins: IdTokenValidator, minter: Minter, login: MintedToken) -> None:
    anything: Any = logins
    wrong: list[Callable[[], object]] = [
        lambda: anything.validate(1),
        lambda: anything.validate(login.token, CHECKS),
        lambda: anything.validate(login.token, checks=[]),
        lambda: anything.validate(login.token, now="noon"),
        lambda: anything.validate(login.token, require={}),
        lambda: minter.mint_id_token({"client_id": "a", "subject": "b"}, nonce="c"),  # type: ignore[call-overload]
        lambda: minter.mint_id_token("text"),  # type: ignore[call-overload]
    ]
    for call in wrong:
        with pytest.raises(TypeError):
            call()


def test_a_request_is_a_mapping_keywords_or_json_text(minter: Minter, login: MintedToken) -> None:
    request: at9068.IdTokenRequest = {"client_id": CLIENT, "subject": "u", "nonce": "n"}
    by_mapping = minter.mint_id_token(request, now=NOW)
    assert minter.mint_id_token(**request, now=NOW).claims_json == by_mapping.claims_json
    text = f'{{"client_id": "{CLIENT}", "subject": "u", "nonce": "n", "claims": {{"a": 1.50}}}}'
    assert minter.mint_id_token_json(text, now=NOW).claims_json == by_mapping.claims_json[:-1] + ',"a":1.50}'
    with pytest.raises(ConfigError, match="argument_invalid"):
        minter.mint_id_token_json("{}")
    with pytest.raises(ConfigError, match="colour"):
        minter.mint_id_token(**request, colour="red")  # type: ignore[call-overload]
    with pytest.raises(MintError, match="claim_reserved"):
        minter.mint_id_token(client_id=CLIENT, subject="u", claims={"nonce": "mine"})
    with pytest.raises(MintError, match="subject_collision"):
        minter.mint_id_token(client_id=CLIENT, subject="cron@clients")


def test_how_they_are_minted_is_configured(key: SigningKey, logins: IdTokenValidator) -> None:
    other = SigningKey.generate("EdDSA")
    minter = Minter(
        issuer=ISSUER,
        keys={"keys": [key, other]},
        apis=[{"audience": API, "dialect": "rfc9068_profile"}],
        id_tokens={"algorithm": "EdDSA", "lifetime_seconds": 60},
    )
    minted = minter.mint_id_token(client_id=CLIENT, subject="u")
    assert (minted.header["alg"], minted.header["kid"], minted.expires_in) == ("EdDSA", other.kid, 60)
    with pytest.raises(TokenError, match="key_not_found"):
        logins.validate(minted.token)


def test_options_are_read_from_json_text_too(keys: KeySet, login: MintedToken) -> None:
    text = f'{{"issuer": "{ISSUER}", "client_id": "{CLIENT}", "jwks": {keys.to_json()}, "danger_any_nonce": true}}'
    with pytest.raises(TokenError, match="audience_mismatch"):
        IdTokenValidator.from_json(text, clock=lambda: NOW).validate(login.token)
    with pytest.raises(ConfigError, match="config_invalid"):
        IdTokenValidator.from_json("{}")
    with pytest.raises(ConfigError, match="colour"):
        IdTokenValidator(issuer=ISSUER, client_id=CLIENT, colour="red")  # type: ignore[call-arg]
    unusable = {"kty": "EC", "kid": "bad"}
    jwks = {"keys": [unusable, *json.loads(keys.to_json())["keys"]]}
    logins = IdTokenValidator(issuer=ISSUER, client_id=CLIENT, jwks=jwks)
    assert [entry.kid for entry in logins.skipped_keys] == ["bad"]
    assert (logins.status(), logins.issuer_cache) == ({"issuers": []}, None)


def test_a_clock_that_fails_is_the_cause(keys: KeySet, login: MintedToken) -> None:
    trouble = OSError("no time")

    def clock() -> float:
        raise trouble

    logins = IdTokenValidator(issuer=ISSUER, client_id=CLIENT, jwks=keys, clock=clock)
    for validate in (logins.validate, logins.validate_at_hand):
        with pytest.raises(at9068.At9068Error, match="internal") as caught:
            validate(login.token)
        assert caught.value.__cause__ is trouble


def test_keys_are_discovered_fetched_ahead_and_anew(issuer: Issuer) -> None:
    logins = IdTokenValidator(issuer=issuer.name, client_id="app", issuer_cache=CACHE)
    with pytest.raises(UndecidedError, match="keys_unavailable"), issuer.held_back():
        logins.validate_at_hand(issuer.mint_id_token())
    logins.prefetch()
    assert logins.validate(issuer.mint_id_token()).sub == "user-1"
    assert logins.validate_at_hand(issuer.mint_id_token()).sub == "user-1"
    assert issuer.asked == {OAUTH: 1, OPENID: 1, JWKS: 1}
    logins.refresh()
    assert issuer.asked[JWKS] == 2
    (status,) = logins.status()["issuers"]
    assert (status["issuer"], status["state"], status["keys"]) == (issuer.name, "fresh", 1)
    assert logins.issuer_cache is not None


def test_a_cache_is_shared_with_access_tokens(issuer: Issuer) -> None:
    cache = IssuerCache(**CACHE)
    logins = IdTokenValidator(issuer=issuer.name, client_id="app", issuer_cache=cache)
    validator = issuer.validator(issuer_cache=cache)
    assert validator.validate(issuer.mint()).client_id == "cron"
    assert logins.validate_at_hand(issuer.mint_id_token()).sub == "user-1"
    assert sum(issuer.asked.values()) == 3
    assert logins.issuer_cache is cache
    with pytest.raises(TypeError, match="IssuerCache"):
        IdTokenValidator(issuer=issuer.name, client_id="app", issuer_cache=cache, fetch=print)  # type: ignore[arg-type]


def test_tasks_share_a_fetch(issuer: Issuer) -> None:
    async def main() -> None:
        logins = IdTokenValidator(issuer=issuer.name, client_id="app", issuer_cache=CACHE)
        token = issuer.mint_id_token()
        with issuer.held_back():
            calls = [asyncio.create_task(logins.validate_async(token)) for _ in range(100)]
            assert await asyncio.to_thread(issuer.arrived.wait, 20)
            calls[0].cancel()
            await asyncio.sleep(0)
        tokens = await asyncio.gather(*calls[1:])
        assert {token.sub for token in tokens} == {"user-1"}
        await logins.prefetch_async()
        assert issuer.asked[JWKS] == 1
        await logins.refresh_async()
        assert issuer.asked[JWKS] == 2
        issuer.status = 500
        failing = IdTokenValidator(issuer=issuer.name, client_id="app", issuer_cache=CACHE)
        with pytest.raises(UndecidedError) as caught:
            await failing.validate_async(token)
        assert (caught.value.status, caught.value.challenge) == (None, ())
        assert caught.value.retry_after is not None

    asyncio.run(main())


def test_nothing_shows_a_token(logins: IdTokenValidator, login: MintedToken) -> None:
    token = logins.validate(login.token, checks=CHECKS, now=NOW)
    shown = " ".join([repr(token), str(token), repr(logins), repr(login)])
    secrets = [*login.token.split("."), "auth0|123456", CLIENT, "n-0S6", ISSUER, "s-1"]
    assert all(secret not in shown for secret in secrets)


def test_cycles_are_collected(keys: KeySet, login: MintedToken) -> None:
    class Owner:
        def __init__(self) -> None:
            self.logins = IdTokenValidator(issuer=ISSUER, client_id=CLIENT, jwks=keys, clock=self.now)

        def now(self) -> float:
            return NOW

    owner = Owner()
    with pytest.raises(TokenError):
        owner.logins.validate(login.token)
    gone = weakref.ref(owner)
    del owner
    gc.collect()
    assert gone() is None
