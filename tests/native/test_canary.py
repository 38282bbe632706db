"""T226: what is told of a refusal holds no part of the token, of a key or of a claim's value."""

from __future__ import annotations

import contextlib
import logging
import traceback
from collections.abc import Iterator

import at9068
import pytest

from .corpus import REFUSED, Case, ask, cases, loaded, member, part, texts, token_of, values

LENGTH = 20
"""So many characters in a row are no coincidence."""

MADE_FROM_JSON = {
    "validate": at9068.Validator,
    "authenticate": at9068.Validator,
    "mint": at9068.Minter,
    "mint_id_token": at9068.Minter,
    "mint_client_assertion": at9068.ClientAssertionMinter,
    "validate_id_token": at9068.IdTokenValidator,
    "validate_client_assertion": at9068.ClientAssertionValidator,
}

# Words of the API's own configuration: a challenge repeats the first two, an error's `claim` may name one of the third.
PUBLIC = ("realm", "resource_metadata", "required_claims")


def hidden(case: Case) -> str:
    """Everything that must not be told, in one text."""
    found: list[str] = []
    for name in ("config", "request", "jwk", "before"):
        if name in case.entry:
            found += values(member(case, name))
    if case.op == "validate_id_token" and "require" in case.entry:
        found += values(member(case, "require"))  # secret until the user is logged in
    if "token" in case.entry or "token_b64" in case.entry:
        token = token_of(case)
        found.append(token if isinstance(token, str) else token.decode("latin-1"))
    for text in list(found):
        found += decoded(text)
    # A separator that stands in no message: no run of characters goes across.
    return "\0".join(found)


def decoded(text: str) -> Iterator[str]:
    """What is within a token or a key, in the forms in which it could leak."""
    if len(text) < LENGTH or " " in text.removeprefix("Bearer "):
        return
    for segment in text.removeprefix("Bearer ").split("."):
        with contextlib.suppress(ValueError):
            octets = part(segment)
            yield octets.decode("utf-8", "replace")
            yield octets.hex()
            yield repr(octets)


def allowed(case: Case) -> str:
    """What may be told although it is in a configuration or a demand."""
    found = [row.message for row in at9068.error_codes()]
    if "require" in case.entry and case.op in ("validate", "authenticate"):
        found.append(" ".join(values(member(case, "require"))))
    with contextlib.suppress(ValueError):
        config = loaded(case, "config")
        for name in PUBLIC if isinstance(config, dict) else ():
            found += [f'"{text}"' for text in texts(config.get(name))]
    return "\n".join(found)


def shown(error: BaseException) -> str:
    """Everything that a program could print of an exception."""
    return "\n".join([str(error), repr(error), repr(vars(error)), *traceback.format_exception(error)])


def leaks(told: str, secret: str, public: str) -> list[str]:
    """Every run of characters that is told and secret, without those that are public."""
    return sorted(run for run in runs(told) & runs(secret) if run not in public)


def runs(text: str) -> set[str]:
    """Every run of that many characters."""
    return {text[at : at + LENGTH] for at in range(len(text) - LENGTH + 1)}


def test_no_error_tells_a_secret(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    """The whole corpus: messages, repr, attributes, tracebacks, log, and both streams."""
    caplog.set_level(logging.NOTSET)
    refused, found = 0, []
    for case in cases():
        if case.expect["ok"]:
            continue
        with pytest.raises(REFUSED) as caught:
            ask(case)
        assert isinstance(caught.value, at9068.At9068Error) or case.expect["code"] == "argument_invalid", case.id
        refused += 1
        frames = caught.value.with_traceback(None)
        found += [f"{case.id}: {run!r}" for run in leaks(shown(frames), hidden(case), allowed(case))]
    assert found == []
    assert refused > 1200
    assert (capfd.readouterr(), caplog.records) == (("", ""), [])


def test_what_holds_can_be_printed(capfd: pytest.CaptureFixture[str]) -> None:
    """Tokens, validators and minters show nothing of themselves either."""
    held, found = 0, []
    for case in cases():
        if not case.expect["ok"] or case.op == "thumbprint":
            continue
        made = [ask(case)]
        made.append(MADE_FROM_JSON[case.op].from_json(member(case, "config")))
        held += 1
        public = allowed(case) + (getattr(made[0], "profile", None) or "")
        told = "\n".join(f"{thing!r} {thing!s}" for thing in made)
        found += [f"{case.id}: {run!r}" for run in leaks(told, hidden(case), public)]
    assert found == []
    assert held > 400
    assert capfd.readouterr() == ("", "")


def test_the_search_finds_what_it_is_for() -> None:
    """A message with a part of a token, a key or a claim in it would be found."""
    case = next(case for case in cases() if case.id == "time/leeway-30-exp-reached")
    token = token_of(case)
    assert isinstance(token, str)
    secret = hidden(case)
    claims = part(token.split(".")[1]).decode()
    jwk = loaded(case, "config")["jwks"]["keys"][0]
    for leak in (token[30:60], token[-30:], claims[10:40], jwk["x"][:25], part(jwk["x"]).hex()[:24]):
        assert leaks(f"the token {leak} is bad", secret, allowed(case)), leak
    assert leaks("the token is meant for another audience", secret, allowed(case)) == []


def test_no_trace_tells_a_secret(capfd: pytest.CaptureFixture[str]) -> None:
    """`explain` says what was expected and what kind was found; of the token itself it says nothing."""
    told, found = 0, []
    for case in cases():
        if case.op != "validate" or case.expect.get("code") in ("config_invalid", "argument_invalid"):
            continue
        validator = at9068.Validator.from_json(member(case, "config"))
        options = {name: loaded(case, name) for name in ("request", "require")}
        explained = validator.explain(token_of(case), now=case.entry["at"], **options)
        text = "\n".join(
            [f"{explained!r} {explained!s} {explained.error!r}", explained.trace_json, repr(explained.trace)]
        )
        found += [f"{case.id}: {run!r}" for run in leaks(text, hidden(case), allowed(case))]
        told += len(explained.trace)
    assert found == []
    assert told > 20_000
    assert capfd.readouterr() == ("", "")
