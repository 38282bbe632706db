"""The runner notices every fault that it is there to notice."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from runner import coverage
from runner.cli import main
from runner.rawjson import members
from runner.vectors import load

TESTS = Path(__file__).resolve().parents[2]
FAKE = Path(__file__).with_name("fake_driver.py")
CODES = json.loads((TESTS / "vectors" / "codes.json").read_text())


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with our schema, a few of our vectors, and surfaces that name every code."""
    tests = tmp_path / "tests"
    shutil.copytree(TESTS / "schema", tests / "schema")
    (tests / "vectors").mkdir()
    shutil.copy(TESTS / "vectors" / "codes.json", tests / "vectors")
    kept = {"binding": 12, "mint": 6, "thumbprint": 3, "migration": 1, "http_responses": 5, "protected_resource": 2}
    reached, rules = set(), set()
    for name, count in kept.items():
        content = json.loads((TESTS / "vectors" / f"{name}.json").read_text())
        content["cases"] = content["cases"][:count]
        content["count"] = len(content["cases"])
        reached |= {case["expect"]["code"] for case in content["cases"] if not case["expect"]["ok"]}
        rules |= {rule for case in content["cases"] for rule in case["rules"]}
        (tests / "vectors" / f"{name}.json").write_text(json.dumps(content))
    (tmp_path / "faults.rs").write_text("fn reached_by_fault() {}")
    place = {"file": "faults.rs", "test": "reached_by_fault"}
    elsewhere = {code: place for code in CODES if code not in reached}
    (tests / "vectors" / "reached_elsewhere.json").write_text(json.dumps(elsewhere))
    (tests / "vectors" / "rules.json").write_text(json.dumps({"scope": sorted(rules), "without_vector": {}}))
    for path, spelling in (
        ("bindings-c/include/at9068.h", "#define AT9068_CODE_{upper} 1\n"),
        ("bindings-python/python/at9068/__init__.pyi", 'x: "{slug}"\n'),
        ("bindings-node/index.d.ts", "| '{slug}'\n"),
    ):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text("".join(spelling.format(slug=code, upper=code.upper()) for code in CODES))
    monkeypatch.setenv("FAKE_TESTS", str(tests))
    return tmp_path


def run(suite: Path, drivers: str, *more: str) -> int:
    """The runner over the small suite."""
    return main(
        ["--drivers", drivers, "--run", str(FAKE), "--tests", str(suite / "tests"), "--root", str(suite), *more]
    )


def last_line(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """Everything printed, and its last line."""
    printed = capsys.readouterr().out
    return printed, printed.strip().splitlines()[-1]


def test_agreement(suite: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two drivers that answer as expected."""
    status = run(suite, "one,two")
    printed, last = last_line(capsys)
    assert status == 0, printed
    assert last == "vectors 29, drivers 2, answers compared 58, differences 0"
    assert "crossing over: tokens 12, answers compared 24, differences 0" in printed
    assert "explaining: verdicts 13, answers compared 26, differences 0" in printed


@pytest.mark.parametrize(
    ("driver", "said"),
    [
        ("skips", "skipped: 'not today'"),
        ("dies", "ended with status 1"),
        ("loses-one", "29 answers to 30 questions"),
        ("wrong-id", "answers 'other'"),
        ("one-too-many", "31 answers to 30 questions"),
        ("bad-exit", "ended with status 3"),
        ("respells-claims", "claims"),
        ("other-number", "error.number"),
        ("open-member", "between drivers"),
        ("moving-message", "elsewhere"),
        ("accepts-all", "accepted, should be refused with"),
        ("mints-badly", "validated by mints-badly"),
        ("explains-badly", "explained by explains-badly"),
        ("traces-its-own-way", "explanations between drivers"),
        ("breaks-nothing", "would_break"),
        ("breaks-in-another-order", "would_break"),
        ("breaks-everything", "would_break"),
        ("answers-another-body", "http_response"),
        ("answers-in-another-order", "http_response"),
        ("describes-otherwise", "http_response"),
        ("publishes-elsewhere", "path"),
        ("publishes-more", "metadata"),
        ("stranger", "extra is no member of the protocol"),
        ("forgets-a-code", "internal is only in vectors/codes.json"),
    ],
)
def test_faults_are_noticed(suite: Path, capsys: pytest.CaptureFixture[str], driver: str, said: str) -> None:
    """Each fault fails the run and is named."""
    status = run(suite, f"good,{driver}", "--verbose")
    printed, last = last_line(capsys)
    assert status == 1
    assert said in printed
    assert last.startswith("vectors 29, drivers 2, answers compared ")
    assert not last.endswith(" 0")


def test_a_driver_that_does_not_start(suite: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No program, no silence about it."""
    status = main(["--drivers", "x", "--run", str(suite / "nothing"), "--tests", str(suite / "tests")])
    assert status == 1
    assert "does not start" in capsys.readouterr().out


def edit(suite: Path, name: str, change: object) -> None:
    """Changes one JSON file of the small suite."""
    path = suite / "tests" / "vectors" / f"{name}.json"
    content = json.loads(path.read_text())
    change(content)  # type: ignore[operator]
    path.write_text(json.dumps(content))


def test_pinned_count(suite: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A case that went missing is missed."""
    edit(suite, "binding", lambda content: content["cases"].pop())
    assert run(suite, "one") == 1
    assert "count is pinned to 12, the file holds 11 cases" in capsys.readouterr().out


def test_schema(suite: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A member that the schema does not know fails the run."""
    edit(suite, "binding", lambda content: content["cases"][0].update(note="x"))
    assert run(suite, "one") == 1
    assert "'note' was unexpected" in capsys.readouterr().out


def test_code_without_vector(suite: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A code that nothing reaches fails the run."""
    edit(suite, "reached_elsewhere", lambda content: content.pop("internal"))
    assert run(suite, "one") == 1
    assert "internal: no vector reaches it" in capsys.readouterr().out


def test_named_test_must_exist(suite: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """reached_elsewhere.json is taken at its word, and looked up."""
    (suite / "faults.rs").write_text("")
    assert run(suite, "one") == 1
    assert "holds no test reached_by_fault" in capsys.readouterr().out


@pytest.mark.parametrize("path", ["bindings-c/include/at9068.h", "bindings-node/index.d.ts"])
def test_surfaces(suite: Path, capsys: pytest.CaptureFixture[str], path: str) -> None:
    """A code missing from header or typings fails the run, and so does a missing file."""
    file = suite / path
    file.write_text("\n".join(line for line in file.read_text().splitlines() if "nternal" not in line.lower()))
    assert run(suite, "one") == 1
    assert "is missing" in capsys.readouterr().out
    file.unlink()
    assert run(suite, "one") == 1
    assert "exists" in capsys.readouterr().out


def test_rules(suite: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A rule without vector fails the run, a stale excuse too."""
    edit(suite, "rules", lambda content: content["scope"].append("AT-VAL-1"))
    edit(suite, "rules", lambda content: content["without_vector"].update({"CNF-1": "none"}))
    assert run(suite, "one") == 1
    printed = capsys.readouterr().out
    assert "AT-VAL-1: no vector names this rule" in printed
    assert "CNF-1: has vectors, and rules.json excuses it" in printed


def test_single(suite: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One vector shows question, expectation and answers."""
    assert run(suite, "one,accepts-all", "--single", "binding/x5t-other") == 1
    printed = capsys.readouterr().out
    assert "question  {" in printed and "expected  {" in printed
    assert "accepted, should be refused with binding_mismatch" in printed
    assert "as expected" in printed


def test_only(suite: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A part of the vectors; what needs all of them is not judged."""
    assert run(suite, "one", "--only", "thumbprint/") == 0
    assert capsys.readouterr().out.strip() == "vectors 3, drivers 1, answers compared 3, differences 0"


def test_committed_files_are_sound() -> None:
    """The real vector files hold to schema, counts, codes and rules."""
    cases, faults = load(TESTS)
    assert not faults
    assert len(cases) > 1000
    assert not coverage.rules(TESTS, cases)
    codes = coverage.codes(TESTS, TESTS.parent, {}, cases)
    assert not [fault for fault in codes if "no vector reaches it" in fault or "for nothing" in fault]


def test_questions_are_lines_of_json() -> None:
    """Every question is one line whose members read back."""
    for case in load(TESTS)[0]:
        question = case.question()
        assert "\n" not in question and "\r" not in question
        assert json.loads(members(question)["id"]) == case.id


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{}", {}),
        (' { "a" : 1.0 , "b":{"c": [1, 2]}}', {"a": "1.0", "b": '{"c": [1, 2]}'}),
        ('{"\\u0061":"x"}', {"a": '"x"'}),
        ('{"a":1e999}', {"a": "1e999"}),
    ],
)
def test_members(text: str, found: dict[str, str]) -> None:
    """Raw slices keep the text."""
    assert members(text) == found


@pytest.mark.parametrize("text", ["", "[]", '{"a":1,"a":2}', "{} x", '{"a":1,}', '{"a" 1}', "{a:1}", '{"a":1'])
def test_members_refuses(text: str) -> None:
    """What is no object, or is ambiguous."""
    with pytest.raises(ValueError):
        members(text)
