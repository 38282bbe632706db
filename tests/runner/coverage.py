"""Whether the suite reaches everything: codes, rules, and the public surfaces that name the codes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .vectors import Case

# Where each language lists the codes: (what, files of which at least one must exist, how a code is spelled there)
SURFACES = (
    ("C header", ("bindings-c/include/at9068.h",), "AT9068_CODE_{upper}"),
    ("Python stubs", ("bindings-python/python/at9068/*.pyi", "bindings-python/python/at9068/*.py"), '"{slug}"'),
    (
        "Node typings",
        ("bindings-node/index.d.ts", "bindings-node/index.d.cts", "bindings-node/index.d.mts"),
        '"{slug}"',
    ),
)


def read(tests: Path, name: str) -> Any:
    """One of the committed lists beside the vectors."""
    return json.loads((tests / "vectors" / name).read_text())


def codes(tests: Path, root: Path, known: dict[str, list[str]], cases: Iterable[Case]) -> list[str]:
    """Every driver knows the same codes, the committed numbers name them, and something reaches each."""
    faults: list[str] = []
    numbers: dict[str, int] = read(tests, "codes.json")
    elsewhere: dict[str, dict[str, str]] = read(tests, "reached_elsewhere.json")
    for name, listed in known.items():
        if len(listed) != len(set(listed)):
            faults.append(f"{name}: a code stands twice in info.codes")
        for code in sorted(set(listed) ^ set(numbers)):
            faults.append(f"{name}: {code} is {'not in' if code in listed else 'only in'} vectors/codes.json")
    reached = {case.expect["code"] for case in cases if not case.expect["ok"]}
    for code in numbers:
        if code not in reached and code not in elsewhere:
            faults.append(f"{code}: no vector reaches it and reached_elsewhere.json does not name a test")
    for code, place in elsewhere.items():
        if code not in numbers or code in reached:
            faults.append(f"{code}: reached_elsewhere.json lists it for nothing")
        path = root / place["file"]
        if not path.is_file() or place["test"] not in path.read_text():
            faults.append(f"{code}: {place['file']} holds no test {place['test']}")
    return faults


def surfaces(root: Path, numbers: Iterable[str]) -> list[str]:
    """Every code stands in the header, the stubs and the typings."""
    faults: list[str] = []
    for what, patterns, spelling in SURFACES:
        files = [path for pattern in patterns for path in sorted(root.glob(pattern))]
        if not files:
            faults.append(f"{what}: none of {', '.join(patterns)} exists")
            continue
        text = "\n".join(path.read_text() for path in files)
        for slug in numbers:
            name = spelling.format(slug=slug, upper=slug.upper())
            # Python and TypeScript are free in their quotes.
            if name not in text and name.replace('"', "'") not in text:
                faults.append(f"{what}: {name} is missing")
    return faults


def rules(tests: Path, cases: Iterable[Case]) -> list[str]:
    """Every rule in scope has a vector, or a reason why none can hold it."""
    faults: list[str] = []
    lists = read(tests, "rules.json")
    used = {rule for case in cases for rule in case.entry["rules"]}
    scope, excused = set(lists["scope"]), lists["without_vector"]
    faults += [f"{rule}: no vector names this rule" for rule in sorted(scope - used - set(excused))]
    faults += [f"{rule}: has vectors, and rules.json excuses it" for rule in sorted(used & set(excused))]
    faults += [f"{rule}: rules.json excuses a rule that is not in scope" for rule in sorted(set(excused) - scope)]
    for rule in sorted(used - scope):
        if not rule.startswith("T") or not rule[1:].isdigit():
            faults.append(f"{rule}: named by a vector, not in scope of rules.json")
    return faults
