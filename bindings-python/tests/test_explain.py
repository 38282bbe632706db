"""Explanations: the verdict as an object, and the trace as Python has it."""

from __future__ import annotations

import dataclasses
import gc
import json
import math
import pickle
import threading
import typing
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import at9068
import pytest
from at9068 import AccessToken, ConfigError, Explanation, KeySet, MintedToken, Minter, Step, TokenError, Validator
from conftest import API, ISSUER, NOW


def test_a_good_token_is_explained(validator: Validator, minted: MintedToken) -> None:
    explanation = validator.explain(minted.token, now=NOW)
    assert isinstance(explanation, Explanation)
    assert explanation.error is None
    assert isinstance(explanation.token, AccessToken)
    assert explanation.token.claims_json == minted.claims_json
    assert {step.outcome for step in explanation.trace} == {"pass"}
    assert {(step.found, step.code) for step in explanation.trace} == {(None, None)}
    (audience,) = [step for step in explanation.trace if step.claim == "aud" and step.rule == "AT-VAL-4"]
    assert (audience.section, audience.code) == ("RFC 9068 §4", None)
    assert audience.expected


def test_a_refused_token_raises_nothing(validator: Validator, minted: MintedToken) -> None:
    late = {"now": NOW + 3630, "require": {"scopes": ["write:all"]}}
    explanation = validator.explain(minted.token, **late)  # type: ignore[arg-type]
    with pytest.raises(TokenError) as caught:
        validator.validate(minted.token, **late)  # type: ignore[arg-type]
    error = explanation.error
    assert explanation.token is None
    assert type(error) is TokenError
    assert (error.code, str(error), vars(error)) == ("token_expired", str(caught.value), vars(caught.value))
    assert (error.__cause__, error.__traceback__) == (None, None)
    failed = [(step.claim, step.code) for step in explanation.trace if step.outcome == "fail"]
    assert failed == [("exp", "token_expired"), ("scope", "scope_insufficient")]


def test_the_error_can_be_raised(validator: Validator) -> None:
    explanation = validator.explain("x")
    assert explanation.error is not None
    with pytest.raises(TokenError) as caught:
        raise explanation.error
    assert caught.value is explanation.error
    assert caught.value.code == "token_malformed"


def test_rules_after_the_signature_are_not_reached_without_it(validator: Validator, minted: MintedToken) -> None:
    trace = validator.explain(minted.token[:-8] + "AAAAAAAA", now=NOW).trace
    outcomes = [step.outcome for step in trace]
    broken = outcomes.index("fail")
    assert trace[broken].code == "signature_invalid"
    assert set(outcomes[:broken]) == {"pass"}
    assert set(outcomes[broken + 1 :]) == {"not_reached"}
    assert "aud" in [step.claim for step in trace[broken + 1 :]]


def test_the_kind_of_a_wrong_value_is_told(keys: KeySet, validator: Validator, key: at9068.SigningKey) -> None:
    bare = Minter(issuer=ISSUER, keys=key, apis=[{"audience": API, "dialect": "rfc9068_profile"}])
    minted = bare.mint(grant_type="client_credentials", client_id="cron", resource=[API], now=NOW)
    strict = Validator(issuer=ISSUER, audience=API, jwks=keys, required_claims=["acr", "azp"])
    steps = [step for step in strict.explain(minted.token, now=NOW).trace if step.outcome == "fail"]
    assert steps
    assert {step.code for step in steps} == {"claim_missing"}
    assert {step.found for step in steps} <= {"absent", None}
    assert validator.explain(minted.token, now=NOW).token is not None


def test_steps_say_what_the_text_says(validator: Validator, minted: MintedToken) -> None:
    fields = [field.name for field in dataclasses.fields(Step)]
    outcomes = {outcome for literal in typing.get_args(at9068.Outcome) for outcome in typing.get_args(literal)}
    for token in [minted.token, minted.token[:-8] + "AAAAAAAA", "x"]:
        explanation = validator.explain(token, now=NOW + 4000)
        lines = json.loads(explanation.trace_json)
        assert [dataclasses.asdict(step) for step in explanation.trace] == lines
        assert all(list(line) == fields for line in lines)
        assert {step.outcome for step in explanation.trace} <= outcomes
        codes = {step.code for step in explanation.trace} - {None}
        assert codes <= {row.slug for row in at9068.error_codes()}


def test_everything_is_made_once(validator: Validator, minted: MintedToken) -> None:
    good, bad = validator.explain(minted.token, now=NOW), validator.explain("x")
    assert good.trace is good.trace
    assert isinstance(good.trace, tuple)
    assert good.token is good.token
    assert bad.error is bad.error
    for _ in range(20):
        explanation = validator.explain(minted.token, now=NOW)
        barrier = threading.Barrier(8)

        def read(_: int, explanation: Explanation = explanation, barrier: threading.Barrier = barrier) -> int:
            barrier.wait()
            return id(explanation.trace)

        with ThreadPoolExecutor(8) as pool:
            assert len(set(pool.map(read, range(8)))) == 1


def test_steps_are_values(validator: Validator, minted: MintedToken) -> None:
    steps = validator.explain(minted.token, now=NOW).trace
    assert steps == validator.explain(minted.token, now=NOW).trace
    assert pickle.loads(pickle.dumps(steps)) == steps
    assert Step.__module__ == "at9068"
    with pytest.raises(dataclasses.FrozenInstanceError):
        steps[0].outcome = "fail"  # type: ignore[misc]


@pytest.mark.parametrize("token", ["", "\ud800", "é.é.é", b"\xff\xfe", bytearray(b"\x80")], ids=ascii)
def test_what_is_no_token_is_explained_too(validator: Validator, token: str | bytes) -> None:
    explanation = validator.explain(token)
    assert explanation.error is not None
    assert explanation.error.code == "token_malformed"
    assert explanation.trace[0].outcome == "fail"


@pytest.mark.parametrize("convert", [str, lambda t: t.encode(), lambda t: bytearray(t.encode())])
def test_a_token_is_text_or_octets(validator: Validator, minted: MintedToken, convert: Any) -> None:
    assert validator.explain(convert(minted.token), now=NOW).token is not None


def test_wrong_arguments_are_raised(validator: Validator, minted: MintedToken) -> None:
    wrong: Any
    for wrong in [None, 1, ["a"], memoryview(b"a")]:
        with pytest.raises(TypeError, match="token must be str or bytes"):
            validator.explain(wrong)
    for wrong in [True, "1700000000", []]:
        with pytest.raises(TypeError, match="now must be a number"):
            validator.explain(minted.token, now=wrong)
    for wrong in [[], "read", 1]:
        with pytest.raises(TypeError, match="require must be a mapping"):
            validator.explain(minted.token, require=wrong)
        with pytest.raises(TypeError, match="request must be a mapping"):
            validator.explain(minted.token, request=wrong)
    refused: list[dict[str, Any]] = [{"now": math.nan}, {"require": {"scope": ["a"]}}, {"request": {"headers": 1}}]
    for options in refused:
        with pytest.raises(ConfigError) as caught:
            validator.explain(minted.token, **options)
        assert caught.value.code == "argument_invalid"


def test_request_and_demands_are_heard(validator: Validator, minter: Minter) -> None:
    thumbprint = "A" * 43
    minted = minter.mint(
        grant_type="client_credentials", client_id="c", resource=[API], cnf={"x5t#S256": thumbprint}, now=NOW
    )
    assert validator.explain(minted.token, now=NOW, request={"client_certificate_sha256": thumbprint}).error is None
    explanation = validator.explain(minted.token, now=NOW, require={"acr_values": ["gold"]})
    failed = [step.code for step in explanation.trace if step.outcome == "fail"]
    assert failed == ["binding_missing", "authentication_insufficient"]
    assert isinstance(explanation.error, at9068.DemandError)


def test_the_clock_is_asked(keys: KeySet, minted: MintedToken) -> None:
    now = [float(NOW)]
    validator = Validator(issuer=ISSUER, audience=API, jwks=keys, clock=lambda: now[0])
    token = validator.explain(minted.token).token
    assert token is not None
    del validator
    now[0] += 4000.0
    with pytest.raises(at9068.DemandError):
        token.require({"max_age": 4000})

    def broken() -> float:
        raise LookupError

    with pytest.raises(at9068.At9068Error) as caught:
        Validator(issuer=ISSUER, audience=API, jwks=keys, clock=broken).explain(minted.token)
    assert caught.value.code == "internal"
    assert isinstance(caught.value.__cause__, LookupError)


class Note:
    """Something that an object may refer to."""


def test_cycles_are_collected(validator: Validator, minted: MintedToken) -> None:
    good, bad = validator.explain(minted.token, now=NOW), validator.explain("x")
    notes = [Note(), Note()]
    gone = [weakref.ref(note) for note in notes]
    assert good.token is not None
    good.token.claims["note"] = (good, notes[0])
    bad.error.note = (bad, notes[1])  # type: ignore[union-attr]
    del good, bad, notes
    gc.collect()
    assert [note() for note in gone] == [None, None]


def test_nothing_of_the_token_is_shown(validator: Validator, minted: MintedToken) -> None:
    explanation = validator.explain(minted.token, now=NOW + 4000)
    shown = repr(explanation) + str(explanation) + repr(explanation.trace) + explanation.trace_json
    shown += repr(explanation.error) + repr(validator.explain(minted.token, now=NOW))
    secrets = [*minted.token.split("."), "auth0|123456", "client-7", "id-1", ISSUER, API, "read:patients"]
    assert all(secret not in shown for secret in secrets)
    assert repr(explanation) == "<at9068.Explanation refused>"
