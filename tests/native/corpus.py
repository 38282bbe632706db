"""The vectors, as calls of the installed Python package instead of lines to a driver."""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import at9068

from runner.vectors import Case, load, raw

TESTS = Path(__file__).resolve().parents[1]
ROOT = TESTS.parent
REFUSED = (at9068.At9068Error, TypeError)
"""How Python says no: `argument_invalid` for a value of a wrong type is its own TypeError."""
OPERATIONS = (
    "validate",
    "authenticate",
    "mint",
    "thumbprint",
    "validate_id_token",
    "mint_id_token",
    "validate_client_assertion",
    "mint_client_assertion",
)


@cache
def cases() -> tuple[Case, ...]:
    """Every vector whose operation is one of those above."""
    loaded, faults = load(TESTS)
    assert faults == []
    chosen = tuple(case for case in loaded if case.op in OPERATIONS)
    assert len(chosen) > 2000, "the vectors were not found"
    return chosen


def member(case: Case, name: str) -> str:
    """A member of the case as the JSON text that it has in the file."""
    value = case.entry[name]
    return raw(case.configs[value]) if name == "config" else raw(value)


def loaded(case: Case, name: str) -> Any:
    """The same as a value, where it is there."""
    return json.loads(member(case, name)) if name in case.entry else None


def token_of(case: Case) -> str | bytes:
    """The token of a `validate` case."""
    if "token" in case.entry:
        return str(case.entry["token"])
    return base64.b64decode(case.entry["token_b64"])


def validator_of(case: Case) -> at9068.Validator:
    """The validator of a case, which knows what was revoked."""
    revocations = at9068.Revocations()
    for entry in case.entry.get("revocations", ()):
        revocations.revoke_json(raw(entry))
    return at9068.Validator.from_json(member(case, "config"), revocations=revocations)


def ask(case: Case, given: at9068.Validator | None = None) -> Any:
    """Makes the call; `given` may stand in for a validator made anew."""
    if case.op == "thumbprint":
        return at9068.thumbprint(member(case, "jwk"))
    now = case.entry.get("at")
    if case.op == "mint":
        request = member(case, "request")
        if "jti" in case.entry:
            rest = request.lstrip()[1:]
            comma = "" if rest.lstrip().startswith("}") else ","
            request = f'{{"jti":{json.dumps(case.entry["jti"])}{comma}{rest}'
        return at9068.Minter.from_json(member(case, "config")).mint_json(request, now=now)
    if case.op == "mint_id_token":
        return at9068.Minter.from_json(member(case, "config")).mint_id_token_json(member(case, "request"), now=now)
    if case.op == "mint_client_assertion":
        minter = at9068.ClientAssertionMinter.from_json(member(case, "config"))
        return minter.mint_json(member(case, "request") if "request" in case.entry else "{}", now=now)
    if case.op == "validate_id_token":
        logins = at9068.IdTokenValidator.from_json(member(case, "config"))
        checks = member(case, "require") if "require" in case.entry else None
        return logins.validate(token_of(case), checks=checks, now=now)
    if case.op == "validate_client_assertion":
        clients = at9068.ClientAssertionValidator.from_json(member(case, "config"))
        sent = {"now": now, **(loaded(case, "require") or {})}
        for before in case.entry.get("before", ()):
            with contextlib.suppress(at9068.At9068Error):
                clients.validate(before, **sent)
        return clients.validate(token_of(case), **sent)
    validator = given or validator_of(case)
    options: dict[str, Any] = {"now": now, "require": loaded(case, "require")}
    if case.op == "authenticate":
        return validator.authenticate(loaded(case, "request"), **options)
    return validator.validate(token_of(case), request=loaded(case, "request"), **options)


def part(text: str) -> bytes:
    """A segment of a token, decoded as far as it can be."""
    kept = re.sub(r"[^A-Za-z0-9_-]", "", text)
    return base64.urlsafe_b64decode(kept + "A" * (-len(kept) % 4))


def texts(value: Any) -> Iterator[str]:
    """Every text within a JSON value that is a value, not a name."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def values(text: str) -> Iterator[str]:
    """The same of JSON text; where it is none, everything between quotes that no colon follows."""
    try:
        yield from texts(json.loads(text))
    except (ValueError, RecursionError):
        yield from re.findall(r'"((?:[^"\\]|\\.)*)"(?!\s*:)', text)
