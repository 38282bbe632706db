"""T227, T221: a validator answers the same every time, and keeps nothing of what it saw."""

from __future__ import annotations

import json
import os
import random
import threading
from pathlib import Path
from typing import Any

import at9068

from .corpus import REFUSED, Case, ask, cases, member, validator_of


def answer(case: Case, given: at9068.Validator | None) -> Any:
    """What a call gives, in a form that can be compared."""
    try:
        made = ask(case, given)
    except REFUSED as error:
        return (type(error), str(error), vars(error))
    return (made.profile, made.header_json, made.claims_json)


def test_a_validator_answers_the_same_every_time() -> None:
    """One validator for all cases of a configuration, asked in any order, answers as a fresh one does."""
    shared: dict[str, at9068.Validator] = {}
    judged: list[tuple[Case, at9068.Validator, Any]] = []
    for case in cases():
        if case.op not in ("validate", "authenticate"):
            continue
        config = member(case, "config") + json.dumps(case.entry.get("revocations"))
        try:
            validator = shared.get(config) or shared.setdefault(config, validator_of(case))
        except at9068.ConfigError:
            continue
        judged.append((case, validator, answer(case, None)))
    assert len(judged) > 1500 and len(shared) < len(judged) / 3
    order = random.Random(9068)
    for _ in range(3):
        order.shuffle(judged)
        for case, validator, first in judged:
            assert answer(case, validator) == first, case.id


def resident() -> int:
    """Octets of memory in use by this process."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def test_nothing_is_kept_of_what_was_seen() -> None:
    """After some rounds of the whole corpus: no more memory, files or threads than before."""

    def round_of_all() -> None:
        for case in cases():
            answer(case, None) if case.op in ("validate", "authenticate") else attempt(case)

    for _ in range(2):
        round_of_all()
    before = (len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task")), threading.active_count())
    used = resident()
    rounds = 6
    for _ in range(rounds):
        round_of_all()
    after = (len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task")), threading.active_count())
    assert after == before
    # One round's tokens and configurations are several megabytes: had each round left them, this would show.
    assert resident() - used < 4_000_000, f"{resident() - used} octets more after {rounds} rounds"


def attempt(case: Case) -> None:
    """A call whose outcome is judged elsewhere."""
    try:
        ask(case)
    except REFUSED:
        assert not case.expect["ok"]
