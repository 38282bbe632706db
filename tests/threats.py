"""Lists the register of threats with what shows each row, and fails where a row claims what nothing shows."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # pytest brings it where Python has none of its own

TESTS = Path(__file__).resolve().parent
ID = re.compile(r"T[0-9]{2,3}")
# How a test of that name is written in each kind of file; elsewhere the name must stand there as it is.
WRITTEN = {
    ".rs": (r"\bfn {name}\(", r"^{name}\("),
    ".py": (r"^ *(?:async )?def {name}\(",),
    ".mjs": (r"^test\('{name}',", r'^test\("{name}",'),
    ".c": (r"^[a-z].*\b{name}\(",),
    ".cpp": (r"^[a-z].*\b{name}\(",),
    "": (r"^(?:[a-z-]+ )*{name}(?: [a-z-]+)*:",),
}


@dataclass(frozen=True)
class Threat:
    """One row of the register."""

    id: str
    title: str
    state: str
    reason: str | None = None
    tests: tuple[str, ...] = ()

    @property
    def covered(self) -> bool:
        """Whether the row claims to be shown."""
        return self.state == "covered"


def register(tests: Path) -> list[Threat]:
    """The rows, in the order of the file."""
    content = tomllib.loads((tests / "threats.toml").read_text(encoding="utf-8"))
    assert set(content) == {"threat"}, "the register holds rows, and nothing else"
    return [row(entry) for entry in content["threat"]]


def row(entry: dict[str, Any]) -> Threat:
    """A row, its members checked by their names."""
    return Threat(**entry | {"tests": tuple(entry.get("tests", ()))})


def named_by_vectors(tests: Path) -> Counter[str]:
    """How many cases name each threat."""
    count: Counter[str] = Counter()
    for path in (tests / "vectors").rglob("*.json"):
        content = json.loads(path.read_text(encoding="utf-8"))
        for case in content.get("cases", []) if isinstance(content, dict) else []:
            count.update({rule for rule in case["rules"] if ID.fullmatch(rule)})
    return count


def exists(root: Path, test: str) -> bool:
    """Whether a test that is named `file::name` is there."""
    place, _, name = test.partition("::")
    path = root / place
    if not name or not path.is_file():
        return False
    text = path.read_text(encoding="utf-8")
    patterns = WRITTEN.get(path.suffix)
    if patterns is None:
        return name in text
    return any(re.search(pattern.format(name=re.escape(name)), text, re.MULTILINE) for pattern in patterns)


def faults(tests: Path) -> list[str]:
    """Everything that the register says and nothing shows, and the reverse."""
    rows = register(tests)
    vectors = named_by_vectors(tests)
    page = (tests.parent / "docs" / "threats.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| (T[0-9]+) \|", page, re.MULTILINE))
    found: list[str] = []
    ids = [threat.id for threat in rows]
    if ids != sorted(set(ids), key=lambda name: int(name[1:])):
        found.append("the rows are not in the order of their IDs, or one is there twice")
    for threat in rows:
        if not ID.fullmatch(threat.id) or not threat.title:
            found.append(f"{threat.id}: no ID of a threat, or no title")
        if threat.state not in ("covered", "planned"):
            found.append(f"{threat.id}: a row is covered or planned, not {threat.state}")
        if threat.covered == bool(threat.reason):
            found.append(f"{threat.id}: planned rows have a reason, covered rows need none")
        found += [f"{threat.id}: there is no {test}" for test in threat.tests if not exists(tests.parent, test)]
        if threat.covered and not vectors[threat.id] and not threat.tests:
            found.append(f"{threat.id}: said to be covered, and neither a vector nor a test shows it")
        if threat.covered and threat.id not in explained:
            found.append(f"{threat.id}: covered, and docs/threats.md does not say how it is answered")
    found += [f"{name}: a vector names it, the register does not have it" for name in sorted(set(vectors) - set(ids))]
    found += [f"{name}: docs/threats.md has it, the register does not" for name in sorted(explained - set(ids))]
    return found


def main(arguments: list[str] | None = None) -> int:
    """Entry point: the list, the faults, and one line that counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quiet", action="store_true", help="only the faults and the count")
    options = parser.parse_args(arguments)
    rows, vectors = register(TESTS), named_by_vectors(TESTS)
    if not options.quiet:
        print("id    state    vectors  tests  threat")
    for threat in rows if not options.quiet else []:
        print(f"{threat.id:5} {threat.state:8} {vectors[threat.id]:7}  {len(threat.tests):5}  {threat.title}")
        for line in [f"not yet: {threat.reason}"] * bool(threat.reason) + list(threat.tests):
            print(f"{'':31}{line}")
    wrong = faults(TESTS)
    for fault in wrong:
        print(f"FAULT {fault}")
    covered = sum(threat.covered for threat in rows)
    print(f"threats {len(rows)}, covered {covered}, planned {len(rows) - covered}, faults {len(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
