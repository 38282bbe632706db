"""Interleaved rounds: every subject of a group in turn, again and again, so that all have the same minutes."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

# What is asked for first; its time says how many calls are asked for next.
FIRST_CALLS = 10
MOST_CALLS = 1_000_000
# So many calls at least, or so many rounds' time, pass before that number counts: the first calls find nothing warm.
WARM_CALLS, WARM_ROUNDS = 200, 10

Subject = TypeVar("Subject")


@dataclass(frozen=True)
class Sample:
    """µs for one call, of all rounds."""

    times: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle of all rounds, which other work on the machine moves least."""
        return statistics.median(self.times)

    @property
    def least(self) -> float:
        """The round that nothing disturbed."""
        return min(self.times)


def calls_for(us: float, round_us: float) -> int:
    """How many calls of so many µs make a round."""
    return max(1, min(MOST_CALLS, round(round_us / max(us, 1e-3))))


def calls_of_a_round(time: Callable[[int], float], round_us: float) -> int:
    """How many calls take as long as a round, once everything is warm."""
    calls, made, spent = FIRST_CALLS, 0, 0.0
    while True:
        us = time(calls)
        made, spent = made + calls, spent + us * calls
        before, calls = calls, calls_for(us, round_us)
        if (made >= WARM_CALLS and calls <= before * 1.25) or spent >= WARM_ROUNDS * round_us:
            return calls


def interleaved(
    subjects: Sequence[Subject], time: Callable[[Subject, int], float], rounds: int, round_us: float
) -> dict[Subject, Sample]:
    """Times of all of them. `time` makes so many calls and says what one of them took, in µs.

    A round begins with another subject each time, so that nobody has always the same one before it.
    """
    calls = {
        subject: calls_of_a_round(lambda count, subject=subject: time(subject, count), round_us) for subject in subjects
    }
    times: dict[Subject, list[float]] = {subject: [] for subject in subjects}
    for number in range(rounds):
        at = number % len(subjects)
        for subject in [*subjects[at:], *subjects[:at]]:
            times[subject].append(time(subject, calls[subject]))
    return {subject: Sample(tuple(found)) for subject, found in times.items()}
