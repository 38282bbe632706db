"""The command line: runs, compares, reports, and ends in one line that counts."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from . import coverage
from .compare import Answer, Judge, Unusable, between, explained, parse
from .drivers import INFO, Run, run_all
from .vectors import Case, load

TESTS = Path(__file__).resolve().parent.parent
DEFAULT_DRIVERS = "rust,python,node,c,cpp"
SHOWN = 25


def options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(
        prog="runner", description="Sends every shared vector to every driver and compares."
    )
    parser.add_argument("--drivers", default=DEFAULT_DRIVERS, help=f"names, by commas (default {DEFAULT_DRIVERS})")
    parser.add_argument("--only", default="", metavar="TEXT", help="only the vectors whose id holds this text")
    parser.add_argument("--single", default="", metavar="ID", help="one vector: question, expectation, every answer")
    parser.add_argument("--verbose", action="store_true", help="every difference in full, not only the first ones")
    parser.add_argument("--timeout", type=float, default=120, help="seconds a driver may stay silent (default 120)")
    parser.add_argument("--run", type=Path, default=TESTS / "drivers" / "run", help="the program that starts a driver")
    parser.add_argument("--tests", type=Path, default=TESTS, help="the folder with schema and vectors")
    parser.add_argument("--root", type=Path, default=TESTS.parent, help="the repository, for header, stubs and typings")
    return parser.parse_args(arguments)


class Report:
    """Counts differences and prints the first ones."""

    def __init__(self, verbose: bool) -> None:
        self.verbose = verbose
        self.differences = 0
        self.compared = 0

    def add(self, what: str, details: Sequence[str], case: Case | None = None, driver: str = "") -> None:
        """One difference, however many details it has."""
        self.differences += 1
        if not self.verbose and self.differences > SHOWN:
            if self.differences == SHOWN + 1:
                print("... more differences follow, --verbose shows them all")
            return
        print(f"DIFFERENCE {what}" + (f": {case.comment}" if case else ""))
        for detail in details:
            print(f"  {detail}" if self.verbose or len(detail) < 1500 else f"  {detail[:1500]} ...")
        if case and driver:
            print(f"  see all of it with --single {case.id} --drivers {driver}")


def collect(run: Run, questions: Sequence[tuple[str, str]], report: Report) -> list[Answer | None]:
    """The usable answers of a run, None where one is missing or unusable."""
    for fault in run.faults:
        report.add(f"driver {run.driver}", [fault])
    answers: list[Answer | None] = []
    for index, (question_id, _) in enumerate(questions):
        if index >= len(run.lines):
            answers.append(None)  # the miscount is reported once, with the run
            continue
        try:
            answers.append(parse(run.lines[index], question_id))
        except Unusable as error:
            report.add(f"{question_id}, driver {run.driver}", [str(error)])
            answers.append(None)
    return answers


def known_codes(runs: dict[str, list[Answer | None]], report: Report) -> dict[str, list[str]]:
    """The codes each driver lists, out of its answer to `info`."""
    known: dict[str, list[str]] = {}
    versions: dict[str, str] = {}
    for name, answers in runs.items():
        info = answers[0].value if answers[0] else {}
        listed = info.get("codes")
        # `c-sanitized` is the driver `c`, run in another way.
        if info.get("name") != name.partition("-")[0]:
            report.add(f"driver {name}", [f"info says its name is {info.get('name')!r}"])
        if not isinstance(listed, list) or not all(isinstance(code, str) for code in listed):
            report.add(f"driver {name}", ["info lists no codes"])
            continue
        known[name] = listed
        versions[name] = str(info.get("version"))
    if len(set(versions.values())) > 1:
        report.add("versions", [f"the drivers are of different versions: {versions}"])
    return known


def compare(cases: Sequence[Case], runs: dict[str, list[Answer | None]], judge: Judge, report: Report) -> None:
    """Every answer against its vector, then against the other drivers'."""
    for index, case in enumerate(cases):
        answers: dict[str, Answer] = {}
        for name, got in runs.items():
            answer = got[index]
            if answer is None:
                continue
            answers[name] = answer
            report.compared += 1
            if wrong := judge.against_vector(case, answer):
                report.add(f"{case.id}, driver {name}", wrong, case, name)
        if wrong := between(answers, loose_token="token" not in case.expect):
            report.add(f"{case.id}, between drivers", wrong, case, ",".join(answers))


def cross(
    cases: Sequence[Case],
    runs: dict[str, list[Answer | None]],
    judge: Judge,
    report: Report,
    chosen: argparse.Namespace,
) -> None:
    """What each driver minted, every driver validates."""
    crossing: list[tuple[Case, tuple[str, str]]] = []
    for index, case in enumerate(cases):
        if not case.crosses:
            continue
        for name, got in runs.items():
            answer = got[index]
            token = answer.value.get("token") if answer else None
            if isinstance(token, str):
                crossing.append((case, case.crossing(name, token)))
    if not crossing:
        return
    questions = [question for _, question in crossing]
    results = run_all(chosen.run, list(runs), questions, chosen.timeout)
    before, compared = report.differences, 0
    answered = {name: collect(run, questions, report) for name, run in results.items()}
    for index, (case, (question_id, _)) in enumerate(crossing):
        as_token = Case(question_id, case.file, case.entry | {"op": case.validating}, case.configs)
        answers = {name: got[index] for name, got in answered.items()}
        usable = {name: answer for name, answer in answers.items() if answer is not None}
        for name, answer in usable.items():
            compared += 1
            if wrong := judge.against_vector(as_token, answer):
                report.add(f"{question_id}, validated by {name}", wrong, case)
        if wrong := between(usable, loose_token=False):
            report.add(f"{question_id}, between drivers", wrong, case)
    print(
        f"crossing over: tokens {len(crossing)}, answers compared {compared}, differences {report.differences - before}"
    )


def explain(
    cases: Sequence[Case],
    runs: dict[str, list[Answer | None]],
    report: Report,
    chosen: argparse.Namespace,
) -> None:
    """Every verdict explained: by the same verdict, with a trace that is equal in every language."""
    asked = [(index, case) for index, case in enumerate(cases) if case.op == "validate"]
    if not asked:
        return
    questions = [(case.id, case.explaining()) for _, case in asked]
    results = run_all(chosen.run, list(runs), questions, chosen.timeout)
    before, compared = report.differences, 0
    answered = {name: collect(run, questions, report) for name, run in results.items()}
    for place, (index, case) in enumerate(asked):
        explanations: dict[str, Answer] = {}
        for name, got in answered.items():
            verdict, explanation = runs[name][index], got[place]
            if verdict is None or explanation is None:
                continue
            compared += 1
            explanations[name] = explanation
            if wrong := explained(verdict, explanation):
                report.add(f"{case.id}, explained by {name}", wrong, case)
        if wrong := between(explanations, loose_token=False):
            report.add(f"{case.id}, explanations between drivers", wrong, case)
    if compared != len(asked) * len(runs):
        report.add("count", [f"{len(asked) * len(runs)} explanations were due, {compared} could be compared"])
    print(f"explaining: verdicts {len(asked)}, answers compared {compared}, differences {report.differences - before}")


def single(case: Case, drivers: Sequence[str], chosen: argparse.Namespace) -> int:
    """One vector, all of it."""
    judge = Judge(coverage.read(chosen.tests, "codes.json"))
    print(f"{case.id}: {case.comment}\nrules     {' '.join(case.entry['rules'])}\nquestion  {case.question()}")
    print("expected  " + json.dumps(case.expect, ensure_ascii=False))
    wrong_ones = 0
    for name, run in run_all(chosen.run, drivers, [(case.id, case.question())], chosen.timeout).items():
        for fault in run.faults:
            print(f"{name:9} {fault}")
        line = run.lines[0] if run.lines else ""
        print(f"{name:9} {line}")
        try:
            wrong = judge.against_vector(case, parse(line, case.id))
        except Unusable as error:
            wrong = [str(error)]
        wrong_ones += bool(wrong)
        for detail in wrong or ["as expected"]:
            print(f"  {detail}")
    return 1 if wrong_ones else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point."""
    chosen = options(arguments)
    drivers = [name for name in chosen.drivers.split(",") if name]
    everything, faults = load(chosen.tests)
    report = Report(chosen.verbose)
    for fault in faults:
        report.add("vector files", [fault])
    if chosen.single:
        found = [case for case in everything if case.id == chosen.single]
        if not found:
            print(f"no vector is called {chosen.single}")
            return 2
        return single(found[0], drivers, chosen)
    cases = [case for case in everything if chosen.only in case.id]
    if not cases or not drivers:
        print("nothing to run")
        return 2

    questions = [INFO, *((case.id, case.question()) for case in cases)]
    results = run_all(chosen.run, drivers, questions, chosen.timeout)
    answered = {name: collect(run, questions, report) for name, run in results.items()}
    known = known_codes(answered, report)
    runs = {name: answers[1:] for name, answers in answered.items()}
    numbers = coverage.read(chosen.tests, "codes.json")
    judge = Judge(numbers)
    compare(cases, runs, judge, report)
    cross(cases, runs, judge, report, chosen)
    explain(cases, runs, report, chosen)
    if not chosen.only:
        suite = coverage.codes(chosen.tests, chosen.root, known, cases)
        suite += coverage.surfaces(chosen.root, numbers) + coverage.rules(chosen.tests, cases)
        for fault in suite:
            report.add("coverage", [fault])
    if report.compared != len(cases) * len(drivers):
        report.add("count", [f"{len(cases) * len(drivers)} answers were due, {report.compared} could be compared"])
    print(
        f"vectors {len(cases)}, drivers {len(drivers)}, answers compared {report.compared}, "
        f"differences {report.differences}"
    )
    return 1 if report.differences else 0
