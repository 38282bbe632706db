"""Many tokens at once: in order, one error for each that is refused, and other threads run meanwhile."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any, cast

import pytest
from at9068 import (
    AccessToken,
    At9068Error,
    ConfigError,
    DemandError,
    FetchRequest,
    FetchResponse,
    KeySet,
    MintedToken,
    Minter,
    MintError,
    MintRequest,
    TokenError,
    UndecidedError,
    Validator,
)
from conftest import API, ISSUER, NOW, ended, forked
from loopback import Issuer

REQUEST: MintRequest = {"grant_type": "client_credentials", "client_id": "cron", "resource": [API]}


def good(outcomes: list[Any]) -> bool:
    return all(isinstance(outcome, AccessToken) for outcome in outcomes)


def mixed(minter: Minter, count: int) -> tuple[list[str], list[str]]:
    """Mint tokens of which every third is refused, for one reason or another, and tell what comes of each."""
    tokens, expected = [], []
    for number in range(count):
        token = minter.mint(REQUEST, now=NOW if number % 3 else NOW - 7200).token
        tokens.append(token[:-4] if number % 6 == 3 else token)
        expected.append("signature_invalid" if number % 6 == 3 else "ok" if number % 3 else "token_expired")
    return tokens, expected


def slugs(outcomes: list[AccessToken | At9068Error]) -> list[str]:
    return ["ok" if isinstance(outcome, AccessToken) else outcome.code for outcome in outcomes]


def test_outcomes_are_in_order(validator: Validator, minter: Minter) -> None:
    tokens, _ = mixed(minter, 100)
    outcomes = validator.validate_many(tokens, now=NOW)
    assert len(outcomes) == len(tokens)
    for token, outcome in zip(tokens, outcomes, strict=True):
        try:
            alone: AccessToken | At9068Error = validator.validate(token, now=NOW)
        except At9068Error as raised:
            alone = raised
        assert type(outcome) is type(alone)
        if isinstance(alone, At9068Error):
            assert isinstance(outcome, At9068Error)
            assert (outcome.code, outcome.claim, outcome.challenge) == (alone.code, alone.claim, alone.challenge)
            assert str(outcome) == str(alone)
            assert outcome.__cause__ is None
        else:
            assert isinstance(outcome, AccessToken)
            assert outcome.claims == alone.claims
    assert len({type(outcome) for outcome in outcomes}) == 2


def test_any_iterable_will_do(validator: Validator, minted: MintedToken) -> None:
    text = minted.token
    given: list[str | bytes | bytearray] = [text, text.encode(), bytearray(text.encode())]

    def one_by_one() -> Iterator[str | bytes | bytearray]:
        yield from given

    for tokens in (given, tuple(given), one_by_one(), dict.fromkeys([text]).keys()):
        outcomes = validator.validate_many(tokens, now=NOW)
        assert outcomes
        assert good(outcomes)
    assert validator.validate_many([]) == []
    assert validator.validate_many(iter(())) == []


def test_an_iterable_may_fail(validator: Validator, minted: MintedToken) -> None:
    def failing() -> Iterator[str]:
        yield minted.token
        raise LookupError("the log ends here")

    with pytest.raises(LookupError, match="ends here"):
        validator.validate_many(failing())


def test_what_is_no_token_is_named_by_its_place(validator: Validator, minted: MintedToken) -> None:
    tokens = [minted.token, minted.token, None]
    with pytest.raises(TypeError, match=r"^at index 2: token must be str or bytes, not NoneType$"):
        validator.validate_many(cast(Any, tokens))
    for wrong in (minted.token, minted.token.encode(), {minted.token: 1}, 5, None):
        with pytest.raises(TypeError, match="tokens must be an iterable, not"):
            validator.validate_many(cast(Any, wrong))
        with pytest.raises(TypeError, match="tokens must be an iterable, not"):
            asyncio.run(validator.validate_many_async(cast(Any, wrong)))
    # What is text and no token is refused like any other.
    surrogate = validator.validate_many([minted.token, "\ud800.a.b", ""], now=NOW)
    assert slugs(surrogate) == ["ok", "token_malformed", "token_malformed"]


def test_demands_hold_for_each(validator: Validator, minted: MintedToken, minter: Minter) -> None:
    poor = minter.mint(REQUEST, now=NOW).token
    require: Any = {"scopes": ["read:admin"]}
    rich, refused = validator.validate_many([minted.token, poor], require=require, now=NOW)
    assert isinstance(rich, AccessToken)
    assert isinstance(refused, DemandError)
    assert refused.code == "scope_insufficient"
    with pytest.raises(ConfigError, match="argument_invalid"):
        validator.validate_many([minted.token], require=cast(Any, {"scopes": 5}))
    with pytest.raises(TypeError):
        validator.validate_many([minted.token], now=cast(Any, "noon"))


def test_all_are_judged_by_one_time(keys: KeySet, minter: Minter) -> None:
    asked = []

    def clock() -> float:
        asked.append(threading.get_ident())
        return NOW

    validator = Validator(issuer=ISSUER, audience=API, jwks=keys, clock=clock)
    outcomes = validator.validate_many([minter.mint(REQUEST, now=NOW).token] * 50)
    assert good(outcomes)
    assert asked == [threading.get_ident()]


def test_many_are_validated_without_blocking_the_loop(validator: Validator, minter: Minter) -> None:
    tokens, _ = mixed(minter, 400)

    async def main() -> tuple[list[AccessToken | At9068Error], int]:
        turns = 0

        async def turn() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        turning = asyncio.create_task(turn())
        outcomes = await validator.validate_many_async(tokens, now=NOW)
        turning.cancel()
        return outcomes, turns

    outcomes, turns = asyncio.run(main())
    assert slugs(outcomes) == slugs(validator.validate_many(tokens, now=NOW))
    assert turns > 2


@pytest.mark.parametrize("in_loop", [False, True])
def test_keys_are_fetched_once_for_all(issuer: Issuer, in_loop: bool) -> None:
    validator = issuer.validator()
    tokens = [issuer.mint() for _ in range(20)]
    outcomes = asyncio.run(validator.validate_many_async(tokens)) if in_loop else validator.validate_many(tokens)
    assert good(outcomes)
    assert set(issuer.asked.values()) == {1}


@pytest.mark.parametrize("in_loop", [False, True])
def test_why_there_are_no_keys_is_said_by_each(minter: Minter, in_loop: bool) -> None:
    def fetch(_: FetchRequest) -> FetchResponse:
        raise OSError("the network is down")

    validator = Validator(issuer=ISSUER, audience=API, jwks_uri=ISSUER + "jwks", fetch=fetch)
    tokens = [minter.mint(REQUEST).token, "no token"]
    outcomes = asyncio.run(validator.validate_many_async(tokens)) if in_loop else validator.validate_many(tokens)
    undecided, refused = outcomes
    assert isinstance(undecided, UndecidedError)
    assert isinstance(undecided.__cause__, OSError)
    assert isinstance(refused, TokenError)
    assert refused.__cause__ is None


def test_other_threads_run_meanwhile(keys: KeySet, minter: Minter) -> None:
    validator = Validator(issuer=ISSUER, audience=API, jwks=keys, token_cache={"max_entries": 0})
    tokens = [minter.mint(REQUEST, now=NOW).token] * 2000
    ticks = []
    done = threading.Event()

    def tick() -> None:
        while not done.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.0005)

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        begin = time.perf_counter()
        assert good(validator.validate_many(tokens, now=NOW))
        end = time.perf_counter()
    finally:
        done.set()
        thread.join()
    assert sum(begin < tick < end for tick in ticks) > 3


def test_threads_and_children_share_what_is_kept(validator: Validator, minter: Minter) -> None:
    tokens, expected = mixed(minter, 60)
    failures: list[Any] = []

    def work() -> None:
        for _ in range(20):
            if (found := slugs(validator.validate_many(tokens, now=NOW))) != slugs_alone:
                failures.append(found)

    slugs_alone = slugs(validator.validate_many(tokens, now=NOW))
    assert slugs_alone.count("ok") == expected.count("ok")
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    children = [forked(lambda: slugs(validator.validate_many(tokens, now=NOW)) == slugs_alone) for _ in range(8)]
    for thread in threads:
        thread.join()
    assert failures == []
    assert [ended(child) for child in children] == [0] * 8


def test_many_are_minted_in_order(minter: Minter, validator: Validator) -> None:
    def requests() -> Iterator[MintRequest]:
        for number in range(100):
            yield {**REQUEST, "client_id": f"client-{number}"}

    minted = minter.mint_many(requests(), now=NOW)
    for number, token in enumerate(minted):
        assert isinstance(token, MintedToken)
        assert token.expires_in == 3600
        assert validator.validate(token.token, now=NOW).client_id == f"client-{number}"
    assert len({token.claims["jti"] for token in minted if isinstance(token, MintedToken)}) == 100
    assert minter.mint_many([]) == []


def test_what_is_not_minted_is_an_error_in_its_place(minter: Minter) -> None:
    endless: Any = {**REQUEST, "claims": {}}
    endless["claims"]["again"] = endless["claims"]
    requests: list[Any] = [
        REQUEST,
        {**REQUEST, "claims": {"iss": "me"}},
        {"grant_type": "client_credentials"},
        endless,
        {**REQUEST, "resource": ["https://other.example/"]},
        REQUEST,
    ]
    outcomes = minter.mint_many(requests, now=NOW)
    assert [isinstance(outcome, MintedToken) for outcome in outcomes] == [True, False, False, False, False, True]
    for request, outcome in zip(requests, outcomes, strict=True):
        if isinstance(outcome, At9068Error):
            with pytest.raises(At9068Error) as alone:
                minter.mint(request, now=NOW)
            assert type(outcome) is type(alone.value)
            assert (outcome.code, str(outcome)) == (alone.value.code, str(alone.value))
    assert isinstance(outcomes[1], MintError)
    assert isinstance(outcomes[3], ConfigError)


def test_what_is_no_request_is_named_by_its_place(minter: Minter) -> None:
    with pytest.raises(TypeError, match=r"^at index 1: a request must be a mapping, not str$"):
        minter.mint_many(cast(Any, [REQUEST, "no request"]))
    with pytest.raises(TypeError, match=r"^at index 0: a value must be JSON"):
        minter.mint_many(cast(Any, [{**REQUEST, "claims": {"x": object()}}]))
    for wrong in (REQUEST, "text", 5, None):
        with pytest.raises(TypeError, match="requests must be an iterable, not"):
            minter.mint_many(cast(Any, wrong))
