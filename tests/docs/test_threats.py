"""The check of the register of threats finds what it is for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import threats

GOOD = """
[[threat]]
id = "T01"
title = "shown by a vector"
state = "covered"

[[threat]]
id = "T02"
title = "shown by a test"
state = "covered"
tests = ["a/test.py::test_it"]

[[threat]]
id = "T10"
title = "not yet shown"
state = "planned"
reason = "why"
"""
PAGE = "| T01 | a | b |\n| T02 | a | b |\n"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A register, a page, a vector and a test that agree."""
    for name in ("tests/vectors", "docs", "a"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "tests/threats.toml").write_text(GOOD)
    (tmp_path / "docs/threats.md").write_text(PAGE)
    (tmp_path / "tests/vectors/x.json").write_text(json.dumps({"cases": [{"rules": ["T01", "JOSE-1"]}]}))
    (tmp_path / "a/test.py").write_text("def test_it() -> None:\n    assert 1 + 1 == 2\n")
    return tmp_path


def test_what_agrees_has_no_fault(house: Path) -> None:
    """Vectors, tests and plans are each enough in their way."""
    assert threats.faults(house / "tests") == []


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        ("tests/vectors/x.json", '"T01", ', "", "T01: said to be covered"),
        ("tests/vectors/x.json", '"T01"', '"T01", "T77"', "T77: a vector names it"),
        ("tests/threats.toml", "::test_it", "::test_other", "T02: there is no a/test.py::test_other"),
        ("tests/threats.toml", "::test_it", "::test_i", "T02: there is no a/test.py::test_i"),
        ("tests/threats.toml", 'tests = ["a/test.py::test_it"]', "", "T02: said to be covered"),
        ("a/test.py", "def test_it", "# def test_it", "T02: there is no"),
        ("docs/threats.md", "| T02 | a | b |\n", "", "T02: covered, and docs/threats.md"),
        ("docs/threats.md", "| T02", "| T03 | a | b |\n| T02", "T03: docs/threats.md has it"),
        ("tests/threats.toml", 'reason = "why"', "", "T10: planned rows have a reason"),
        ("tests/threats.toml", 'state = "planned"', 'state = "open"', "T10: a row is covered or planned"),
        ("tests/threats.toml", '"T10"', '"T01"', "the rows are not in the order"),
    ],
)
def test_what_does_not_is_found(house: Path, file: str, old: str, new: str, fault: str) -> None:
    """Each kind of fault, made on purpose."""
    text = (house / file).read_text()
    assert old in text
    (house / file).write_text(text.replace(old, new))
    assert any(found.startswith(fault) for found in threats.faults(house / "tests")), threats.faults(house / "tests")


def test_the_register_is_in_order() -> None:
    """The real one."""
    assert threats.faults(threats.TESTS) == []
    rows = threats.register(threats.TESTS)
    assert sum(row.covered for row in rows) > 90
