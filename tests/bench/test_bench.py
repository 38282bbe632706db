"""What `make bench` makes of figures: medians, the list, the goals, the verdicts, and the long run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import goals
import pytest
import results
import rounds
import soak
from results import Results
from rounds import Sample
from workers import ROOT, Key


def sample(*times: float) -> Sample:
    """Times of one call, in µs."""
    return Sample(tuple(times))


def measured(**more: float) -> Results:
    """Some figures of RS256, in µs."""
    figures = {
        "rust/RS256/validate/raw/aws-lc-rs": 20.0,
        "rust/RS256/validate/lazy/at9068": 22.0,
        "rust/RS256/validate/lazy/jsonwebtoken": 30.0,
        "rust/RS256/validate/lazy/josekit": 33.0,
        "rust/RS256/validate/hit/at9068": 0.25,
        "python/RS256/validate/raw/pyca": 24.0,
        "python/RS256/validate/lazy/at9068": 23.0,
        "python/RS256/validate/dict/at9068": 25.0,
        "python/RS256/validate/dict/pyjwt": 110.0,
        "python/RS256/validate/dict/oxyjwt": 40.0,
        **more,
    }
    found = Results()
    for name, time in figures.items():
        language, rest = name.split("/", 1)
        case, subject = rest.rsplit("/", 1)
        found.times[Key(language, case, subject)] = sample(time, time, time * 9)
    return found


def test_rounds_are_interleaved() -> None:
    """Every round has every subject, and begins with another one each time."""
    asked: list[tuple[str, int]] = []
    costs = {"a": 1.0, "b": 10.0, "c": 2000.0}

    def time(subject: str, calls: int) -> float:
        asked.append((subject, calls))
        return costs[subject]

    found = rounds.interleaved(list(costs), time, rounds=4, round_us=1000.0)
    assert {subject: of.times for subject, of in found.items()} == {name: (cost,) * 4 for name, cost in costs.items()}
    # The first calls are those that say how many make a round; one at least.
    last = asked[-12:]
    assert [subject for subject, _ in last] == [*"abc", *"bca", *"cab", *"abc"]
    assert dict(last) == {"a": 1000, "b": 100, "c": 1}


def test_the_calls_of_a_round_are_those_of_what_is_warm() -> None:
    """The first hundred calls find nothing in a cache, and say little of those that follow."""
    made = 0

    def time(calls: int) -> float:
        nonlocal made
        cold = max(0, min(calls, 100 - made))
        made += calls
        return (cold * 20.0 + (calls - cold) * 0.2) / calls

    assert rounds.calls_of_a_round(time, 1000.0) == 5000


def test_calls_are_bounded() -> None:
    """However little or much one of them takes."""
    assert rounds.calls_for(0.0, 5000.0) == rounds.MOST_CALLS
    assert rounds.calls_for(1e9, 5000.0) == 1


def test_a_median_is_not_moved_by_one_round() -> None:
    """One that something else on the machine disturbed."""
    assert sample(1.0, 1.1, 50.0).median == 1.1
    assert sample(2.0, 1.0).least == 1.0


def test_the_list() -> None:
    """Each of our times stands beside the limit and the best peer."""
    rows = {row["id"]: row for row in measured().rows()}
    assert rows["rust/RS256/validate/lazy"] == {
        "id": "rust/RS256/validate/lazy",
        "ours_us": 22.0,
        "limit_us": 20.0,
        "ratio_to_limit": 1.1,
        "best_peer": "jsonwebtoken",
        "peer_us": 30.0,
        "ratio_to_peer": 0.7333,
    }
    # Only ours has attributes: its peers are those that give a dict, and bare operations are none.
    assert (rows["python/RS256/validate/lazy"]["best_peer"], rows["python/RS256/validate/lazy"]["peer_us"]) == (
        "oxyjwt",
        40.0,
    )
    # The limit of every language is the same one.
    assert rows["python/RS256/validate/dict"]["limit_us"] == 20.0
    # What verifies is no peer of what remembers.
    assert rows["rust/RS256/validate/hit"]["best_peer"] is None
    assert set(rows) == {
        f"{name}" for name in ("rust/RS256/validate/lazy", "rust/RS256/validate/hit", "python/RS256/validate/lazy")
    } | {"python/RS256/validate/dict"}


def test_results_come_back_from_their_file(tmp_path: Path) -> None:
    """So that a page can be made anew without measuring."""
    found = measured()
    found.walls[Key("rust", "RS256/threads/cold", "at9068")] = {1: sample(20.0), 2: sample(21.0)}
    found.verdicts[Key("rust", "RS256/validate/lazy", "at9068")] = {"good": True, "bad": {"expired": True}}
    found.facts["machine"] = {"cpus": 2}
    found.dump(tmp_path / "results.json")
    again = Results.load(tmp_path / "results.json")
    assert again == found
    assert again.scaling("rust", "RS256/threads/cold") == pytest.approx(40 / 21)
    assert again.scaling("rust", "RS256/threads/hit") is None


def goal(found: Results, what: str, soaked: dict[str, Any] | None = None) -> goals.Goal:
    """The line of this name."""
    return next(line for line in goals.goals(found, soaked) if line.what == what)


def test_goals_hold_or_not() -> None:
    """By their bounds, which are reached or not."""
    line = goal(measured(), "core, RS256, of the raw verification")
    assert (line.number, line.wanted, line.measured, line.holds) == (1, "at most 1.12", 1.1, True)
    slower = measured(**{"rust/RS256/validate/lazy/at9068": 23.0})
    assert goal(slower, "core, RS256, of the raw verification").holds is False
    # Ours has 2 µs of its own, jsonwebtoken 10.
    own = goal(measured(), "core, RS256, jsonwebtoken's own work, of ours")
    assert (own.measured, own.holds) == (5.0, True)
    assert goal(slower, "core, RS256, jsonwebtoken's own work, of ours").holds is False
    assert goal(measured(), "Python, RS256, dict, PyJWT's time, of ours").measured == 4.4
    assert goal(measured(), "hit, Rust, RS256, µs").holds is True


def test_what_was_not_measured_does_not_hold() -> None:
    """Nor does it fail."""
    assert all(line.holds is None and line.measured is None for line in goals.goals(Results(), None))


def test_every_goal_has_a_line() -> None:
    """Even where nothing was measured."""
    assert {line.number for line in goals.goals(Results(), None)} == set(range(1, 10))


@pytest.mark.parametrize(
    ("raw", "ours", "holds"), [(1.95, 1.82, True), (1.95, 1.79, False), (1.7, 1.65, True), (1.7, 1.5, False)]
)
def test_warm_threads(raw: float, ours: float, holds: bool) -> None:
    """They are held against what the machine can do where work is that short."""
    found = Results()
    for subject, scaling in (("aws-lc-rs", raw), ("at9068", ours)):
        found.walls[Key("rust", "RS256/threads/hit", subject)] = {1: sample(1.0), 2: sample(2 / scaling)}
    assert goal(found, "two threads, Rust, RS256, warm").holds is holds


def test_batches() -> None:
    """They are held against the scaling of the same minutes."""
    found = Results()
    found.walls[Key("node", "ES256/batch/loop", "at9068")] = {1: sample(70.0)}
    found.walls[Key("node", "ES256/batch/many", "at9068")] = {1: sample(40.0)}
    found.walls[Key("rust", "ES256/batch/limit", "aws-lc-rs")] = {1: sample(60.0), 2: sample(66.0)}
    what = "batch, Node, ES256, gain over a loop, of the raw verification's scaling"
    line = goal(found, what)
    assert line.measured == pytest.approx(1.75 / (120 / 66))
    assert line.holds is True


def test_verdicts() -> None:
    """Our own mistakes end a run; those of others are told."""
    ours, peer = Key("rust", "RS256/validate/lazy", "at9068"), Key("node", "RS256/validate/sync", "fast-jwt")
    verdicts = {
        ours: {"good": True, "bad": {"expired": True, "type": False}},
        peer: {"good": False, "bad": {"expired": True, "type": False}},
    }
    assert results.worst_verdicts(verdicts) == ["rust/RS256/validate/lazy is wrong about a bad token (type)"]
    assert results.dropped(verdicts) == {peer}
    assert results.lets_through(verdicts, [peer]) == ["type"]


def ran(resident: list[int], files: int = 4) -> dict[str, Any]:
    """What is said of a run with such memory, and so many files at its end."""
    samples = [
        {
            "validations": number + 1,
            "seconds": number,
            "resident": octets,
            "held": octets // 5,
            "files": 4,
            "threads": 3,
        }
        for number, octets in enumerate(resident)
    ]
    for one in samples[-2:]:
        one["files"] = files
    # A thread that is about to end is none that was left behind.
    samples[-1]["threads"] += 1
    last = {"accepted": 1, "refused": 1, "fetches": 1, "rotations": 1, "cache": {}, "seconds": 1.0}
    return soak.judged(samples, last)


def test_a_long_run_that_is_flat() -> None:
    """What happens while it warms up does not count."""
    found = ran([1000, 5000, 6000, 7000, 8000, 9000] + [10_000] * 19 + [10_050])
    assert (found["warm_up_samples"], found["settled_octets"]) == (6, 10_000)
    assert found["validations"] == 20
    assert found["drift_percent"] == pytest.approx(0.25)
    assert soak.flat(found)


def test_a_long_run_that_grows() -> None:
    """By memory, or by a single file."""
    growing = ran([10_000 + 20 * number for number in range(100)])
    assert growing["drift_percent"] > 1
    assert not soak.flat(growing)
    assert not soak.flat(ran([10_000] * 20, files=5))


def test_the_committed_list() -> None:
    """It has the form that is promised."""
    latest = ROOT / "bench/latest.json"
    if not latest.exists():
        pytest.skip("nothing was measured yet")
    rows = json.loads(latest.read_text())
    names = ["id", "ours_us", "limit_us", "ratio_to_limit", "best_peer", "peer_us", "ratio_to_peer"]
    assert rows and all(list(row) == names for row in rows)
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        if row["ratio_to_limit"] is not None:
            assert row["ratio_to_limit"] == pytest.approx(row["ours_us"] / row["limit_us"], rel=0.01)
