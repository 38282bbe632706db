"""Asks every library all `validate` vectors and writes docs/conformance.md: `make peers`.

Our own column must have no gap; another's may have any. The exit code is about our column, and about drivers that
die, hang or answer something else than a verdict.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TESTS))

from page import text  # noqa: E402  # beside this file

from runner.drivers import INFO, Run, run_all  # noqa: E402
from runner.vectors import Case, load  # noqa: E402

PAGE = TESTS.parent / "docs" / "conformance.md"
OURS = "rust"
# driver -> name in the page
PEERS = {
    "peer-pyjwt": "PyJWT",
    "peer-authlib": "Authlib",
    "peer-joserfc": "joserfc",
    "peer-python-jose": "python-jose",
    "peer-jwcrypto": "jwcrypto",
    "peer-jose": "jose",
    "peer-oauth4webapi": "oauth4webapi",
    "peer-fast-jwt": "fast-jwt",
    "peer-jsonwebtoken": "jsonwebtoken (npm)",
    "peer-jsonwebtoken-rs": "jsonwebtoken (crate)",
}
NAMES = {OURS: "at9068", **PEERS}
# Vectors of which no standard demands the refusal, by the beginning of their ids, and why. What is flagged as policy
# need not stand here.
OPEN = {
    r"(limits|claims/act-depth|claims/(auth0-)?(exp|iat|nbf|auth-time)-(negative|above|[iu]64))": "a bound of our own",
    r"claims/(auth0-)?(sub|jti|client-id|azp)-empty": "RFC 7519 §2 takes any string",
    r"claims/(auth0-)?(permissions|org|gty)": "no standard defines the claim",
    r"binding/malformed-empty": "RFC 7800 §3.1 asks for no member",
    r"parsing/.*duplicate": "RFC 7515 §4 and RFC 7519 §4 also let the last one win",
    r"parsing/.*(lone|surrogates)": "RFC 8259 §8.2 only warns of it",
    r"keys/rsa-e\d": "RFC 7518 sets no least exponent",
    r"keys/ed-(identity|order|y-)": "RFC 8032 does not ask for it",
    r"keys/oct-is-": "a guard of our own against a key taken for a secret",
    r"header/b64-true": "it changes nothing; we take no `crit` at all",
    r"header/kid-(shared|absent)": "RFC 7517 §4.5 only advises distinct names; we never choose",
    r"kinds\w*/(auth0|.*-auth0$)": "no standard tells kinds apart under `JWT`",
    r"binding/not-understood": "RFC 7800 §3.1 ignores it; we refuse a bound that we cannot judge",
    r"claims/configured-null": "the option only asks that the claim is there",
    r"time/.*-(microsecond|quarter|half|eighths|sixteenth|digits|place)": "less than a second",
}
# Refusals of our own configuration and arguments: nobody else has these.
OWN = {"config_invalid", "argument_invalid"}


@dataclass(frozen=True)
class Verdict:
    """One library's answer to one vector."""

    accepts: bool | None
    skip: str = ""


@dataclass
class Tally:
    """Verdicts beside what the vectors expect."""

    agree: int = 0
    accepts: int = 0
    refuses: int = 0
    skipped: int = 0

    def add(self, case: Case, verdict: Verdict) -> None:
        """Counts one."""
        if verdict.accepts is None:
            self.skipped += 1
        elif verdict.accepts == case.expect["ok"]:
            self.agree += 1
        elif verdict.accepts:
            self.accepts += 1
        else:
            self.refuses += 1

    def cell(self) -> str:
        """Agreements, and what else there is."""
        others = [(self.accepts, "+"), (self.refuses, "-"), (self.skipped, "~")]
        return " ".join([str(self.agree), *(f"{sign}{count}" for count, sign in others if count)])


@dataclass(frozen=True)
class Results:
    """All verdicts on all cases that are judged."""

    cases: list[Case]
    left_out: int
    infos: dict[str, dict[str, Any]]
    verdicts: dict[str, dict[str, Verdict]]

    def tally(self, driver: str, cases: Iterable[Case]) -> Tally:
        """One library over some cases."""
        tally = Tally()
        for case in cases:
            tally.add(case, self.verdicts[driver][case.id])
        return tally

    def accepting(self, case: Case) -> list[str]:
        """The libraries that take a token which must be refused."""
        if case.expect["ok"]:
            return []
        return [name for driver, name in PEERS.items() if self.verdicts[driver][case.id].accepts]

    def asked(self, case: Case) -> int:
        """How many libraries gave a verdict."""
        return sum(self.verdicts[driver][case.id].accepts is not None for driver in PEERS)


class Fault(Exception):
    """A driver that does not do its work, or a gap in our own column."""


def verdicts(run: Run, questions: Sequence[tuple[str, str]]) -> tuple[dict[str, Any], dict[str, Verdict]]:
    """A driver's answer to `info`, and its verdicts by case."""
    if run.faults:
        raise Fault(f"{run.driver}: {'; '.join(run.faults)}")
    found: dict[str, Verdict] = {}
    info: dict[str, Any] = {}
    for (question, _), line in zip(questions, run.lines, strict=True):
        answer = json.loads(line)
        code = answer.get("error", {}).get("code")
        if answer.get("id") != question or (run.driver != OURS and code not in (None, "refused")):
            raise Fault(f"{run.driver}, {question}: {line[:300]}")
        if question == INFO[0]:
            info = answer
        elif "skip" in answer:
            found[question] = Verdict(None, answer["skip"])
        else:
            found[question] = Verdict(answer["ok"] is True)
    return info, found


def ask(tests: Path) -> Results:
    """Runs everybody."""
    cases, faults = load(tests)
    if faults:
        raise Fault("\n".join(faults))
    cases = [case for case in cases if case.op == "validate"]
    judged = [case for case in cases if case.expect.get("code") not in OWN]
    questions = [INFO, *((case.id, case.question()) for case in judged)]
    runs = run_all(tests / "drivers" / "run", list(NAMES), questions, 120)
    answers = {driver: verdicts(run, questions) for driver, run in runs.items()}
    results = Results(
        cases=judged,
        left_out=len(cases) - len(judged),
        infos={driver: info for driver, (info, _) in answers.items()},
        verdicts={driver: found for driver, (_, found) in answers.items()},
    )
    ours = results.tally(OURS, judged)
    if ours.agree != len(judged):
        raise Fault(f"our own column has a gap: {ours.cell()} of {len(judged)}; python tests/runner tells where")
    return results


def table(header: Sequence[str], rows: Iterable[Sequence[str]], right: bool = False) -> str:
    """A table in Markdown; with `right`, all columns but the first are numbers."""
    dashes = ["---", *(["--:" if right else "---"] * (len(header) - 1))]
    return "\n".join("| " + " | ".join(row) + " |" for row in (header, dashes, *rows))


def natural(rule: str) -> tuple[bool, list[tuple[int, str]]]:
    """Rules before threats, and numbers by value."""
    parts = re.findall(r"\d+|\D+", rule)
    return bool(re.fullmatch(r"T\d+", rule)), [(int(part), "") if part.isdigit() else (0, part) for part in parts]


def by_rule(results: Results) -> dict[str, list[Case]]:
    """The judged cases of every rule and threat."""
    found: dict[str, list[Case]] = {}
    for case in results.cases:
        for rule in case.entry["rules"]:
            found.setdefault(rule, []).append(case)
    return {rule: found[rule] for rule in sorted(found, key=natural)}


def totals(results: Results) -> str:
    """One row per library."""
    rows = []
    for driver, name in NAMES.items():
        info, tally = results.infos[driver], results.tally(driver, results.cases)
        numbers = (tally.agree, tally.accepts, tally.refuses, tally.skipped)
        rows.append([name, info["version"], info.get("runtime", "Rust"), *map(str, numbers)])
    header = ["library", "version", "on", "agrees", "accepts what must be refused", "refuses what must be accepted"]
    return table([*header, "not asked"], rows)


def rules(results: Results) -> str:
    """One row per rule, one column per library."""
    rows = [
        [rule, str(len(cases)), *(results.tally(driver, cases).cell() for driver in NAMES)]
        for rule, cases in by_rule(results).items()
    ]
    return table(["rule", "vectors", *NAMES.values()], rows, right=True)


def why_open(case: Case) -> str:
    """Why a standard does not decide a case, or nothing."""
    for pattern, why in OPEN.items():
        if re.match(pattern, case.id):
            return why
    if case.expect.get("code") == "token_issued_in_future":
        return "RFC 7519 §4.1.6 refuses no later `iat`"
    return "our policy" if "policy" in case.entry["flags"] else ""


def telling(results: Results, left_open: bool) -> str:
    """Of each family of vectors the one that most libraries take: those that a standard decides, or the others.

    A family is the first part of a name: `claims/exp` of `claims/exp-negative`.
    """
    best: dict[str, tuple[tuple[int, int], Case]] = {}
    for case in results.cases:
        count = len(results.accepting(case))
        if not count or bool(why_open(case)) != left_open:
            continue
        rank = (-count, len(best))  # the first among equals
        topic, _, name = case.id.partition("/")
        family = f"{topic}/{name.split('-')[0]}"
        if family not in best or rank[0] < best[family][0][0]:
            best[family] = (rank, case)
    rows = []
    for _, case in sorted(best.values(), key=lambda entry: entry[0]):
        who = results.accepting(case)
        asked = results.asked(case)
        listed = f"all {asked} that were asked" if len(who) == asked else f"{len(who)} of {asked}: {', '.join(who)}"
        row = [f"`{case.id}`", case.comment.replace("|", "\\|"), f"`{case.expect['code']}`", listed]
        rows.append([*row, why_open(case)] if left_open else row)
    header = ["vector", "what it is", "must be", "accepted by"]
    return table([*header, "left open, because"] if left_open else header, rows)


def reasons(results: Results) -> str:
    """Why libraries were not asked."""
    rows = []
    for driver, name in PEERS.items():
        counts: dict[str, int] = {}
        for verdict in results.verdicts[driver].values():
            if verdict.accepts is None:
                why = re.sub(r"^does not know .*", "does not know the token's algorithm", verdict.skip)
                counts[why] = counts.get(why, 0) + 1
        ranked = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
        rows.append([name, "; ".join(f"{why}: {count}" for why, count in ranked)])
    return table(["library", "questions that it was not asked, and why"], rows)


def single(results: Results, wanted: str) -> None:
    """Prints everybody's verdict on one case."""
    for case in results.cases:
        if case.id != wanted:
            continue
        expected = "accepted" if case.expect["ok"] else f"refused: {case.expect['code']}"
        print(f"{case.id}: {case.comment}; must be {expected}")
        for driver, name in NAMES.items():
            verdict = results.verdicts[driver][case.id]
            said = {True: "accepts", False: "refuses", None: f"not asked: {verdict.skip}"}[verdict.accepts]
            print(f"  {name:22} {said}")


def differing(results: Results, driver: str) -> None:
    """Prints every case where a library differs from the vector."""
    for case in results.cases:
        verdict = results.verdicts[driver][case.id]
        if verdict.accepts not in (None, case.expect["ok"]):
            said = "accepts" if verdict.accepts else "refuses"
            print(f"{said} {case.id}: {case.comment} ({case.expect.get('code', 'must be accepted')})")


def main() -> int:
    """Asks, then writes, compares or prints."""
    parser = argparse.ArgumentParser(prog="report", description="Compares other libraries with the vectors.")
    parser.add_argument("--check", action="store_true", help="fail where docs/conformance.md is not current")
    parser.add_argument("--single", default="", metavar="ID", help="only print everybody's verdict on one vector")
    parser.add_argument("--differing", choices=list(PEERS), help="only print where one library differs")
    options = parser.parse_args()
    try:
        results = ask(TESTS)
    except Fault as fault:
        print(fault, file=sys.stderr)
        return 1
    if options.single or options.differing:
        if options.single:
            single(results, options.single)
        else:
            differing(results, options.differing)
        return 0
    page = text(
        judged=len(results.cases),
        left_out=results.left_out,
        totals=totals(results),
        reasons=reasons(results),
        rules=rules(results),
        settled=telling(results, left_open=False),
        left_open=telling(results, left_open=True),
    )
    current = PAGE.exists() and PAGE.read_text() == page
    if options.check:
        print("docs/conformance.md is current" if current else "docs/conformance.md differs: make peers")
        return 0 if current else 1
    PAGE.write_text(page)
    asked = sum(len(found) for found in results.verdicts.values())
    print(f"vectors {len(results.cases)}, libraries {len(NAMES)}, questions {asked}; docs/conformance.md is written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
