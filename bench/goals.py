"""What the figures have to show: every goal, what was measured, and whether it holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from results import ALGORITHMS, ASYMMETRIC, LIMIT, LIMIT_LANGUAGE, Results, ratio
from workers import Key

# The time that a hit may take, in µs.
HITS = {"rust": 0.3, "python": 0.5, "node": 1.0}

# Two threads, warm: so much, where work of that length that shares nothing reaches the other.
WARM, WARM_RAW = 1.8, 1.9


@dataclass(frozen=True)
class Goal:
    """One line of the table."""

    # The number under which it was set.
    number: int
    what: str
    # Such as "at most 1.12".
    wanted: str
    # None where it was not measured.
    measured: float | None
    holds: bool | None
    # What is hoped for beyond the goal.
    aim: str = ""
    note: str = ""


def at_most(number: int, what: str, measured: float | None, bound: float, aim: str = "", note: str = "") -> Goal:
    """The less the better."""
    holds = None if measured is None else measured <= bound
    return Goal(number, what, f"at most {bound:g}", measured, holds, aim, note)


def at_least(number: int, what: str, measured: float | None, bound: float, aim: str = "", note: str = "") -> Goal:
    """The more the better."""
    holds = None if measured is None else measured >= bound
    return Goal(number, what, f"at least {bound:g}", measured, holds, aim, note)


def goals(found: Results, soak: dict[str, Any] | None) -> list[Goal]:
    """All of them, in order."""
    lines = [*_core(found), *_python(found), *_node(found), *_hits(found), *_c(found), *_threads(found), *_mint(found)]
    return [*lines, *_memory(found), *_soak(soak)]


def _core(found: Results) -> Iterator[Goal]:
    for algorithm, bound, aim in (
        ("RS256", 1.12, 1.08),
        ("PS256", 1.12, 1.08),
        ("ES256", 1.04, 1.03),
        ("EdDSA", 1.04, 1.03),
    ):
        case = f"{algorithm}/validate/lazy"
        measured = ratio(found.time("rust", case), found.limit(case))
        yield at_most(1, f"core, {algorithm}, of the raw verification", measured, bound, f"{aim:g}")
    case = "RS256/validate/lazy"
    ours, peer, limit = found.time("rust", case), found.time("rust", case, "jsonwebtoken"), found.limit(case)
    yield at_most(1, "core, RS256, of jsonwebtoken", ratio(ours, peer), 0.78)
    own = None if None in (ours, peer, limit) else ratio(peer - limit, ours - limit)  # type: ignore[operator]
    yield at_least(1, "core, RS256, jsonwebtoken's own work, of ours", own, 4)


def _python(found: Results) -> Iterator[Goal]:
    for algorithm, bound, aim in (("RS256", 1.16, "1.12"), ("ES256", 1.06, ""), ("EdDSA", 1.06, "")):
        case = f"{algorithm}/validate/lazy"
        measured = ratio(found.time("python", case), found.limit(case))
        yield at_most(2, f"Python, {algorithm}, attributes, of the raw verification", measured, bound, aim)
    case = "RS256/validate/dict"
    ours = found.time("python", case)
    yield at_most(2, "Python, RS256, dict, of the raw verification", ratio(ours, found.limit(case)), 1.3, "1.2")
    yield at_most(
        2, "Python, RS256, dict, of oxyjwt with equal checks", ratio(ours, found.time("python", case, "oxyjwt")), 0.75
    )
    yield at_least(
        2, "Python, RS256, dict, PyJWT's time, of ours", ratio(found.time("python", case, "pyjwt"), ours), 4.3
    )
    for algorithm in ASYMMETRIC:
        ours = found.time("python", f"{algorithm}/validate/dict")
        raw = found.time("python", f"{algorithm}/validate/raw", "pyca")
        yield at_most(2, f"Python, {algorithm}, dict, of pyca's bare verify()", ratio(ours, raw), 1)


def _node(found: Results) -> Iterator[Goal]:
    for algorithm in ASYMMETRIC:
        ours = found.time("node", f"{algorithm}/validate/sync")
        raw = found.time("node", f"{algorithm}/validate/raw", "node:crypto")
        yield at_most(3, f"Node, {algorithm}, of crypto.verify alone", ratio(ours, raw), 1)
    for algorithm, bound in (("RS256", 0.75), ("ES256", 0.8), ("EdDSA", 0.42)):
        case = f"{algorithm}/validate/sync"
        measured = ratio(found.time("node", case), found.time("node", case, "fast-jwt"))
        yield at_most(3, f"Node, {algorithm}, of fast-jwt without cache", measured, bound)
    jose = found.times.get(Key("node", "RS256/validate/promise", "jose"))
    measured = ratio(jose.least if jose else None, found.time("node", "RS256/validate/promise"))
    yield at_least(3, "Node, RS256, jose's least time, of our median", measured, 2.5)
    sync, promise = (found.time("node", f"RS256/validate/{form}") for form in ("sync", "promise"))
    more = None if sync is None or promise is None else promise - sync
    yield at_most(3, "Node, RS256, the promise beyond the call, µs", more, 1)


def _hits(found: Results) -> Iterator[Goal]:
    for language, bound in HITS.items():
        for algorithm in ALGORITHMS:
            # A server is given a string anew with each request; the same one again and again is the other case.
            for form, which in (("hit", ""), ("hit-fresh", ", fresh string")):
                case = f"{algorithm}/validate/{form}"
                if form == "hit" or found.time(language, case) is not None:
                    yield at_most(
                        4, f"hit, {_name(language)}, {algorithm}{which}, µs", found.time(language, case), bound
                    )
    for form, which in (("hit", ""), ("hit-fresh", ", fresh string")):
        case = f"RS256/validate/{form}"
        # As it is configured unless told otherwise: it keeps no token in clear either.
        measured = ratio(found.time("node", case, "fast-jwt"), found.time("node", case))
        yield at_least(4, f"hit, Node, RS256{which}, fast-jwt's, of ours", measured, 3)


def _c(found: Results) -> Iterator[Goal]:
    for algorithm in ASYMMETRIC:
        case = f"{algorithm}/validate/lazy"
        yield at_most(5, f"C, {algorithm}, of the core", ratio(found.time("c", case), found.time("rust", case)), 1.05)


def _threads(found: Results) -> Iterator[Goal]:
    for algorithm in ALGORITHMS:
        case = f"{algorithm}/threads/cold"
        raw = found.scaling(LIMIT_LANGUAGE, case, LIMIT)
        for language in ("rust", "python"):
            measured = ratio(found.scaling(language, case), raw)
            if measured is not None:
                what = f"two threads, {_name(language)}, {algorithm}, cold, of the raw verification's scaling"
                if language == "rust" and algorithm in ASYMMETRIC:
                    yield at_least(6, what, measured, 0.97)
                else:
                    yield Goal(6, what, "told, no bound", measured, None)
    for algorithm in ALGORITHMS:
        case = f"{algorithm}/threads/hit"
        measured, raw = found.scaling("rust", case), found.scaling(LIMIT_LANGUAGE, case, LIMIT)
        what = f"two threads, Rust, {algorithm}, warm"
        if measured is None or raw is None:
            yield at_least(6, what, None, WARM)
        elif raw >= WARM_RAW:
            yield at_least(6, what, measured, WARM, note=f"raw work of that length: {raw:.2f}")
        else:
            holds = measured >= WARM or measured / raw >= WARM / WARM_RAW
            note = (
                f"raw work of that length reaches {raw:.2f} only in this run; ours must be {WARM / WARM_RAW:.3f} of it"
            )
            yield Goal(6, what, f"at least {WARM:g}", measured, holds, note=note)
    for language in ("python", "node"):
        for algorithm in ("RS256", "ES256", "EdDSA"):
            measured = ratio(
                batch_gain(found, language, algorithm), found.scaling(LIMIT_LANGUAGE, f"{algorithm}/batch/limit", LIMIT)
            )
            yield at_least(
                6,
                f"batch, {_name(language)}, {algorithm}, gain over a loop, of the raw verification's scaling",
                measured,
                0.93,
            )


def batch_gain(found: Results, language: str, algorithm: str, what: str = "") -> float | None:
    """How much faster a batch is than a loop over the same tokens, by the clock."""
    loop, many = (
        found.walls.get(Key(language, f"{algorithm}/batch/{what}{form}", "at9068"), {}).get(1)
        for form in ("loop", "many")
    )
    return None if loop is None or many is None else loop.median / many.median


def _mint(found: Results) -> Iterator[Goal]:
    for algorithm, bound in (("RS256", 1.03), ("PS256", 1.03), ("ES256", 1.07), ("EdDSA", 1.07)):
        case = f"{algorithm}/mint/one"
        yield at_most(
            7, f"mint, {algorithm}, of the raw signature", ratio(found.time("rust", case), found.limit(case)), bound
        )
    for algorithm, bound in (("RS256", 2.2), ("ES256", 1.5), ("EdDSA", 1.5)):
        case = f"{algorithm}/mint/one"
        measured = ratio(found.time("rust", case, "jsonwebtoken"), found.time("rust", case))
        yield at_least(7, f"mint, {algorithm}, jsonwebtoken's time, of ours", measured, bound)


def _memory(found: Results) -> Iterator[Goal]:
    allocations = found.facts.get("memory", {}).get("allocations", {})
    for algorithm in ALGORITHMS:
        asked = allocations.get(f"{algorithm}/validate/lazy", {}).get("at9068")
        note = "" if asked is None or asked["c"] is None else f"C's own beside them: {asked['c']:g}"
        yield at_most(8, f"allocations of a cold validation, {algorithm}", asked and asked["rust"], 4, note=note)


def _soak(soak: dict[str, Any] | None) -> Iterator[Goal]:
    found = soak or {}
    drift = found.get("drift_percent")
    validations = found.get("validations", 0)
    note = f"{validations:,} validations" if soak else "`make soak` was not run"
    yield at_most(
        9, "long run: drift of resident memory after warm-up, %", None if drift is None else abs(drift), 1, note=note
    )
    yield at_most(9, "long run: more file descriptors than after warm-up", found.get("more_files"), 0)
    yield at_most(9, "long run: more threads than after warm-up", found.get("more_threads"), 0)


def _name(language: str) -> str:
    return {"rust": "Rust", "c": "C", "python": "Python", "node": "Node"}[language]
