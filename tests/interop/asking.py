"""Questions for the drivers of every language."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from runner.drivers import run_all

RUN = Path(__file__).resolve().parent.parent / "drivers/run"
DRIVERS = ("rust", "python", "node", "c", "cpp")
Answers = dict[str, dict[str, Any]]


def every_driver(questions: dict[str, dict[str, Any]]) -> dict[str, Answers]:
    """What each driver answers, by the name of the question."""
    lines = [(name, json.dumps({"id": name} | question)) for name, question in questions.items()]
    runs = run_all(RUN, DRIVERS, lines, 60)
    assert [run.faults for run in runs.values()] == [[]] * len(DRIVERS)
    return {
        driver: {answer["id"]: answer for answer in (json.loads(line) for line in run.lines)}
        for driver, run in runs.items()
    }


def ask(questions: dict[str, dict[str, Any]]) -> Answers:
    """What all drivers answer; they must agree."""
    answers = every_driver(questions)
    for driver in DRIVERS:
        assert answers[driver] == answers[DRIVERS[0]], driver
    return answers[DRIVERS[0]]


def verdict(answer: dict[str, Any]) -> str:
    """`ok`, or code and claim."""
    if answer["ok"]:
        return "ok"
    error = answer["error"]
    return " ".join(filter(None, (error["code"], error["claim"])))
