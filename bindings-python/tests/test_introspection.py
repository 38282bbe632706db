"""Issuers that are asked about their tokens, and answers that are given about tokens."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable
from typing import Any

import at9068
import pytest
from at9068 import (
    ConfigError,
    FetchRequest,
    FetchResponse,
    IssuerCache,
    MintedToken,
    Minter,
    TokenError,
    UndecidedError,
    Validator,
    introspection_response,
)
from conftest import API, NOW, ended, forked
from loopback import CACHE, INTROSPECT, JWKS, Issuer

OPAQUE = "2YotnFZFEjr1zCsicMWpAA"


def good(**more: Any) -> dict[str, Any]:
    return {"active": True, "client_id": "cron", "sub": "user-1", "aud": API, "scope": "a b", **more}


def asking(issuer: Issuer, **options: Any) -> Validator:
    return issuer.validator(strategy="introspection", introspection=issuer.introspection(), **options)


def test_an_opaque_token_is_what_its_issuer_says(issuer: Issuer) -> None:
    issuer.said = good(username="Zoë")
    validator = asking(issuer)
    token = validator.validate(OPAQUE)
    assert (token.origin, token.profile) == ("introspection", None)
    assert (token.iss, token.sub, token.client_id, token.aud) == (issuer.name, "user-1", "cron", (API,))
    assert token.scopes == frozenset({"a", "b"})
    assert (token.claims["username"], token.header_json) == ("Zoë", "{}")
    assert repr(token) == "<at9068.AccessToken profile=None>"
    token.require({"scopes": ["a"]})
    assert issuer.posted == [f"token={OPAQUE}&token_type_hint=access_token".encode()]
    request: Any = {"headers": [("Authorization", f"Bearer {OPAQUE}")]}
    assert validator.authenticate(request).sub == "user-1"
    assert validator.validate_at_hand(OPAQUE).sub == "user-1"
    assert asyncio.run(validator.validate_async(OPAQUE)).sub == "user-1"
    assert validator.explain(OPAQUE).token is not None
    assert issuer.asked == {INTROSPECT: 1}, "an answer holds for a while"


def test_what_is_not_active_is_refused(issuer: Issuer) -> None:
    validator = asking(issuer)
    calls: list[Callable[[str], Any]] = [
        validator.validate,
        lambda token: asyncio.run(validator.validate_async(token)),
    ]
    for number, call in enumerate(calls):
        with pytest.raises(TokenError, match="token_inactive") as caught:
            call(f"{OPAQUE}{number}")
        assert (caught.value.number, caught.value.status, caught.value.oauth) == (705, 401, "invalid_token")
        assert not caught.value.authenticated
    issuer.said = good(aud="https://other.example/")
    with pytest.raises(TokenError, match="audience_mismatch"):
        validator.validate("another")


def test_an_issuer_that_does_not_answer_leaves_it_undecided(issuer: Issuer) -> None:
    issuer.status = 503
    told: list[Any] = []
    validator = asking(issuer, events=told.append)
    calls: list[Callable[[], Any]] = [
        lambda: validator.validate(OPAQUE),
        lambda: validator.validate_at_hand(OPAQUE),
        lambda: asyncio.run(validator.validate_async(OPAQUE)),
    ]
    for call in calls:
        with pytest.raises(UndecidedError, match="introspection_unavailable") as caught:
            call()
        assert (caught.value.number, caught.value.status, caught.value.challenge) == (706, 503, ())
        assert caught.value.retry_after is not None
    (event,) = told
    assert event == {
        "event": "introspection_failed",
        "issuer": issuer.name,
        "code": "introspection_unavailable",
        "reason": "status",
    }


def test_a_status_tells_how_an_issuer_is_asked(issuer: Issuer) -> None:
    validator = asking(issuer)
    (status,) = validator.status()["issuers"]
    assert (status["issuer"], status["introspection"]["asked"], "keys" in status) == (issuer.name, 0, False)
    with pytest.raises(TokenError):
        validator.validate(OPAQUE)
    issuer.status = 500
    with pytest.raises(UndecidedError):
        validator.validate("another")
    (status,) = validator.status()["issuers"]
    found = status["introspection"]
    assert set(status) == {"issuer", "introspection"}
    assert set(found) == at9068.IntrospectionStatus.__required_keys__
    assert (found["asked"], found["answered"], found["inactive"], found["failures"]) == (2, 1, 1, 1)
    assert found["last_error"] is not None
    assert found["last_error"]["code"] == "introspection_unavailable"
    validator.prefetch()
    assert isinstance(validator.issuer_cache, IssuerCache)


def test_a_token_is_verified_and_its_issuer_asked(issuer: Issuer) -> None:
    token = issuer.mint(now=time.time() - 600)
    sub = issuer.validator().validate(token).sub
    introspection = issuer.introspection(every_seconds=60)
    validator = issuer.validator(strategy="local_then_introspection", introspection=introspection)
    with pytest.raises(TokenError, match="token_inactive"):
        validator.validate(token)
    issuer.said = {"active": True, "sub": sub, "client_id": "cron"}
    both = issuer.validator(strategy="local_then_introspection", introspection=introspection)
    assert (both.validate(token).origin, both.validate(token).profile) == ("local_and_introspection", "rfc9068")
    assert asyncio.run(both.validate_async(issuer.mint())).origin == "local"
    assert issuer.asked[INTROSPECT] == 2
    (status,) = both.status()["issuers"]
    assert (status["keys"], status["introspection"]["answered"]) == (1, 1)


def test_a_fetch_of_the_application_posts(issuer: Issuer) -> None:
    requests: list[FetchRequest] = []

    def fetch(request: FetchRequest) -> FetchResponse:
        requests.append(request)
        return FetchResponse(200, {"Content-Type": "application/json"}, json.dumps(good()).encode())

    assert asking(issuer, fetch=fetch).validate(OPAQUE).sub == "user-1"
    (request,) = requests
    assert (request.method, request.url, request.trusted_host) == ("POST", issuer.origin + INTROSPECT, True)
    assert request.body == f"token={OPAQUE}&token_type_hint=access_token".encode()
    headers = {name.lower(): value for name, value in request.headers}
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert headers["authorization"].startswith("Basic ")
    shown = repr(request)
    assert OPAQUE not in shown
    assert headers["authorization"] not in shown
    requests.clear()
    with pytest.raises(UndecidedError):
        issuer.validator(fetch=fetch, jwks_uri=issuer.jwks_uri).prefetch()
    assert [(request.method, request.body) for request in requests] == [("GET", None)]


def test_what_fetch_raises_is_the_cause(issuer: Issuer) -> None:
    trouble = ConnectionError("nobody there")

    def fetch(_: FetchRequest) -> FetchResponse:
        raise trouble

    calls: list[Callable[[Validator], Any]] = [
        lambda validator: validator.validate(OPAQUE),
        lambda validator: asyncio.run(validator.validate_async(OPAQUE)),
    ]
    for call in calls:
        with pytest.raises(UndecidedError, match="introspection_unavailable") as caught:
            call(asking(issuer, fetch=fetch))
        assert caught.value.__cause__ is trouble


def test_tasks_that_ask_about_the_same_token_share_a_request(issuer: Issuer) -> None:
    issuer.said = good()

    async def main() -> None:
        validator = asking(issuer)
        with issuer.held_back():
            calls = [asyncio.create_task(validator.validate_async(OPAQUE)) for _ in range(100)]
            assert await asyncio.to_thread(issuer.arrived.wait, 20)
            calls[0].cancel()
            await asyncio.sleep(0.05)
            assert not any(call.done() for call in calls[1:]), "the loop goes on meanwhile"
        assert {(await call).sub for call in calls[1:]} == {"user-1"}
        others = [validator.validate_async(f"{OPAQUE}{number}") for number in range(20)]
        assert {token.sub for token in await asyncio.gather(*others)} == {"user-1"}

    asyncio.run(main())
    assert issuer.asked == {INTROSPECT: 21}


def test_threads_that_ask_about_the_same_token_share_a_request(issuer: Issuer) -> None:
    issuer.said = good()
    validator = asking(issuer)
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(validator.validate(OPAQUE).sub)) for _ in range(8)]
    with issuer.held_back():
        for thread in threads:
            thread.start()
        assert issuer.arrived.wait(20)
    for thread in threads:
        thread.join()
    assert (found, issuer.asked) == (["user-1"] * 8, {INTROSPECT: 1})


def test_a_child_asks_for_itself(issuer: Issuer) -> None:
    issuer.said = good()
    validator = asking(issuer)
    with issuer.held_back():
        waiting = threading.Thread(target=validator.validate, args=(OPAQUE,))
        waiting.start()
        assert issuer.arrived.wait(20)
        children = [forked(lambda: validator.validate(OPAQUE).sub == "user-1") for _ in range(3)]
    assert [ended(child) for child in children] == [0] * 3
    waiting.join()
    assert issuer.asked == {INTROSPECT: 4}


def test_keys_that_sign_assertions_are_handles(issuer: Issuer, key: at9068.SigningKey) -> None:
    issuer.said = good()
    introspection = {
        "endpoint": issuer.origin + INTROSPECT,
        "authentication": "private_key_jwt",
        "client_id": "api",
        "keys": key,
    }
    assert issuer.validator(strategy="introspection", introspection=introspection).validate(OPAQUE).sub == "user-1"
    (posted,) = issuer.posted
    assert b"client_assertion=" in posted
    resolver: Any = {issuer.name: {"issuer": issuer.name, "strategy": "introspection", "introspection": introspection}}
    cache: Any = {**CACHE, "trusted_hosts": ["127.0.0.1"]}
    other = Validator(
        issuer="https://as.example/", audience=API, jwks=key.key_set(), issuer_cache=cache, resolver=resolver.get
    )
    assert other.validate(issuer.mint()).origin == "introspection"


def test_options_that_do_not_fit_are_named(issuer: Issuer) -> None:
    wrong: list[dict[str, Any]] = [
        {"strategy": "introspection"},
        {"strategy": "guess", "introspection": issuer.introspection()},
        {"strategy": "local", "introspection": issuer.introspection()},
        {"strategy": "introspection", "introspection": issuer.introspection(colour="red")},
    ]
    for options in wrong:
        with pytest.raises(ConfigError, match="config_invalid") as caught:
            issuer.validator(**options)
        assert "hunter2" not in str(caught.value)


def test_an_answer_tells_what_a_validator_found(validator: Validator, minted: MintedToken) -> None:
    token = validator.validate(minted.token, now=NOW)
    told = json.loads(introspection_response(token))
    assert told["active"] is True
    assert (told["client_id"], told["token_type"], told["exp"]) == ("client-7", "Bearer", NOW + 3600)
    assert introspection_response(None) == '{"active":false}'
    with pytest.raises(TypeError):
        introspection_response(minted)  # type: ignore[arg-type]


def test_an_answer_is_signed(validator: Validator, minter: Minter, minted: MintedToken) -> None:
    token = validator.validate(minted.token, now=NOW)
    answer = minter.mint_introspection_response(token, "https://rs.example/", now=NOW)
    assert answer.header["typ"] == "token-introspection+jwt"
    assert (answer.claims["aud"], answer.claims["iat"]) == ("https://rs.example/", NOW)
    assert answer.claims["token_introspection"] == json.loads(introspection_response(token))
    assert minter.mint_introspection_response(None, audience="rs").claims["token_introspection"] == {"active": False}
    for audience in ("", "\ud800"):
        with pytest.raises(ConfigError, match="argument_invalid"):
            minter.mint_introspection_response(token, audience)
    anything: Any = minter
    calls: list[Callable[[], object]] = [
        lambda: anything.mint_introspection_response(token, 1),
        lambda: anything.mint_introspection_response("token", "rs"),
        lambda: anything.mint_introspection_response(token, "rs", now="noon"),
    ]
    for call in calls:
        with pytest.raises(TypeError):
            call()


def test_a_signed_answer_is_taken_and_no_other(issuer: Issuer, minter: Minter, validator: Validator) -> None:
    own = Minter(issuer=issuer.name, keys=issuer.keys[0], apis=[{"audience": API, "dialect": "rfc9068_profile"}])
    known = issuer.validator(jwks_uri=issuer.jwks_uri).validate(issuer.mint())

    def fetch(request: FetchRequest) -> FetchResponse:
        path = request.url.removeprefix(issuer.origin)
        if path != INTROSPECT:
            return FetchResponse(200, {"Content-Type": "application/json"}, issuer.answer(path)[1])
        by = minter if request.body == b"token=forged&token_type_hint=access_token" else own
        answer = by.mint_introspection_response(known, "api").token
        return FetchResponse(200, {"Content-Type": "application/token-introspection+jwt"}, answer.encode())

    asked = issuer.validator(
        strategy="introspection", introspection=issuer.introspection(signed_response=True), fetch=fetch
    )
    assert asyncio.run(asked.validate_async(OPAQUE)).client_id == "cron"
    assert issuer.asked[JWKS] == 2
    with pytest.raises(UndecidedError, match="introspection_unavailable"):
        asked.validate("forged")
