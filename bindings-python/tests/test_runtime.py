"""Clocks, threads and the garbage collector."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import at9068
import pytest
from at9068 import AccessToken, At9068Error, KeySet, MintedToken, Minter, SigningKey, Validator
from conftest import API, ISSUER, NOW


def test_a_clock_tells_the_time(keys: KeySet, key: SigningKey, minted: MintedToken) -> None:
    now = [float(NOW)]
    validator = Validator(issuer=ISSUER, audience=API, jwks=keys, clock=lambda: now[0])
    assert validator.validate(minted.token).jti == "id-1"
    now[0] += 4000.0
    with pytest.raises(at9068.TokenError, match="token_expired"):
        validator.validate(minted.token)
    token = validator.validate(minted.token, now=NOW)
    assert token.jti == "id-1"
    with pytest.raises(at9068.DemandError, match="auth_time"):
        token.require({"max_age": 4000})
    token.require({"max_age": 4060})
    minter = Minter(
        issuer=ISSUER, keys=key, apis=[{"audience": API, "dialect": "access_token"}], clock=lambda: NOW + 0.75
    )
    assert minter.mint(grant_type="client_credentials", client_id="c", resource=[API]).claims["iat"] == NOW


class Trouble(Exception):
    """What a clock may raise."""


def broken() -> float:
    raise Trouble


@pytest.mark.parametrize(
    ("clock", "cause"),
    [
        (broken, Trouble),
        (lambda: "noon", TypeError),
        (lambda: None, TypeError),
        (lambda: True, TypeError),
        (lambda: float("nan"), at9068.ConfigError),
        (lambda: 10**400, at9068.ConfigError),
        (lambda _: 1.0, TypeError),
    ],
)
def test_a_clock_that_fails_is_an_internal_fault(
    keys: KeySet, minted: MintedToken, clock: Any, cause: type[Exception]
) -> None:
    validator = Validator(issuer=ISSUER, audience=API, jwks=keys, clock=clock)
    with pytest.raises(At9068Error) as caught:
        validator.validate(minted.token)
    assert type(caught.value) is At9068Error
    assert (caught.value.code, caught.value.status) == ("internal", 500)
    assert type(caught.value.__cause__) is cause
    with pytest.raises(at9068.TokenError) as later:
        validator.validate("x", now=NOW)
    assert later.value.__cause__ is None


def test_an_interrupt_in_a_clock_stays_one(keys: KeySet, minted: MintedToken) -> None:
    def interrupted() -> float:
        raise KeyboardInterrupt

    validator = Validator(issuer=ISSUER, audience=API, jwks=keys, clock=interrupted)
    with pytest.raises(KeyboardInterrupt):
        validator.validate(minted.token)


def test_a_clock_may_validate(keys: KeySet, minted: MintedToken, validator: Validator) -> None:
    def clock() -> float:
        with pytest.raises(At9068Error):
            Validator(issuer=ISSUER, audience=API, jwks=keys, clock=broken).validate(minted.token)
        return validator.validate(minted.token, now=NOW).iat

    nested = Validator(issuer=ISSUER, audience=API, jwks=keys, clock=clock)
    assert nested.validate(minted.token).jti == "id-1"


def test_a_clock_must_be_callable(keys: KeySet) -> None:
    with pytest.raises(TypeError, match="clock must be callable"):
        Validator(issuer=ISSUER, audience=API, jwks=keys, clock=1.0)  # type: ignore[arg-type]


def test_threads_share_everything(validator: Validator, minter: Minter) -> None:
    barrier = threading.Barrier(8)

    def work(number: int) -> int:
        barrier.wait()
        for turn in range(50):
            name = f"client-{number}-{turn}"
            minted = minter.mint(grant_type="client_credentials", client_id=name, resource=[API])
            token = validator.validate(minted.token)
            assert token.client_id == token.claims["client_id"] == name
            assert token.claims is token.claims
        return number

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(work, range(8))) == list(range(8))


def test_one_token_is_read_by_many_threads(validator: Validator, minted: MintedToken) -> None:
    for _ in range(20):
        token = validator.validate(minted.token, now=NOW)
        with ThreadPoolExecutor(8) as pool:
            seen = list(pool.map(lambda _, token=token: id(token.claims), range(32)))
        assert len(set(seen)) == 1


def test_each_thread_gets_its_own_cause(keys: KeySet, minted: MintedToken) -> None:
    def clock() -> float:
        raise Trouble(threading.get_ident())

    validator = Validator(issuer=ISSUER, audience=API, jwks=keys, clock=clock)

    def work(_: int) -> bool:
        with pytest.raises(At9068Error) as caught:
            validator.validate(minted.token)
        cause = caught.value.__cause__
        return isinstance(cause, Trouble) and cause.args == (threading.get_ident(),)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(200)))


def test_other_threads_run_while_a_key_is_made() -> None:
    done = threading.Event()
    ticks = 0

    def generate() -> None:
        for _ in range(3):
            SigningKey.generate("RS256", bits=4096)
        done.set()

    thread = threading.Thread(target=generate)
    thread.start()
    while not done.is_set():
        ticks += 1
        time.sleep(0.001)
    thread.join()
    assert ticks > 3


class Service:
    """Owns a validator whose clock refers back to it."""

    def __init__(self, keys: KeySet, key: SigningKey) -> None:
        self.tokens: list[AccessToken] = []
        self.validator = Validator(issuer=ISSUER, audience=API, jwks=keys, clock=self.now)
        self.minter = Minter(
            issuer=ISSUER, keys=key, apis=[{"audience": API, "dialect": "access_token"}], clock=self.now
        )

    def now(self) -> float:
        return float(NOW)


def test_cycles_are_collected(keys: KeySet, key: SigningKey, validator: Validator, minted: MintedToken) -> None:
    service = Service(keys, key)
    assert service.validator.validate(minted.token).jti == "id-1"
    gone = weakref.ref(service)
    del service
    gc.collect()
    assert gone() is None

    cached = Service(keys, key)
    cached.tokens.append(cached.validator.validate(minted.token))
    kept = cached.tokens[0]
    gone = weakref.ref(cached)
    del cached
    gc.collect()
    kept.require({"max_age": 60})  # asks the clock of a service that only the token still holds
    assert gone() is not None
    del kept
    gc.collect()
    assert gone() is None

    class Note:
        """Refers to a token from within its own claims."""

    token = validator.validate(minted.token, now=NOW)
    note = Note()
    token.claims["note"] = (token, note)
    gone_note = weakref.ref(note)
    del token, note
    gc.collect()
    assert gone_note() is None


def test_handles_outlive_what_they_were_made_from(minted: MintedToken, key: SigningKey) -> None:
    twin = SigningKey.from_jwk(key.to_jwk())
    validator = Validator(issuer=ISSUER, audience=API, jwks=twin.key_set())
    token = validator.validate(minted.token, now=NOW)
    del twin, validator
    gc.collect()
    assert token.sub == "auth0|123456"
