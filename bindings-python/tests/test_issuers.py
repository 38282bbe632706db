"""Keys that are fetched from their issuers, by callers that wait."""

from __future__ import annotations

import copy
import gc
import json
import logging
import pickle
import signal
import sys
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import at9068
import pytest
from at9068 import FetchRequest, FetchResponse, IssuerCache, KeySet, SigningKey, UndecidedError, Validator
from loopback import API, CACHE, JWKS, OAUTH, OPENID, Issuer


@pytest.fixture
def unraisable(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Collect what nobody could catch."""
    found: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda given: found.append(given.exc_value))
    return found


def eventually(holds: Any) -> None:
    until = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.005)


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


def test_keys_are_discovered_when_they_are_needed(issuer: Issuer) -> None:
    validator = issuer.validator()
    assert not issuer.asked
    for _ in range(3):
        assert validator.validate(issuer.mint()).client_id == "cron"
    assert issuer.asked == {OAUTH: 1, OPENID: 1, JWKS: 1}
    request: Any = {"headers": [("Authorization", f"Bearer {issuer.mint()}")]}
    assert issuer.validator(discovery="openid").authenticate(request).iss == issuer.name
    assert issuer.asked == {OAUTH: 1, OPENID: 2, JWKS: 2}
    explained = issuer.validator(jwks_uri=issuer.jwks_uri).explain(issuer.mint())
    assert explained.token is not None
    assert issuer.asked == {OAUTH: 1, OPENID: 2, JWKS: 3}


def test_a_new_key_is_fetched_when_a_token_names_it(issuer: Issuer) -> None:
    clock = Time()
    validator = issuer.validator(jwks_uri=issuer.jwks_uri, clock=clock)
    validator.validate(issuer.mint())
    issuer.keys.append(SigningKey.generate("ES256"))
    with pytest.raises(at9068.TokenError, match="key_not_found"):
        validator.validate(issuer.mint())
    clock.now += 31
    assert validator.validate(issuer.mint()).iss == issuer.name
    assert issuer.asked == {JWKS: 2}
    with pytest.raises(at9068.TokenError, match="key_not_found"):
        validator.validate(issuer.mint(SigningKey.generate("ES256")))
    assert issuer.asked == {JWKS: 2}


def test_pinned_keys_alone_count(issuer: Issuer, key: SigningKey) -> None:
    pinned = at9068.thumbprint(json.loads(key.key_set().to_json())["keys"][0])
    validator = issuer.validator(key_thumbprints=[pinned])
    assert validator.validate(issuer.mint()).iss == issuer.name
    issuer.keys = [SigningKey.generate("ES256")]
    validator.refresh()
    with pytest.raises(at9068.TokenError, match="key_not_found"):
        validator.validate(issuer.mint())


def test_an_outage_from_the_start_is_undecided(issuer: Issuer) -> None:
    issuer.status = 500
    validator = issuer.validator()
    for _ in range(2):
        with pytest.raises(UndecidedError) as caught:
            validator.validate(issuer.mint())
        error = caught.value
        assert (error.code, error.number, error.status) == ("keys_unavailable", 204, 503)
        assert (error.challenge, error.oauth, error.__cause__) == ((), None, None)
        assert error.retry_after is not None
        assert error.retry_after >= 1
    assert sum(issuer.asked.values()) == 1
    issuer.status = 200
    with pytest.raises(UndecidedError, match="metadata_invalid"):
        Validator(issuer=issuer.name + "other", audience=API, discovery="oauth", issuer_cache=wrong(issuer)).prefetch()


def wrong(issuer: Issuer) -> IssuerCache:
    """Make a cache that is told of another issuer."""
    body = json.dumps({"issuer": issuer.name, "jwks_uri": issuer.jwks_uri}).encode()
    return IssuerCache(fetch=lambda _: FetchResponse(200, {}, body), danger_http_loopback=True)


def test_stale_keys_serve_while_none_can_be_fetched(issuer: Issuer) -> None:
    clock = Time()
    validator = issuer.validator(clock=clock)
    token = issuer.mint()
    validator.validate(token)
    issuer.status = 503
    clock.now += 601
    assert validator.status()["issuers"][0]["state"] == "stale"
    assert validator.validate(token).iss == issuer.name
    status = validator.status()["issuers"][0]
    assert (status["state"], status["counters"]["served_stale"]) == ("stale", 1)
    assert status["last_error"] is not None
    assert (status["last_error"]["code"], status["last_error"]["reason"]) == ("keys_unavailable", "status")
    clock.now += 3600
    with pytest.raises(UndecidedError, match="keys_unavailable"):
        validator.validate(token)
    issuer.status = 200
    clock.now += 60
    assert validator.validate(token).iss == issuer.name


def test_due_keys_are_fetched_meanwhile(issuer: Issuer) -> None:
    clock = Time()
    validator = issuer.validator(clock=clock)
    token = issuer.mint()
    validator.prefetch()
    clock.now += 500
    with issuer.held_back():
        assert validator.validate(token).iss == issuer.name
        assert issuer.arrived.wait(20)
        assert validator.status()["issuers"][0]["refreshing"]
    eventually(lambda: validator.status()["issuers"][0]["state"] == "fresh")


def test_what_is_at_hand_never_waits(issuer: Issuer) -> None:
    validator = issuer.validator()
    token = issuer.mint()
    with issuer.held_back():
        with pytest.raises(UndecidedError, match="keys_unavailable"):
            validator.validate_at_hand(token)
        assert issuer.arrived.wait(20)
    eventually(lambda: validator.status()["issuers"][0]["state"] == "fresh")
    assert validator.validate_at_hand(token).iss == issuer.name


def test_the_operator_fetches_ahead_and_anew(issuer: Issuer) -> None:
    validator = issuer.validator()
    validator.prefetch()
    validator.prefetch()
    assert issuer.asked[JWKS] == 1
    validator.refresh()
    assert issuer.asked[JWKS] == 2
    issuer.status = 500
    with pytest.raises(UndecidedError, match="keys_unavailable"):
        validator.refresh()
    assert validator.validate(issuer.mint()).iss == issuer.name


def test_a_status_is_as_its_type_says(issuer: Issuer) -> None:
    validator = issuer.validator(clock=Time())
    validator.prefetch()
    status = validator.status()["issuers"][0]
    every = at9068.IssuerStatus.__required_keys__ | at9068.IssuerStatus.__optional_keys__
    assert set(status) == every - {"introspection"}
    assert set(status["counters"]) == at9068.IssuerCounters.__required_keys__
    assert (status["issuer"], status["jwks_uri"], status["keys"]) == (issuer.name, issuer.jwks_uri, 1)
    assert validator.issuer_cache is not None
    assert validator.issuer_cache.status() == {"issuers": [status]}
    assert Validator(issuer=issuer.name, audience=API, jwks=KeySet.from_signing_keys(issuer.keys)).issuer_cache is None


def test_a_status_counts_what_was_remembered(issuer: Issuer) -> None:
    validator, token = issuer.validator(), issuer.mint()
    validator.prefetch()
    for _ in range(3):
        validator.validate(token)
    told = validator.status()["token_cache"]
    assert set(told) == at9068.TokenCacheStatus.__required_keys__
    assert (told["entries"], told["hits"], told["misses"]) == (1, 2, 1)
    assert validator.issuer_cache is not None
    assert "token_cache" not in validator.issuer_cache.status()


def test_validators_share_a_cache(issuer: Issuer) -> None:
    cache = IssuerCache(**CACHE)
    validators = [issuer.validator(issuer_cache=cache), issuer.validator(issuer_cache=cache, leeway_seconds=1)]
    config = json.dumps({"issuer": issuer.name, "audience": API})
    validators.append(Validator.from_json(config, issuer_cache=cache))
    for validator in validators:
        assert validator.validate(issuer.mint()).iss == issuer.name
        assert validator.issuer_cache is cache
    assert issuer.asked[JWKS] == 1
    assert [status["issuer"] for status in cache.status()["issuers"]] == [issuer.name]
    for name in ("fetch", "events"):
        with pytest.raises(TypeError, match="IssuerCache"):
            issuer.validator(issuer_cache=cache, **{name: print})
    assert IssuerCache.from_json('{"max_issuers": 1}').status() == {"issuers": []}
    with pytest.raises(at9068.ConfigError, match="max_isuers"):
        IssuerCache(max_isuers=1)  # type: ignore[call-arg]
    with pytest.raises(at9068.ConfigError, match="max_issuers"):
        issuer.validator(issuer_cache={"max_issuers": 0})
    with pytest.raises(TypeError, match="fetch must be callable"):
        IssuerCache(fetch=1)  # type: ignore[arg-type]


def test_a_snapshot_outlives_an_outage(issuer: Issuer) -> None:
    before = issuer.validator()
    before.prefetch()
    assert before.issuer_cache is not None
    snapshot = before.issuer_cache.snapshot()
    issuer.status = 500
    cache = IssuerCache(**CACHE)
    cache.restore(snapshot)
    assert issuer.validator(issuer_cache=cache).validate(issuer.mint()).iss == issuer.name
    with pytest.raises(at9068.ConfigError, match="argument_invalid"):
        cache.restore("{}")
    with pytest.raises(at9068.ConfigError, match="argument_invalid"):
        cache.restore("\ud800")


def test_a_resolver_knows_issuers(issuer: Issuer, keys: KeySet) -> None:
    asked = []

    def resolve(name: str) -> Any:
        asked.append(name)
        return {"issuer": name, **answers[name]} if name in answers else None

    other = "https://known.example/"
    answers: dict[str, Any] = {issuer.name: {"jwks_uri": issuer.jwks_uri}, other: {"jwks": keys}}
    config: Any = {"issuers": [{"issuer": "https://as.example/", "jwks": keys}]}
    cache: Any = {**CACHE, "trusted_hosts": ["127.0.0.1"]}
    validator = Validator(audience=API, resolver=resolve, issuer_cache=cache, **config)
    for name in (issuer.name, other, issuer.name, other):
        assert validator.validate(issuer.mint(issuer=name)).iss == name
    assert asked == [issuer.name, other]
    with pytest.raises(at9068.TokenError, match="issuer_unknown"):
        validator.validate(issuer.mint(issuer="https://evil.example/"))
    assert asked == [issuer.name, other, "https://evil.example/"]


@pytest.mark.parametrize(
    ("answer", "cause"),
    [("x", TypeError), ({}, at9068.ConfigError), ({"issuer": object()}, TypeError), (ZeroDivisionError(), None)],
)
def test_a_resolver_that_fails_leaves_it_undecided(issuer: Issuer, answer: Any, cause: Any) -> None:
    def resolve(_: str) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    validator = issuer.validator(resolver=resolve)
    with pytest.raises(UndecidedError) as caught:
        validator.validate(issuer.mint(issuer="https://other.example/"))
    assert caught.value.code == "keys_unavailable"
    assert caught.value.__cause__ is answer if cause is None else isinstance(caught.value.__cause__, cause)


def test_tenants_are_found_by_their_pattern(issuer: Issuer) -> None:
    entry: Any = {"issuer": issuer.origin + "/{tenant}/v2", "tenants": ["acme", "eu-*"]}
    validator = Validator(audience=API, issuers=[entry], issuer_cache=CACHE)
    for tenant in ("acme", "eu-west"):
        name = f"{issuer.origin}/{tenant}/v2"
        assert validator.validate(issuer.mint(issuer=name)).iss == name
    with pytest.raises(at9068.TokenError, match="issuer_unknown"):
        validator.validate(issuer.mint(issuer=issuer.origin + "/evil/v2"))
    assert [status["issuer"].split("/")[3] for status in validator.status()["issuers"]] == ["acme", "eu-west"]


def test_a_host_may_fetch_itself(issuer: Issuer) -> None:
    requests: list[FetchRequest] = []
    threads = set()

    def fetch(request: FetchRequest) -> FetchResponse:
        requests.append(request)
        threads.add(threading.get_ident())
        status, body = issuer.answer(request.url.removeprefix(issuer.origin))
        return FetchResponse(status, {"Content-Type": "application/json", "ETag": '"1"'}, body)

    validator = issuer.validator(fetch=fetch)
    assert validator.validate(issuer.mint()).iss == issuer.name
    assert [request.url for request in requests] == [issuer.origin + path for path in (OAUTH, OPENID, JWKS)]
    assert threading.get_ident() not in threads
    assert 0 < requests[0].timeout_seconds <= 20
    assert (requests[0].connect_timeout_seconds, requests[0].max_body_bytes) == (2.0, 524288)
    assert requests[0].trusted_host is True
    assert dict(requests[0].headers)["Accept"].startswith("application/json")
    validator.refresh()
    assert dict(requests[-1].headers)["If-None-Match"] == '"1"'
    assert "keys" not in repr(FetchResponse(200, (), b'{"keys":[]}'))


@pytest.mark.parametrize(
    ("outcome", "cause", "reason"),
    [
        (OSError("gone"), OSError, "connect"),
        (TimeoutError("late"), TimeoutError, "timeout"),
        (SystemExit(3), SystemExit, "connect"),
        (None, TypeError, "connect"),
        (FetchResponse(10**9), OverflowError, "connect"),
        (FetchResponse(200, {"x": 1}), TypeError, "connect"),  # type: ignore[arg-type]
        (FetchResponse(200, (), "text"), TypeError, "connect"),  # type: ignore[arg-type]
    ],
)
def test_what_fetch_raises_is_the_cause(
    issuer: Issuer, unraisable: list[Any], outcome: Any, cause: type[BaseException], reason: str
) -> None:
    def fetch(_: FetchRequest) -> Any:
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    validator = issuer.validator(fetch=fetch)
    with pytest.raises(UndecidedError) as caught:
        validator.validate(issuer.mint())
    assert type(caught.value.__cause__) is cause
    assert unraisable == []
    error = validator.status()["issuers"][0]["last_error"]
    assert error is not None
    assert error["reason"] == reason
    with pytest.raises(UndecidedError) as later:
        validator.validate(issuer.mint())
    assert later.value.__cause__ is None, "nothing was fetched for this call"


def test_of_several_issuers_the_first_that_fails_is_told_of(issuer: Issuer, unraisable: list[Any]) -> None:
    troubles: dict[str, Exception] = {}

    def fetch(request: FetchRequest) -> FetchResponse:
        raise troubles.setdefault(request.url, ConnectionError(request.url))

    issuers: Any = [{"issuer": f"{issuer.name}{name}", "discovery": "openid"} for name in ("a", "b", "c")]
    validator = Validator(audience=API, issuers=issuers, fetch=fetch, issuer_cache=CACHE)
    with pytest.raises(UndecidedError, match="keys_unavailable") as caught:
        validator.prefetch()
    first, *others = troubles.values()
    assert len(others) == 2
    assert caught.value.__cause__ is first
    eventually(lambda: unraisable == others)


def test_what_nobody_waits_for_goes_to_the_hook(issuer: Issuer, unraisable: list[Any]) -> None:
    clock = Time()
    failing: list[Exception] = []

    def fetch(request: FetchRequest) -> FetchResponse:
        if failing:
            raise failing[0]
        status, body = issuer.answer(request.url.removeprefix(issuer.origin))
        return FetchResponse(status, (), body)

    validator = issuer.validator(fetch=fetch, clock=clock)
    token = issuer.mint()
    validator.validate(token)
    failing.append(ConnectionError("nobody there"))
    clock.now += 500
    validator.validate(token)
    eventually(lambda: unraisable)
    assert unraisable == failing
    eventually(lambda: not validator.status()["issuers"][0]["refreshing"])
    clock.now += 200
    assert validator.validate(token).iss == issuer.name, "stale keys serve, and nobody else hears why"
    assert unraisable == failing * 2


def test_a_fetch_that_never_comes_back_is_given_up(issuer: Issuer) -> None:
    forever = threading.Event()

    def fetch(_: FetchRequest) -> FetchResponse:
        forever.wait(60)
        return FetchResponse(500)

    validator = issuer.validator(fetch=fetch, issuer_cache={"timeout_seconds": 0.05, "danger_http_loopback": True})
    try:
        with pytest.raises(UndecidedError, match="keys_unavailable"):
            validator.validate(issuer.mint())
        error = validator.status()["issuers"][0]["last_error"]
        assert error is not None
        assert error["reason"] == "timeout"
    finally:
        forever.set()


def test_events_are_told(issuer: Issuer, unraisable: list[Any]) -> None:
    events: list[Any] = []
    validator = issuer.validator(events=events.append, jwks_uri=issuer.jwks_uri)
    validator.validate(issuer.mint())
    with pytest.raises(at9068.TokenError, match="key_not_found"):
        validator.validate(issuer.mint(SigningKey.generate("ES256")))
    issuer.status = 500
    with pytest.raises(UndecidedError):
        validator.refresh()
    assert [event["event"] for event in events] == ["refreshed", "unknown_kid", "refresh_failed"]
    assert events[0] == {"event": "refreshed", "issuer": issuer.name, "keys": 1, "changed": True}
    assert events[2]["reason"] == "status"
    assert unraisable == []


def test_events_that_raise_change_no_verdict(issuer: Issuer, unraisable: list[Any]) -> None:
    def raising(event: Any) -> None:
        raise ValueError(event["event"])

    validator = issuer.validator(events=raising, jwks_uri=issuer.jwks_uri)
    assert validator.validate(issuer.mint()).iss == issuer.name
    with pytest.raises(at9068.TokenError, match="key_not_found") as caught:
        validator.validate(issuer.mint(SigningKey.generate("ES256")))
    assert caught.value.__cause__ is None
    assert [str(failure) for failure in unraisable] == ["refreshed", "unknown_kid"]

    def interrupted(event: Any) -> None:
        if event["event"] == "unknown_kid":
            raise KeyboardInterrupt

    validator = issuer.validator(events=interrupted, jwks_uri=issuer.jwks_uri)
    validator.validate(issuer.mint())
    with pytest.raises(KeyboardInterrupt):
        validator.validate(issuer.mint(SigningKey.generate("ES256")))


def test_events_are_logged_where_nobody_hears_of_them(issuer: Issuer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "at9068")
    validator = issuer.validator(jwks_uri=issuer.jwks_uri)
    validator.prefetch()
    issuer.status = 500
    with pytest.raises(UndecidedError):
        validator.refresh()
    told = [(record.name, record.levelname, record.getMessage()) for record in caplog.records]
    assert told == [
        ("at9068", "INFO", f"refreshed issuer={issuer.name} keys=1 changed=True"),
        ("at9068", "WARNING", f"refresh_failed issuer={issuer.name} code=keys_unavailable reason=status"),
    ]


def test_signals_do_not_disturb_a_fetch(issuer: Issuer) -> None:
    alarms = []
    validator = issuer.validator()
    token = issuer.mint()
    former = signal.signal(signal.SIGALRM, lambda *_: alarms.append(time.monotonic()))
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    try:
        with issuer.held_back():
            timer = threading.Timer(0.8, issuer.gate.set)
            timer.start()
            assert validator.validate(token).iss == issuer.name
            timer.join()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)
    assert len(alarms) >= 4, "handlers run while the call waits"


def test_threads_share_one_fetch(issuer: Issuer) -> None:
    validator = issuer.validator()
    token = issuer.mint()
    with issuer.held_back(), ThreadPoolExecutor(32) as pool:
        calls = [pool.submit(validator.validate, token) for _ in range(32)]
        assert issuer.arrived.wait(20)
        time.sleep(0.2)
        issuer.gate.set()
        assert {call.result().iss for call in calls} == {issuer.name}
    assert issuer.asked == {OAUTH: 1, OPENID: 1, JWKS: 1}


def test_threads_hammer_a_cache_whose_keys_change(issuer: Issuer) -> None:
    cache = IssuerCache(**{**CACHE, "cooldown_seconds": 1})
    pairs = [(key, issuer.mint(key)) for key in [SigningKey.generate("ES256") for _ in range(3)]]
    validator = issuer.validator(issuer_cache=cache, jwks_uri=issuer.jwks_uri)
    issuer.keys = [key for key, _ in pairs]
    validator.prefetch()
    done = threading.Event()

    def work(number: int) -> int:
        turns = 0
        while not done.is_set():
            _, token = pairs[(number + turns) % 3]
            try:
                assert validator.validate(token).iss == issuer.name
            except at9068.TokenError as error:
                assert error.code == "key_not_found", "a key that is being replaced"  # noqa: PT017
            turns += 1
        return turns

    with ThreadPoolExecutor(32) as pool:
        calls = [pool.submit(work, number) for number in range(32)]
        for turn in range(20):
            issuer.keys = [pairs[turn % 3][0], pairs[(turn + 1) % 3][0]]
            validator.refresh()
            cache.restore(cache.snapshot())
            time.sleep(0.05)
        done.set()
        assert min(call.result() for call in calls) > 0
    assert validator.status()["issuers"][0]["counters"]["failures"] == 0


def test_what_is_held_is_collected(issuer: Issuer) -> None:
    class Service:
        """Owns validators whose callables refer back to it."""

        def __init__(self) -> None:
            self.cache = IssuerCache(events=self.hear, fetch=self.fetch, **CACHE)
            self.validator = issuer.validator(issuer_cache=self.cache, resolver=self.resolve)

        def hear(self, _: Any) -> None: ...

        def resolve(self, _: str) -> None: ...

        def fetch(self, request: FetchRequest) -> FetchResponse:
            status, body = issuer.answer(request.url.removeprefix(issuer.origin))
            return FetchResponse(status, (), body)

    service = Service()
    assert service.validator.validate(issuer.mint()).iss == issuer.name
    validator: list[Validator] = [service.validator]
    gone = weakref.ref(service)
    del service
    gc.collect()
    validator[0].refresh()
    assert gone() is not None, "the validator keeps the cache's callables"
    validator.clear()
    gc.collect()
    assert gone() is None


def test_a_validator_may_go_while_its_keys_are_fetched(issuer: Issuer, unraisable: list[Any]) -> None:
    with issuer.held_back():
        validator = issuer.validator(clock=time.time, events=print)
        with pytest.raises(UndecidedError):
            validator.validate_at_hand(issuer.mint())
        assert issuer.arrived.wait(20)
        del validator
        gc.collect()
    eventually(lambda: threading.active_count() >= 1 and issuer.asked[OAUTH] == 1)
    time.sleep(0.1)
    assert unraisable == []


@pytest.mark.parametrize("how", [pickle.dumps, copy.copy, copy.deepcopy])
def test_handles_are_not_copied(issuer: Issuer, how: Any) -> None:
    for handle in (IssuerCache(), issuer.validator()):
        with pytest.raises(TypeError, match="cannot"):
            how(handle)


def test_a_namespace_of_options_is_not_a_mapping(issuer: Issuer) -> None:
    with pytest.raises(TypeError):
        issuer.validator(issuer_cache=SimpleNamespace(max_issuers=1))
