"""Tokens that are refused because the application has learned that they are no longer good."""

from __future__ import annotations

import asyncio
import gc
import threading
import types
import weakref
from collections.abc import Callable
from typing import Any

import at9068
import pytest
from at9068 import ConfigError, KeySet, MintedToken, Minter, Revocations, TokenError, Validator
from conftest import API, ISSUER, NOW, ended, forked

UNTIL = NOW + 3600


@pytest.fixture
def revocations() -> Revocations:
    return Revocations(clock=lambda: NOW)


@pytest.fixture
def watchful(keys: KeySet, revocations: Revocations) -> Validator:
    return Validator(issuer=ISSUER, audience=API, jwks=keys, revocations=revocations)


def test_a_token_is_refused_from_when_it_is_revoked(
    watchful: Validator, revocations: Revocations, minted: MintedToken, validator: Validator
) -> None:
    assert watchful.validate(minted.token, now=NOW).jti == "id-1"
    revocations.revoke(issuer=ISSUER, jti="id-2", until=UNTIL)
    assert watchful.validate(minted.token, now=NOW).jti == "id-1"
    revocations.revoke(issuer=ISSUER, jti="id-1", until=UNTIL)
    with pytest.raises(TokenError, match="token_revoked") as caught:
        watchful.validate(minted.token, now=NOW)
    error = caught.value
    assert (error.number, error.claim, error.status, error.oauth) == (704, "jti", 401, "invalid_token")
    assert error.authenticated
    with pytest.raises(TokenError, match="token_revoked"):
        watchful.authenticate({"headers": [("Authorization", f"Bearer {minted.token}")]}, now=NOW)
    with pytest.raises(TokenError, match="token_revoked"):
        asyncio.run(watchful.validate_async(minted.token, now=NOW))
    with pytest.raises(TokenError, match="token_revoked"):
        watchful.validate_at_hand(minted.token, now=NOW)
    refused = watchful.explain(minted.token, now=NOW).error
    assert refused is not None
    assert refused.code == "token_revoked"
    assert validator.validate(minted.token, now=NOW).jti == "id-1", "who was not given the list knows nothing"


@pytest.mark.parametrize(("name", "value"), [("sub", "auth0|123456"), ("client_id", "client-7")])
def test_what_was_issued_before_is_refused(
    watchful: Validator, revocations: Revocations, minted: MintedToken, name: str, value: str
) -> None:
    entry: Any = {"issuer": ISSUER, name: value, "until": UNTIL}
    revocations.revoke(entry | {"issued_before": NOW})
    assert watchful.validate(minted.token, now=NOW).jti == "id-1"
    later: Any = types.MappingProxyType(entry | {"issued_before": NOW + 1})
    revocations.revoke(later)
    with pytest.raises(TokenError) as caught:
        watchful.validate(minted.token, now=NOW)
    assert (caught.value.code, caught.value.claim) == ("token_revoked", name)


def test_a_list_is_told_in_json_text_too(keys: KeySet, revocations: Revocations, minted: MintedToken) -> None:
    revocations.revoke_json(f'{{"issuer": "{ISSUER}", "jti": "id-1", "until": {UNTIL}}}')
    config = f'{{"issuer": "{ISSUER}", "audience": "{API}", "jwks": {keys.to_json()}}}'
    with pytest.raises(TokenError, match="token_revoked"):
        Validator.from_json(config, revocations=revocations).validate(minted.token, now=NOW)
    with pytest.raises(ConfigError, match="argument_invalid"):
        revocations.revoke_json('{"issuer": "a", "issuer": "b", "jti": "c", "until": 1}')


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"issuer": ISSUER, "until": UNTIL},
        {"issuer": ISSUER, "jti": "a"},
        {"issuer": ISSUER, "jti": "a", "sub": "b", "until": UNTIL},
        {"issuer": ISSUER, "sub": "a", "until": UNTIL},
        {"issuer": ISSUER, "jti": "", "until": UNTIL},
        {"issuer": ISSUER, "jti": "a", "until": 1.5},
        {"issuer": ISSUER, "jti": "a", "until": 10**400},
        {"issuer": ISSUER, "jti": "\ud800", "until": UNTIL},
        {"issuer": ISSUER, "jti": "a", "until": UNTIL, "colour": "red"},
        {"issuer": 1, "jti": "a", "until": UNTIL},
    ],
)
def test_an_entry_that_is_wrong_adds_nothing(revocations: Revocations, entry: Any) -> None:
    with pytest.raises(ConfigError, match="argument_invalid"):
        revocations.revoke(entry)
    with pytest.raises(ConfigError, match="argument_invalid"):
        revocations.revoke(**entry)
    assert len(revocations) == 0


def test_arguments_are_of_their_types(revocations: Revocations, keys: KeySet) -> None:
    anything: Any = revocations
    wrong: list[Callable[[], object]] = [
        lambda: anything.revoke("id-1"),
        lambda: anything.revoke({"issuer": ISSUER}, jti="a"),
        lambda: anything.revoke_json({}),
        lambda: anything.restore(b"{}"),
        lambda: Revocations(clock=1.0),  # type: ignore[arg-type]
        lambda: Validator(issuer=ISSUER, audience=API, jwks=keys, revocations=[]),  # type: ignore[arg-type]
    ]
    for call in wrong:
        with pytest.raises(TypeError):
            call()


def test_entries_are_forgotten_when_they_are_over() -> None:
    now = [NOW]
    revocations = Revocations(clock=lambda: now[0])
    revocations.revoke(issuer=ISSUER, jti="a", until=NOW + 10)
    revocations.revoke(issuer=ISSUER, jti="b", until=NOW + 10_000)
    revocations.sweep()
    assert len(revocations) == 2
    now[0] += 1000
    revocations.sweep()
    assert len(revocations) == 1
    assert repr(revocations) == "<at9068.Revocations len=1>"


def test_a_clock_that_fails_is_the_cause() -> None:
    trouble = OSError("no time")

    def clock() -> float:
        raise trouble

    revocations = Revocations(clock=clock)
    calls: list[Callable[[], object]] = [
        revocations.sweep,
        lambda: revocations.revoke(issuer=ISSUER, jti="a", until=UNTIL),
        lambda: revocations.restore(Revocations().snapshot()),
    ]
    for call in calls:
        with pytest.raises(at9068.At9068Error, match="internal") as caught:
            call()
        assert caught.value.__cause__ is trouble
    assert len(revocations) == 0


def test_a_list_survives_a_restart(watchful: Validator, revocations: Revocations, minted: MintedToken) -> None:
    before = Revocations(clock=lambda: NOW)
    before.revoke(issuer=ISSUER, jti="id-1", until=UNTIL)
    text = before.snapshot()
    assert "id-1" not in text
    assert ISSUER not in text
    revocations.restore(text)
    with pytest.raises(TokenError, match="token_revoked"):
        watchful.validate(minted.token, now=NOW)
    with pytest.raises(ConfigError, match="argument_invalid"):
        revocations.restore("{}")
    assert len(revocations) == 1


def test_threads_revoke_and_validate(watchful: Validator, revocations: Revocations, minter: Minter) -> None:
    minted = [
        minter.mint(grant_type="client_credentials", client_id="c", resource=[API], jti=f"n-{number}", now=NOW)
        for number in range(200)
    ]
    refused: list[str] = []

    def watch() -> None:
        for one in minted:
            while True:
                try:
                    watchful.validate(one.token, now=NOW)
                except TokenError as error:
                    refused.append(error.code)
                    break

    watching = threading.Thread(target=watch)
    watching.start()
    for number in range(200):
        revocations.revoke(issuer=ISSUER, jti=f"n-{number}", until=UNTIL)
    watching.join(60)
    assert refused == ["token_revoked"] * 200


def test_a_child_knows_what_was_revoked_before_the_fork(
    watchful: Validator, revocations: Revocations, minted: MintedToken
) -> None:
    revocations.revoke(issuer=ISSUER, jti="id-1", until=UNTIL)

    def is_refused() -> bool:
        revocations.revoke(issuer=ISSUER, jti="mine", until=UNTIL)
        with pytest.raises(TokenError, match="token_revoked"):
            watchful.validate(minted.token, now=NOW)
        return len(revocations) == 2

    assert ended(forked(is_refused)) == 0
    assert len(revocations) == 1, "what a child revokes is its own"


def test_a_list_that_its_clock_refers_to_is_collected(keys: KeySet) -> None:
    class Owner:
        def __init__(self) -> None:
            self.revocations = Revocations(clock=self.now)
            self.validator = Validator(issuer=ISSUER, audience=API, jwks=keys, revocations=self.revocations)

        def now(self) -> float:
            return NOW

    owner = Owner()
    owner.revocations.revoke(issuer=ISSUER, jti="a", until=UNTIL)
    kept = owner.validator
    gone = weakref.ref(owner)
    del owner
    gc.collect()
    assert gone() is not None, "the validator keeps the list, and that its clock"
    del kept
    gc.collect()
    assert gone() is None
