"""The registers of rules and threats name everything that vectors name, once."""

import json
import re
from collections import Counter
from pathlib import Path

import threats

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "tests" / "vectors"
ROW = re.compile(r"^\| ([A-Z][A-Z0-9-]*[0-9]) \|(.*)\|$", re.MULTILINE)


def rows(page: str) -> list[tuple[str, list[str]]]:
    """The rows of a register: an ID, and the cells behind it."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return [(found[1], [cell.strip() for cell in found[2].split(" | ")]) for found in ROW.finditer(text)]


def named_by_vectors() -> set[str]:
    """Every ID under `rules` of any case."""
    files = [json.loads(path.read_text(encoding="utf-8")) for path in VECTORS.glob("*.json")]
    return {rule for file in files for case in file.get("cases", []) for rule in case["rules"]}


def test_every_rule_of_a_vector_is_registered() -> None:
    """No vector names a rule or threat that the registers do not explain."""
    named = named_by_vectors()
    assert len(named) > 100, "the vectors were not found"
    registered = {rule for page in ("rules.md", "threats.md") for rule, _ in rows(page)}
    assert named - registered == set()


def test_no_rule_is_registered_twice() -> None:
    """An ID has one meaning."""
    count = Counter(rule for page in ("rules.md", "threats.md") for rule, _ in rows(page))
    assert [rule for rule, times in count.items() if times > 1] == []


def test_every_threat_is_shown() -> None:
    """The page lists what is shown by vectors or by the tests that the register names, not what is meant."""
    tested = {threat.id for threat in threats.register(threats.TESTS) if threat.covered and threat.tests}
    assert {threat for threat, _ in rows("threats.md")} - named_by_vectors() - tested == set()


def test_rows_are_complete() -> None:
    """No cell of a register is left empty."""
    widths = {"rules.md": {3, 4}, "threats.md": {2}}
    for page, allowed in widths.items():
        for rule, cells in rows(page):
            assert len(cells) in allowed and all(cells), f"{page}: {rule}"


def test_what_is_covered_is_shown() -> None:
    """A rule said to be covered has a vector, or a reason why none can hold it."""
    listed = json.loads((VECTORS / "rules.json").read_text(encoding="utf-8"))
    shown = named_by_vectors() | set(listed["without_vector"])
    for rule, cells in rows("rules.md"):
        covered = cells[-1].split(":")[0]
        assert covered in ("yes", "in part", "not yet"), rule
        assert covered == "not yet" or rule in shown, f"{rule} is said to be covered, and no vector shows it"


def test_every_rule_of_the_suite_is_registered() -> None:
    """What the runner wants vectors for is explained."""
    listed = json.loads((VECTORS / "rules.json").read_text(encoding="utf-8"))
    assert set(listed["scope"]) - {rule for rule, _ in rows("rules.md")} == set()
