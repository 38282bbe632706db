"""Keys that are fetched while an event loop goes on."""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from collections.abc import Awaitable
from typing import Any

import at9068
import pytest
from at9068 import FetchRequest, FetchResponse, UndecidedError
from loopback import JWKS, OAUTH, OPENID, Issuer


async def arrived(issuer: Issuer) -> None:
    """Wait until somebody asks the issuer."""
    assert await asyncio.to_thread(issuer.arrived.wait, 20)


async def longest_delay(until: asyncio.Event) -> float:
    """Give the longest time that the loop was late."""
    longest = 0.0
    while not until.is_set():
        before = time.perf_counter()
        await asyncio.sleep(0.005)
        longest = max(longest, time.perf_counter() - before - 0.005)
    return longest


async def delay_during(work: Awaitable[Any]) -> float:
    done = asyncio.Event()
    watching = asyncio.create_task(longest_delay(done))
    await asyncio.sleep(0)
    await work
    done.set()
    return await watching


def test_a_token_is_validated(issuer: Issuer) -> None:
    async def main() -> None:
        validator = issuer.validator()
        coroutine = validator.validate_async(issuer.mint(), require={"scopes": []})
        assert inspect.iscoroutine(coroutine)
        assert (await coroutine).client_id == "cron"
        request: Any = {"headers": [("Authorization", f"Bearer {issuer.mint()}")]}
        assert (await validator.authenticate_async(request)).iss == issuer.name
        with pytest.raises(at9068.TokenError, match="token_expired"):
            await validator.validate_async(issuer.mint(), now=time.time() + 2_000_000)
        with pytest.raises(at9068.TokenError, match="credentials_missing"):
            await validator.authenticate_async({"headers": []})
        with pytest.raises(TypeError):
            await validator.validate_async(1)  # type: ignore[arg-type]

    asyncio.run(main())
    assert issuer.asked == {OAUTH: 1, OPENID: 1, JWKS: 1}


def test_a_thousand_first_calls_make_one_request_for_each_document(issuer: Issuer) -> None:
    async def main() -> None:
        validator = issuer.validator()
        token = issuer.mint()
        tokens = await asyncio.gather(*(validator.validate_async(token) for _ in range(1000)))
        assert {token.iss for token in tokens} == {issuer.name}

    asyncio.run(main())
    assert issuer.asked == {OAUTH: 1, OPENID: 1, JWKS: 1}


def test_the_loop_goes_on_while_an_issuer_hangs(issuer: Issuer) -> None:
    async def main() -> None:
        validator = issuer.validator()
        idle = await delay_during(asyncio.sleep(1.0))
        token = issuer.mint()
        with issuer.held_back():
            call = asyncio.create_task(validator.validate_async(token))
            busy = await delay_during(asyncio.sleep(1.0))
            assert not call.done()
            issuer.gate.set()
            assert (await call).iss == issuer.name
        assert busy < max(20 * idle, 0.5), "a loop that is blocked is late by all of a second"

    asyncio.run(main())


def test_a_task_that_is_cancelled_takes_the_fetch_from_nobody(issuer: Issuer) -> None:
    async def main() -> None:
        validator = issuer.validator()
        token = issuer.mint()
        with issuer.held_back():
            first = asyncio.create_task(validator.validate_async(token))
            await arrived(issuer)
            others = [asyncio.create_task(validator.validate_async(token)) for _ in range(3)]
            await asyncio.sleep(0.05)
            first.cancel()
            others[0].cancel()
            with pytest.raises(asyncio.CancelledError):
                await first
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(validator.validate_async(token), 0.05)
        assert [(await call).iss for call in others[1:]] == [issuer.name] * 2

    asyncio.run(main())
    assert issuer.asked == {OAUTH: 1, OPENID: 1, JWKS: 1}


def test_an_outage_is_undecided(issuer: Issuer) -> None:
    async def main() -> None:
        issuer.status = 500
        validator = issuer.validator()
        with pytest.raises(UndecidedError) as caught:
            await validator.validate_async(issuer.mint())
        assert (caught.value.code, caught.value.status) == ("keys_unavailable", 503)
        assert caught.value.retry_after is not None
        with pytest.raises(UndecidedError):
            await validator.prefetch_async()

    asyncio.run(main())


def test_what_fetch_raises_is_the_cause_for_all_who_wait(issuer: Issuer) -> None:
    trouble = ConnectionError("nobody there")
    gate = threading.Event()

    def fetch(_: FetchRequest) -> FetchResponse:
        gate.wait(20)
        raise trouble

    async def main() -> None:
        validator = issuer.validator(fetch=fetch)
        calls = [asyncio.create_task(validator.validate_async(issuer.mint())) for _ in range(5)]
        await asyncio.sleep(0.05)
        gate.set()
        failures = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(failure) for failure in failures} == {UndecidedError}
        assert {failure.__cause__ for failure in failures if isinstance(failure, BaseException)} == {trouble}

    asyncio.run(main())


def test_a_fetch_that_never_comes_back_is_given_up(issuer: Issuer) -> None:
    forever = threading.Event()

    def fetch(_: FetchRequest) -> FetchResponse:
        forever.wait(60)
        return FetchResponse(500)

    async def main() -> None:
        validator = issuer.validator(fetch=fetch, issuer_cache={"timeout_seconds": 0.05, "danger_http_loopback": True})
        with pytest.raises(UndecidedError, match="keys_unavailable"):
            await validator.validate_async(issuer.mint())

    try:
        asyncio.run(main())
    finally:
        forever.set()


def test_keys_are_fetched_ahead_and_anew(issuer: Issuer) -> None:
    async def main() -> None:
        validator = issuer.validator()
        with issuer.held_back():
            ahead = asyncio.create_task(validator.prefetch_async())
            await arrived(issuer)
            assert not ahead.done()
        await ahead
        await validator.prefetch_async()
        assert issuer.asked[JWKS] == 1
        await validator.refresh_async()
        assert issuer.asked[JWKS] == 2

    asyncio.run(main())


def test_loops_of_several_threads_share_a_fetch(issuer: Issuer) -> None:
    validator = issuer.validator()
    token = issuer.mint()
    found = []

    def work() -> None:
        async def main() -> None:
            found.append((await validator.validate_async(token)).iss)

        asyncio.run(main())

    threads = [threading.Thread(target=work) for _ in range(8)]
    with issuer.held_back():
        for thread in threads:
            thread.start()
        assert issuer.arrived.wait(20)
    for thread in threads:
        thread.join()
    assert found == [issuer.name] * 8
    assert issuer.asked == {OAUTH: 1, OPENID: 1, JWKS: 1}


def test_a_loop_that_was_closed_is_not_missed(issuer: Issuer, capfd: pytest.CaptureFixture[str]) -> None:
    validator = issuer.validator()
    with issuer.held_back():
        loop = asyncio.new_event_loop()
        call = loop.create_task(validator.validate_async(issuer.mint()))
        loop.run_until_complete(arrived(issuer))
        call.cancel()
        loop.run_until_complete(asyncio.gather(call, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
    assert validator.validate(issuer.mint()).iss == issuer.name
    assert capfd.readouterr() == ("", "")
