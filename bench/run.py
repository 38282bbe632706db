"""`make bench`: every language beside its peers and the limit, in interleaved rounds.

Writes bench/latest.json, docs/performance.md and the plots beside it; with --quick, which tries it all out in few
rounds, into target/bench/quick. With --page, the page is made anew of what was measured last.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path

import machine
import page
import workers
from results import ALGORITHMS, LIMIT, LIMIT_LANGUAGE, Results, dropped, worst_verdicts
from rounds import Sample, interleaved
from workers import ROOT, WORK, Key, Worker

# Tokens of a batch, and of one that is minted.
BATCH, MINTED_BATCH = 10_000, 1_000
BATCHES = ("RS256", "ES256", "EdDSA")

# Live tokens, as shares of the places of a cache.
HIT_RATES = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
PLACES = 1000


class Run:
    """One run."""

    def __init__(self, quick: bool) -> None:
        self.quick = quick
        self.rounds, self.round_us = (3, 500.0) if quick else (101, 5000.0)
        self.wall_rounds, self.wall_us = (3, 2000.0) if quick else (61, 20_000.0)
        self.batch_rounds, self.batch = (2, 500) if quick else (11, BATCH)
        self.results = Results()
        workers.make_material()
        self.workers, absent = workers.start()
        self.results.facts |= {
            "quick": quick,
            "began": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
            "machine": machine.describe(),
            "claims_octets": workers.claims_octets(),
            "absent_languages": absent,
            "hello": {language: worker.hello for language, worker in self.workers.items()},
            "rounds": {"time": self.rounds, "time_us": self.round_us, "wall": self.wall_rounds},
        }
        self.keys = [key for worker in self.workers.values() for key in worker.subjects()]

    def everything(self) -> Results:
        """Everything, in its order."""
        started = time.monotonic()
        self.verdicts()
        for algorithm in ALGORITHMS:
            for what in ("validate", "mint"):
                self.times(f"{algorithm}/{what}")
        for algorithm in ALGORITHMS:
            self.threads(f"{algorithm}/threads")
        for algorithm in BATCHES:
            self.batches(algorithm)
        for curve in ("size", "keys", "issuers", "cache"):
            self.times(f"growth/{curve}")
        self.facts()
        for worker in self.workers.values():
            worker.close()
        self.results.facts["load_after"] = os.getloadavg()[0]
        self.results.facts["seconds"] = round(time.monotonic() - started)
        return self.results

    def verdicts(self) -> None:
        """Everybody is asked about good and bad tokens. Who refuses the good ones is left out."""
        say("verdicts")
        for key in self.keys:
            if key.algorithm != "growth" or key.case.endswith(("/500", "/1")):
                self.results.verdicts[key] = self.worker(key).ask("verdict", case=key.case, subject=key.subject)
        wrong = worst_verdicts(self.results.verdicts)
        if wrong:
            sys.exit("\n".join(["What we say of tokens is wrong, and there is nothing to measure:", *wrong]))
        out = dropped(self.results.verdicts)
        for key in sorted(out):
            say(f"  {key.subject} ({key.language}, {key.case}) does not accept the good token, and is left out")
        self.keys = [key for key in self.keys if key not in out]

    def times(self, group: str) -> None:
        """CPU time of all subjects of a group."""
        keys = [key for key in self.keys if key.group == group]
        say(f"{group}: {len(keys)} subjects")
        self.results.times |= interleaved(keys, self.time, self.rounds, self.round_us)

    def threads(self, group: str) -> None:
        """Elapsed time of one and of several threads."""
        counts = sorted({1, 2, os.cpu_count() or 1}) if group == "EdDSA/threads" else [1, 2]
        keys = [key for key in self.keys if key.group == group]
        subjects = [(key, count) for key in keys for count in counts]
        say(f"{group}: {len(keys)} subjects, {', '.join(map(str, counts))} threads")
        self.keep_walls(interleaved(subjects, self.wall, self.wall_rounds, self.wall_us))

    def batches(self, algorithm: str) -> None:
        """Elapsed time of many tokens, one after the other and all at once; and what threads reach at all then."""
        keys = [key for key in self.keys if key.group == f"{algorithm}/batch"]
        say(f"{algorithm}/batch: {len(keys)} subjects")
        limit = Key(LIMIT_LANGUAGE, f"{algorithm}/batch/limit", LIMIT)
        subjects = [(limit, 1), (limit, 2), *((key, 1) for key in keys)]

        def wall(subject: tuple[Key, int], _: int) -> float:
            key, count = subject
            minted = "mint" in key.form
            operations = min(self.batch, MINTED_BATCH) if minted else self.batch
            if key == limit:
                return self.wall((Key(key.language, f"{algorithm}/threads/cold", LIMIT), count), operations // count)
            return self.wall(subject, operations)

        found: dict[tuple[Key, int], list[float]] = {subject: [] for subject in subjects}
        for number in range(self.batch_rounds + 1):
            for subject in subjects:
                us = wall(subject, 0)
                # The first one warms up.
                if number > 0:
                    found[subject].append(us)
        self.keep_walls({subject: Sample(tuple(times)) for subject, times in found.items()})

    def facts(self) -> None:
        """What is counted once, and not timed."""
        say("allocations and memory")
        memory = subprocess.run(
            [workers.rust_program("memory"), str(workers.MATERIAL)], capture_output=True, check=True
        )
        self.results.facts["memory"] = json.loads(memory.stdout)
        say("hit rates")
        self.results.facts["hit_rates"] = {
            str(share): self.workers["rust"].ask("hit_rate", tokens=round(share * PLACES), places=PLACES)["rate"]
            for share in HIT_RATES
        }
        say("instructions")
        self.results.facts["instructions"] = machine.instructions(few=self.quick)

    def worker(self, key: Key) -> Worker:
        """The one that answers for a subject."""
        return self.workers[key.language]

    def time(self, key: Key, calls: int) -> float:
        """CPU time of one of so many calls, in µs."""
        return self.worker(key).ask("time", case=key.case, subject=key.subject, calls=calls)["us"]

    def wall(self, subject: tuple[Key, int], calls: int) -> float:
        """Elapsed time of one of so many calls of each of so many threads, in µs."""
        key, threads = subject
        return self.worker(key).ask("wall", case=key.case, subject=key.subject, threads=threads, calls=calls)["us"]

    def keep_walls(self, found: dict[tuple[Key, int], Sample]) -> None:
        """Puts them beside the others."""
        for (key, threads), sample in found.items():
            self.results.walls.setdefault(key, {})[threads] = sample


def say(text: str) -> None:
    """Tells how far it has come."""
    print(f"bench: {text}", flush=True)


def write(results: Results, latest: Path, document: Path) -> None:
    """The list, the page and the plots."""
    latest.parent.mkdir(parents=True, exist_ok=True)
    document.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(row) for row in results.rows())
    latest.write_text(f"[\n{lines}\n]\n")
    plots = document.with_suffix("")
    shutil.rmtree(plots, ignore_errors=True)
    plots.mkdir()
    document.write_text(page.page(results, page.read_soak(), plots))
    say(f"wrote {latest}, {document} and {len(list(plots.iterdir()))} plots")


def main(arguments: Iterable[str] | None = None) -> None:
    """Runs everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds; nothing that is committed is written")
    parser.add_argument("--page", action="store_true", help="measure nothing: write the page anew")
    options = parser.parse_args(arguments)
    place = WORK / "quick" if options.quick else WORK
    kept = place / "results.json"
    if options.page:
        results = Results.load(kept)
    else:
        results = Run(options.quick).everything()
        place.mkdir(parents=True, exist_ok=True)
        results.dump(kept)
    if options.quick:
        write(results, place / "latest.json", place / "performance.md")
    else:
        write(results, ROOT / "bench/latest.json", ROOT / "docs/performance.md")
    missed = [goal for goal in page.all_goals(results) if goal.holds is False]
    for goal in missed:
        say(f"goal {goal.number} does not hold: {goal.what}: {goal.measured:.3g}, {goal.wanted}")


if __name__ == "__main__":
    main()
