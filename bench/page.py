"""docs/performance.md, out of what was measured."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import growth
import plots
from goals import Goal, batch_gain, goals
from results import ALGORITHMS, LANGUAGES, LIMIT, LIMIT_LANGUAGE, Results, lets_through, ratio
from workers import OURS, SOAK, Key

NAMES = {"rust": "Rust", "c": "C", "python": "Python", "node": "Node"}

# What is told of a subject by the form of its case: of ours and of others.
FORMS = {
    "validate/lazy": ("attributes read", ""),
    "validate/dict": ("claims as a dict", ""),
    "validate/sync": ("claims read", ""),
    "validate/promise": ("promise, claims read", "promise"),
    "validate/hit-fresh": ("made anew", "made anew"),
    "mint/promise": ("promise", "promise"),
    "mint/batch": ("batch", "batch"),
}


def page(found: Results, soak: dict[str, Any] | None, folder: Path) -> str:
    """The whole document; its plots are put into the folder."""
    name = folder.name
    sections = [
        _head(found),
        _goals(goals(found, soak)),
        _validate(found, folder, name),
        _hits(found),
        _mint(found),
        _threads(found),
        _counts(found),
        growth.section(found, folder, name),
        _long_run(soak, folder, name),
        _subjects(found),
    ]
    return "\n".join(section.strip() + "\n" for section in sections if section)


def all_goals(found: Results) -> list[Goal]:
    """Every goal, with the long run that was made last."""
    return goals(found, read_soak())


def read_soak() -> dict[str, Any] | None:
    """The long run that was made last."""
    return json.loads(SOAK.read_text()) if SOAK.exists() else None


def _head(found: Results) -> str:
    facts = found.facts
    machine, tools = facts["machine"], facts["machine"]["tools"]
    count = facts["rounds"]
    missing = "".join(f"\nNot measured: {NAMES[name]}, {why}." for name, why in facts["absent_languages"].items())
    quick = "**A try in few rounds: its figures mean nothing.**\n\n" if facts["quick"] else ""
    return f"""
# Performance

<!-- Written by `make bench`. Do not edit. -->

{quick}What a validation costs beside the bare verification of its signature, which is the limit, and beside other libraries.
Times are medians of interleaved rounds, in µs; they hold as ratios within this run and on this machine. How it is
measured, and what it does not show: [bench/README.md](../bench/README.md). The same as a list:
[bench/latest.json](../bench/latest.json).

{facts["began"]}, {facts["seconds"] / 60:.0f} min; {machine["cpu"]}, {machine["cpus"]} CPUs ({", ".join(machine["flags"])});
{machine["system"]}; load {machine["load_before"]:.1f} at the beginning and {facts["load_after"]:.1f} at the end.
{"; ".join(f"{name}: {version}" for name, version in tools.items())}.
{count["time"]} rounds of {count["time_us"] / 1000:g} ms each, {count["wall"]} where threads are measured.{missing}

Every token has a header of `alg`, `kid` and `typ: at+jwt` and 14 claims in {facts["claims_octets"]} octets of JSON. It is
accepted by everybody who is measured here; [who lets which bad token through](#who-was-measured) is said below.
"""


def _goals(lines: Sequence[Goal]) -> str:
    held = sum(goal.holds is True for goal in lines)
    judged = sum(goal.holds is not None for goal in lines)
    rows = [
        (
            str(goal.number),
            goal.what + (f" ({goal.note})" if goal.note else ""),
            goal.wanted + (f", hoped for {goal.aim}" if goal.aim else ""),
            _number(goal.measured),
            {True: "yes", False: "**no**", None: "–"}[goal.holds],
        )
        for goal in lines
    ]
    table = _table(("", "What", "Goal", "Measured", "Holds"), rows)
    return f"## Goals\n\n{held} of {judged} hold.\n\n{table}"


def _validate(found: Results, folder: Path, name: str) -> str:
    parts = [
        """## Validation

Nothing is remembered here: every call verifies. In brackets, how many times the limit. **Bold** is ours; *italics* are
bare operations, of the limit and of each language's own cryptography, which check nothing but a signature.
"""
    ]
    for language in LANGUAGES:
        if not any(key.language == language for key in found.times):
            continue
        keys = [key for key in found.times if key.language == language and "/validate/" in key.case]
        keys = [key for key in keys if "/hit" not in key.case]
        parts.append(f"### {NAMES[language]}\n\n{_by_algorithm(found, keys, 'validate')}")
        plots.bars(found, language, folder / f"validate-{language}.svg")
        parts.append(f"![Validation in {NAMES[language]}]({name}/validate-{language}.svg)\n")
    return "\n".join(parts)


def _hits(found: Results) -> str:
    keys = [key for key in found.times if "/validate/hit" in key.case]
    rates = found.facts.get("hit_rates", {})
    table = _table(
        ("Live tokens, of the places", *(f"{float(share):.0%}" for share in rates)),
        [("Hits, of calls", *(f"{rate:.1%}" for rate in rates.values()))],
    )
    return f"""## Known tokens

A token that was verified before, in µs. Everything that depends on the time or on the request is judged again. "Made
anew" gives each call a string that nothing has seen, as a server does.

{_by_algorithm(found, keys, "validate", with_language=True, with_limit=False)}
A cache has a thousand places unless configured otherwise. Where tokens come in random order, so many calls are hits:

{table}
A token can be in one of few places only, which keeps looking short and without a lock; so some are driven out before
all places are taken. Whoever wants nearly all live tokens to be remembered gives `max_entries` twice their number.
"""


def _mint(found: Results) -> str:
    parts = [
        "## Minting\n\nIn brackets, how many times the bare signature. Ours makes a random `jti` for each token.\n"
    ]
    for language in LANGUAGES:
        keys = [key for key in found.times if key.language == language and "/mint/" in key.case]
        if keys:
            parts.append(f"### {NAMES[language]}\n\n{_by_algorithm(found, keys, 'mint')}")
    return "\n".join(parts)


def _threads(found: Results) -> str:
    rows = []
    for algorithm in ALGORITHMS:
        for form, what in (("cold", "cold"), ("hit", "known tokens")):
            case = f"{algorithm}/threads/{form}"
            cells = [found.scaling(LIMIT_LANGUAGE, case, LIMIT)]
            cells += [found.scaling(language, case) for language in ("rust", "python")]
            if any(cell is not None for cell in cells):
                rows.append((algorithm, what, *(_number(cell, 2) for cell in cells)))
    batches = []
    for algorithm in ALGORITHMS:
        scaling = found.scaling(LIMIT_LANGUAGE, f"{algorithm}/batch/limit", LIMIT)
        gains = [batch_gain(found, language, algorithm) for language in ("rust", "python", "node")]
        minted = [batch_gain(found, language, algorithm, "mint-") for language in ("rust",)]
        if scaling is not None:
            batches.append((algorithm, *(_number(cell, 2) for cell in (scaling, *gains, *minted))))
    return f"""## Threads and batches

How much more two threads do than one, by the clock; each has tokens of its own, and rounds of one and of two take
turns. Beside it what work reaches that shares nothing: the bare verification, and where tokens are known, a digest that
takes as long as a hit.

{_table(("", "", "Shares nothing", "Rust", "Python"), rows)}
How much faster a batch is than a loop over the same tokens, by the clock, beside what two threads reach at all.

{_table(("", "Bare verification, 2 threads", "Rust", "Python", "Node", "Rust, minting"), batches)}"""


def _counts(found: Results) -> str:
    memory = found.facts["memory"]
    asked = memory["allocations"]
    subjects = sorted({subject for by in asked.values() for subject in by}, key=lambda name: (name != OURS, name))
    rows = []
    for case in sorted(asked, key=lambda case: (case.split("/")[1:], ALGORITHMS.index(case.split("/")[0]))):
        algorithm, form = case.split("/", 1)
        cells = [_allocations(asked[case].get(subject)) for subject in subjects]
        rows.append(
            (algorithm, {"validate/lazy": "validation", "validate/hit": "hit", "mint/one": "mint"}[form], *cells)
        )
    cached = memory["cached"]
    each = cached["octets"] / cached["status"]["entries"]
    return f"""## Allocations, memory, instructions

What one call asks of Rust's allocator, and behind the sign what C's cryptography asks of its own beside that.

{_table(("", "", *subjects), rows)}
A validator with room for {cached["status"]["max_entries"]:,} tokens that was given {cached["tokens"]:,} of ES256, each of
{cached["token_octets"]} octets, remembers {cached["status"]["entries"]:,} of them and holds {cached["octets"] / 1e6:.1f} MB, {each:,.0f} octets for each; the process
grew by {cached["resident_octets"] / 1e6:.1f} MB. Empty it holds {cached["empty_octets"] / 1e6:.2f} MB.

{_instructions(found.facts["instructions"])}"""


def _instructions(counted: dict[str, Any]) -> str:
    if "absent" in counted:
        return f"Instructions were not counted: {counted['absent']}.\n"
    rows = []
    for algorithm in ALGORITHMS:
        raw = counted["counts"].get(f"{algorithm}/validate/raw", {}).get(LIMIT)
        if raw is None:
            continue
        lazy, hit = (counted["counts"][f"{algorithm}/validate/{form}"] for form in ("lazy", "hit"))
        cells = [raw, lazy[OURS], lazy[OURS] - raw, lazy["jsonwebtoken"] - raw, hit[OURS]]
        rows.append((algorithm, *(f"{cell:,}" for cell in cells)))
    table = _table(("", "Bare", "Ours", "of it own", "jsonwebtoken's own", "Hit"), rows)
    return f"""Instructions of one validation, as callgrind counts them ({counted["tool"]}). It knows no AVX-512, so that the
cryptography takes other ways than outside of it; "own" is what is left without it.

{table}"""


def _long_run(soak: dict[str, Any] | None, folder: Path, name: str) -> str:
    if soak is None:
        return "## A long run\n\n`make soak` has not been run.\n"
    plots.soak(soak, folder / "soak.svg")
    last = soak["samples"][-1]
    warm_up = last["validations"] - soak["validations"]
    return f"""## A long run

{soak["validations"]:,} validations by two threads, {soak["began"]}, and {warm_up:,} before them for warming up, in
{soak["seconds"] / 60:.1f} minutes: new tokens and
known ones, alone and in batches, forged and expired ones, while the issuer rotated its keys {soak["rotations"]} times, which
were fetched {soak["fetches"]} times. {soak["accepted"]:,} were accepted and {soak["refused"]:,} refused, all as they should be;
{soak["cache"]["hits"]:,} came out of the cache.

After warming up, resident memory was {soak["settled_octets"] / 1e6:.2f} MB, in the last tenth of the run
{soak["final_octets"] / 1e6:.2f} MB: {soak["drift_percent"]:+.2f} %. It was never more than {soak["spread_percent"]:.2f} % from least to most. Of it, what
Rust had asked for and not given back: {soak["held_settled_octets"] / 1e6:.2f} MB, then {soak["held_final_octets"] / 1e6:.2f} MB. The allocator of C had one arena.
File descriptors: {last["files"]}; threads: {last["threads"]}, {_more(soak)}.

![Resident memory of the long run]({name}/soak.svg)
"""


def _more(soak: dict[str, Any]) -> str:
    more = soak["more_files"] + soak["more_threads"]
    return "neither more than after warming up" if more <= 0 else f"{more} more than after warming up"


def _subjects(found: Results) -> str:
    rows = []
    for language, hello in found.facts["hello"].items():
        for subject, version in sorted(hello["versions"].items()):
            keys = [key for key in found.verdicts if key.language == language and key.subject == subject]
            unchecked = ", ".join(hello.get("unchecked", {}).get(subject, [])) or "–"
            through = ", ".join(lets_through(found.verdicts, keys)) or ("–" if keys else "")
            if keys and all("/raw" in key.case or "growth/" in key.case or "/threads/" in key.case for key in keys):
                unchecked, through = "anything but the signature", ""
            note = hello.get("notes", {}).get(subject, "")
            rows.append((NAMES[language], subject, version, unchecked, through, note))
        for subject, why in sorted(hello.get("absent", {}).items()):
            rows.append((NAMES[language], subject, "absent", "", "", why))
    table = _table(("", "Subject", "Version", "Not checked", "Lets through", "Note"), rows)
    return f"""## Who was measured

Every library was asked first about a good token and about bad ones: expired, for another audience, of another issuer,
with an altered signature, and of the type `JWT`. Each is set up to check as much as it can: one algorithm, the signature,
`exp`, `iss`, `aud`, the type `at+jwt` and required claims. What it does not check it does not pay for.

{table}"""


## Tables


def _by_algorithm(
    found: Results, keys: Iterable[Key], what: str, with_language: bool = False, with_limit: bool = True
) -> str:
    """Subjects in rows, algorithms in columns; the limit first, ours before others."""
    rows: dict[tuple[str, str, str], dict[str, float]] = {}
    for key in keys:
        rows.setdefault((key.language, key.form, key.subject), {})[key.algorithm] = found.times[key].median
    limits = {algorithm: found.limit(f"{algorithm}/{what}/raw") for algorithm in ALGORITHMS}

    def order(row: tuple[str, str, str]) -> tuple[bool, bool, float]:
        return row[2] != LIMIT, not row[1].endswith("/raw"), min(rows[row].get("RS256", 1e9), 1e9)

    lines = []
    if with_limit and not any(row[2] == LIMIT for row in rows):
        lines.append(
            ("*limit: aws-lc-rs, prepared key*", *(f"*{_number(limits[algorithm])}*" for algorithm in ALGORITHMS))
        )
    for row in sorted(rows, key=order):
        language, form, subject = row
        cells = []
        for algorithm in ALGORITHMS:
            time = rows[row].get(algorithm)
            more = ratio(time, limits[algorithm])
            text = "–" if time is None else _number(time)
            if time is not None and with_limit and subject != LIMIT and more is not None:
                text += f" ({more:.2f})" if more < 100 else f" ({more:.0f})"
            cells.append(text)
        told = FORMS.get(form, ("", ""))[subject != OURS]
        label = " ".join([*([NAMES[language]] if with_language else []), subject]) + (f", {told}" if told else "")
        if subject == LIMIT:
            label = "limit: aws-lc-rs, prepared key"
        mark = "**" if subject == OURS else "*" if form.endswith("/raw") else ""
        lines.append((f"{mark}{label}{mark}", *(f"{mark}{cell}{mark}" if cell != "–" else cell for cell in cells)))
    return _table(("", *ALGORITHMS), lines)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _allocations(asked: dict[str, Any] | None) -> str:
    if asked is None:
        return "–"
    beside = "" if asked["c"] is None else f" + {asked['c']:.0f}"
    return f"{asked['rust']:.0f}{beside}"


def _number(value: float | None, digits: int | None = None) -> str:
    """Three digits that count, or so many behind the point."""
    if value is None:
        return "–"
    if digits is None:
        digits = 0 if value >= 1000 else 1 if value >= 100 else 2 if value >= 1 else 3
    return f"{value:,.{digits}f}"
