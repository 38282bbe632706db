"""How clients authenticate, and that each of their assertions is accepted once."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import at9068
import pytest
from at9068 import (
    At9068Error,
    ClientAssertionMinter,
    ClientAssertionValidator,
    ConfigError,
    KeySet,
    MemoryReplayStore,
    ReplayStore,
    SigningKey,
    TokenError,
    UndecidedError,
)
from conftest import ISSUER, NOW, ended, forked
from loopback import CACHE, JWKS, Issuer

CLIENT = "client-7"
SECRET = "a secret that is long enough for HS256"


@pytest.fixture(scope="module")
def client(key: SigningKey) -> ClientAssertionMinter:
    return ClientAssertionMinter(client_id=CLIENT, audience=ISSUER, keys=key)


def server(keys: KeySet, **options: Any) -> ClientAssertionValidator:
    given: Any = {"issuer": ISSUER, "clients": [{"client_id": CLIENT, "jwks": keys}], **options}
    return ClientAssertionValidator(**given)


def test_an_assertion_has_typed_attributes(client: ClientAssertionMinter, keys: KeySet) -> None:
    minted = client.mint(jti="id-1", now=NOW)
    assertion = server(keys).validate(minted.token, client_id=CLIENT, now=NOW)
    assert (assertion.client_id, assertion.jti, assertion.aud) == (CLIENT, "id-1", ISSUER)
    assert (assertion.iat, assertion.exp, assertion.method) == (NOW, NOW + 60, "private_key_jwt")
    assert assertion.header["typ"] == "client-authentication+jwt"
    assert assertion.claims["sub"] == CLIENT
    assert assertion.claims is assertion.claims
    assert (assertion.claims_json, assertion.header_json) == (minted.claims_json, minted.header_json)
    assert minted.expires_in == 60


def test_a_secret_serves_as_well(keys: KeySet) -> None:
    client = ClientAssertionMinter(client_id=CLIENT, audience=ISSUER, client_secret=SECRET, lifetime_seconds=10)
    clients: Any = [{"client_id": CLIENT, "client_secret": SECRET, "algorithms": ["HS256"]}]
    assertion = ClientAssertionValidator(issuer=ISSUER, clients=clients).validate(client.mint().token)
    assert (assertion.method, assertion.header["alg"]) == ("client_secret_jwt", "HS256")
    with pytest.raises(TokenError, match="algorithm_not_allowed"):
        server(keys).validate(client.mint().token)


def test_an_assertion_is_accepted_once(client: ClientAssertionMinter, keys: KeySet) -> None:
    validator = server(keys)
    calls: list[Callable[[str], Any]] = [
        validator.validate,
        validator.validate_at_hand,
        lambda token: asyncio.run(validator.validate_async(token)),
    ]
    for first in calls:
        minted = client.mint()
        assert first(minted.token).client_id == CLIENT
        for again in calls:
            with pytest.raises(TokenError, match="token_replayed") as caught:
                again(minted.token)
            error = caught.value
            assert (error.claim, error.status, error.oauth) == ("jti", 401, "invalid_client")
            assert error.challenge == ()


def test_what_is_refused_is_not_used_up(client: ClientAssertionMinter, keys: KeySet) -> None:
    validator = server(keys)
    minted = client.mint(now=NOW)
    options: Any
    for options in ({"client_id": "another", "now": NOW}, {"now": NOW + 1000}):
        with pytest.raises(TokenError) as caught:
            validator.validate(minted.token, **options)
        assert (caught.value.status, caught.value.oauth) == (401, "invalid_client")
    assert validator.validate(minted.token, now=NOW).client_id == CLIENT


def test_arguments_are_judged(client: ClientAssertionMinter, keys: KeySet) -> None:
    anything: Any = server(keys)
    token = client.mint().token
    for client_id in (1, ["a"], "\ud800"):
        with pytest.raises(ConfigError, match="argument_invalid"):
            anything.validate(token, client_id=client_id)
    wrong: list[Callable[[], object]] = [
        lambda: anything.validate(1),
        lambda: anything.validate(token, CLIENT),
        lambda: anything.validate(token, now="noon"),
        lambda: client.mint({"jti": "a"}, jti="b"),  # type: ignore[call-overload]
        lambda: client.mint("text"),  # type: ignore[call-overload]
        lambda: server(keys, clock=1.0),
        lambda: server(keys, replay_store=object()),
        lambda: server(keys, replay_store=dict),
    ]
    for call in wrong:
        with pytest.raises(TypeError):
            call()
    with pytest.raises(ConfigError, match="jti"):
        client.mint(jti="")
    with pytest.raises(ConfigError, match="colour"):
        client.mint(colour="red")  # type: ignore[call-overload]
    assert anything.validate(token).client_id == CLIENT


def test_a_request_is_a_mapping_keywords_or_json_text(client: ClientAssertionMinter) -> None:
    by_mapping = client.mint({"jti": "a"}, now=NOW)
    assert client.mint(jti="a", now=NOW).claims_json == by_mapping.claims_json
    assert client.mint_json('{"jti": "a"}', now=NOW).claims_json == by_mapping.claims_json
    assert client.mint().claims["jti"] != client.mint().claims["jti"]


def test_options_are_read_from_json_text_too(key: SigningKey, keys: KeySet) -> None:
    text = f'{{"client_id": "{CLIENT}", "audience": "{ISSUER}", "keys": {{"keys": [{{"kty": "x"}}, {key.to_jwk()}]}}}}'
    client = ClientAssertionMinter.from_json(text, clock=lambda: NOW)
    assert [(entry.index, entry.code) for entry in client.skipped_keys] == [(0, "key_unsupported")]
    entries = [{"kty": "EC", "kid": "bad"}, *json.loads(keys.to_json())["keys"]]
    config = {"issuer": ISSUER, "clients": [{"client_id": CLIENT, "jwks": {"keys": entries}}]}
    validator = ClientAssertionValidator.from_json(json.dumps(config), clock=lambda: NOW)
    assert [(whose, entry.kid) for whose, entry in validator.skipped_keys] == [(CLIENT, "bad")]
    assert validator.validate(client.mint().token).iat == NOW
    assert (validator.status(), validator.issuer_cache) == ({"issuers": []}, None)
    for make in (ClientAssertionMinter.from_json, ClientAssertionValidator.from_json):
        with pytest.raises(ConfigError, match="config_invalid"):
            make("{}")
    with pytest.raises(ConfigError, match="keys or client_secret"):
        ClientAssertionMinter(client_id=CLIENT, audience=ISSUER)


class Store:
    """A store of the application's, which notes how it is asked."""

    def __init__(self, answer: Any = None) -> None:
        self.asked: list[tuple[str, int, int]] = []
        self.answer = answer
        self.seconds = 0.0

    def first_use(self, key: str, until: int, now: int, /) -> bool:
        known = key in (known for known, _, _ in self.asked)
        self.asked.append((key, until, now))
        time.sleep(self.seconds)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return not known if self.answer is None else self.answer


def test_a_store_of_the_application_is_asked_last(client: ClientAssertionMinter, keys: KeySet) -> None:
    store = Store()
    checked: ReplayStore = store
    validator = server(keys, replay_store=checked)
    other = server(keys, replay_store=checked)
    minted = client.mint(now=NOW)
    with pytest.raises(TokenError):
        validator.validate(minted.token, client_id="another", now=NOW)
    assert store.asked == []
    validator.validate(minted.token, now=NOW + 0.75)
    ((key, until, now),) = store.asked
    assert key.startswith("at9068:client_assertion:")
    assert (type(until), until, type(now), now) == (int, NOW + 60 + 30 + 60, int, NOW)
    for again in (validator, other):
        with pytest.raises(TokenError, match="token_replayed"):
            again.validate(minted.token, now=NOW)
    assert {asked[0] for asked in store.asked} == {key}


async def later(*_: Any) -> bool:
    return True


class Asynchronous:
    """What cannot be waited for."""

    def first_use(self, *_: Any) -> Any:
        coroutine = later()
        coroutine.close()
        return coroutine


@pytest.mark.parametrize(
    ("store", "cause"),
    [
        (Store(ConnectionError("nobody there")), ConnectionError),
        (Store(1), TypeError),
        (Store("yes"), TypeError),
        (Asynchronous(), TypeError),
    ],
)
def test_a_store_that_fails_accepts_nothing(
    client: ClientAssertionMinter, keys: KeySet, store: Any, cause: type[Exception]
) -> None:
    validator = server(keys, replay_store=store)
    calls: list[Callable[[str], Any]] = [
        validator.validate,
        validator.validate_at_hand,
        lambda token: asyncio.run(validator.validate_async(token)),
    ]
    for call in calls:
        with pytest.raises(At9068Error) as caught:
            call(client.mint().token)
        assert (type(caught.value), caught.value.code, caught.value.status) == (At9068Error, "internal", 500)
        assert type(caught.value.__cause__) is cause


def test_an_interrupt_in_a_store_stays_one(client: ClientAssertionMinter, keys: KeySet) -> None:
    validator = server(keys, replay_store=Store(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        validator.validate(client.mint().token)


def test_a_loop_does_not_wait_for_a_store(client: ClientAssertionMinter, keys: KeySet) -> None:
    store = Store()
    store.seconds = 0.5
    validator = server(keys, replay_store=store)

    async def main() -> None:
        call = asyncio.create_task(validator.validate_async(client.mint().token))
        turns = 0
        while not call.done():
            await asyncio.sleep(0.01)
            turns += 1
        assert (await call).client_id == CLIENT
        assert turns > 5

    asyncio.run(main())


def test_of_many_at_once_one_is_accepted(client: ClientAssertionMinter, keys: KeySet) -> None:
    validators = [server(keys, replay_store=store) for store in [MemoryReplayStore()] for _ in range(2)]
    for _ in range(20):
        token = client.mint().token
        barrier = threading.Barrier(8)

        def use(number: int, token: str = token, barrier: threading.Barrier = barrier) -> str:
            barrier.wait()
            try:
                return validators[number % 2].validate(token).client_id
            except TokenError as error:
                return error.code

        with ThreadPoolExecutor(8) as pool:
            assert sorted(pool.map(use, range(8))) == [CLIENT] + ["token_replayed"] * 7

    async def main() -> list[Any]:
        token = client.mint().token
        calls = [validator.validate_async(token) for validator in validators * 50]
        return list(await asyncio.gather(*calls, return_exceptions=True))

    outcomes = asyncio.run(main())
    assert sum(isinstance(outcome, at9068.ClientAssertion) for outcome in outcomes) == 1


def test_a_store_in_memory_is_bounded(client: ClientAssertionMinter, keys: KeySet) -> None:
    store = MemoryReplayStore(capacity=2)
    assert store.first_use("a", NOW + 10, NOW)
    assert not store.first_use("a", NOW + 10, NOW)
    assert store.first_use("b", NOW + 200, NOW)
    with pytest.raises(At9068Error, match="full"):
        store.first_use("c", NOW + 10, NOW)
    assert (len(store), repr(store)) == (2, "<at9068.MemoryReplayStore len=2>")
    validator = server(keys, replay_store=store)
    with pytest.raises(At9068Error, match="internal"):
        validator.validate(client.mint(now=NOW).token, now=NOW)
    assert validator.validate(client.mint(now=NOW + 10).token, now=NOW + 10).client_id == CLIENT
    assert len(store) == 2
    with pytest.raises(OverflowError):
        MemoryReplayStore(capacity=-1)
    with pytest.raises(TypeError):
        MemoryReplayStore(capacity="many")  # type: ignore[arg-type]
    assert len(MemoryReplayStore()) == 0


def test_a_child_has_a_store_of_its_own(client: ClientAssertionMinter, keys: KeySet) -> None:
    validator = server(keys)
    used, fresh = client.mint().token, client.mint().token
    validator.validate(used)
    # What a child does not share, it cannot know.
    child = forked(lambda: all(validator.validate(token).client_id == CLIENT for token in (used, fresh)))
    assert ended(child) == 0
    assert validator.validate(fresh).client_id == CLIENT
    with pytest.raises(TokenError, match="token_replayed"):
        validator.validate(used)


def test_keys_of_clients_are_fetched(issuer: Issuer, key: SigningKey) -> None:
    client = ClientAssertionMinter(client_id=CLIENT, audience=issuer.name, keys=key)

    def of(**cache: Any) -> ClientAssertionValidator:
        clients = [{"client_id": CLIENT, "jwks_uri": issuer.jwks_uri}]
        given: Any = {"issuer": issuer.name, "clients": clients, "issuer_cache": {**CACHE, **cache}}
        return ClientAssertionValidator(**given)

    validator = of(trusted_hosts=["127.0.0.1"])
    with pytest.raises(UndecidedError, match="keys_unavailable"), issuer.held_back():
        validator.validate_at_hand(client.mint().token)
    assert validator.validate(client.mint().token).client_id == CLIENT
    assert issuer.asked == {JWKS: 1}
    validator.prefetch()
    validator.refresh()
    assert issuer.asked == {JWKS: 2}
    (status,) = validator.status()["issuers"]
    assert (status["issuer"], status["state"]) == (CLIENT, "fresh")
    with pytest.raises(UndecidedError) as caught:
        of().validate(client.mint().token)
    assert (caught.value.code, caught.value.status, caught.value.challenge) == ("keys_unavailable", 503, ())
    assert issuer.asked == {JWKS: 2}, "a host that a client chose is not this machine"

    async def main() -> None:
        other = of(trusted_hosts=["127.0.0.1"])
        with issuer.held_back():
            calls = [asyncio.create_task(other.validate_async(client.mint().token)) for _ in range(50)]
            assert await asyncio.to_thread(issuer.arrived.wait, 20)
        assert {(await call).client_id for call in calls} == {CLIENT}

    asyncio.run(main())
    assert issuer.asked == {JWKS: 3}


def test_a_fetch_that_waits_and_a_store_that_blocks(issuer: Issuer, key: SigningKey) -> None:
    client = ClientAssertionMinter(client_id=CLIENT, audience=issuer.name, keys=key)
    trouble = ConnectionError("nobody there")
    store = Store()
    failing = [True]

    def fetch(_: at9068.FetchRequest) -> at9068.FetchResponse:
        if failing:
            raise trouble
        status, body = issuer.answer(JWKS)
        return at9068.FetchResponse(status, (), body)

    async def main() -> None:
        options: Any = {"issuer": issuer.name, "clients": [{"client_id": CLIENT, "jwks_uri": issuer.jwks_uri}]}
        options |= {"issuer_cache": {**CACHE, "trusted_hosts": ["127.0.0.1"]}, "fetch": fetch, "replay_store": store}
        with pytest.raises(UndecidedError) as caught:
            await ClientAssertionValidator(**options).validate_async(client.mint().token)
        assert caught.value.__cause__ is trouble
        assert store.asked == []
        failing.clear()
        validator = ClientAssertionValidator(**options)
        token = client.mint().token
        assert (await validator.validate_async(token)).client_id == CLIENT
        with pytest.raises(TokenError, match="token_replayed"):
            await validator.validate_async(token)

    asyncio.run(main())


def test_a_clock_that_fails_is_the_cause(key: SigningKey, keys: KeySet) -> None:
    trouble = OSError("no time")

    def clock() -> float:
        raise trouble

    client = ClientAssertionMinter(client_id=CLIENT, audience=ISSUER, keys=key, clock=clock)
    calls: list[Callable[[], object]] = [
        client.mint,
        lambda: server(keys, clock=clock).validate(client.mint(now=NOW).token),
    ]
    for call in calls:
        with pytest.raises(At9068Error, match="internal") as caught:
            call()
        assert caught.value.__cause__ is trouble


def test_nothing_shows_an_assertion_or_a_secret(client: ClientAssertionMinter, keys: KeySet) -> None:
    minted = client.mint(jti="id-1")
    validator = server(keys)
    assertion = validator.validate(minted.token)
    shown = " ".join(f"{one!r} {one}" for one in (client, validator, assertion, minted))
    secrets = [*minted.token.split("."), CLIENT, "id-1", ISSUER]
    assert all(secret not in shown for secret in secrets)
    with pytest.raises(ConfigError) as caught:
        ClientAssertionMinter(client_id=CLIENT, audience=ISSUER, client_secret="hunter2")
    assert "hunter2" not in str(caught.value)


def test_cycles_are_collected(key: SigningKey, keys: KeySet) -> None:
    class Owner:
        def __init__(self) -> None:
            self.client = ClientAssertionMinter(client_id=CLIENT, audience=ISSUER, keys=key, clock=self.now)
            self.validator = server(keys, clock=self.now, replay_store=self)

        def now(self) -> float:
            return NOW

        def first_use(self, *_: Any) -> bool:
            return True

    owner = Owner()
    assert owner.validator.validate(owner.client.mint().token).client_id == CLIENT
    gone = weakref.ref(owner)
    del owner
    gc.collect()
    assert gone() is None
