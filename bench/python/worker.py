"""The worker of `make bench` for Python: `worker.py MATERIAL`. It answers JSON lines, as bench/README.md has them.

CPU time is that of the calling thread, and of the whole process where a call spreads its work over threads. The garbage
collector is on, as in any server; what was there before the first call is frozen, so that nobody pays for it.
"""

from __future__ import annotations

import gc
import itertools
import json
import platform
import sys
import threading
import time
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

from material import read
from peers import ABSENT, PEERS
from subjects import OURS, Make, Subject, cases

# Calls before the first that count, at most, and their time in seconds.
WARM_UP_CALLS, WARM_UP_SECONDS = 2000, 0.1

# How many new strings are made at a time.
CHUNK = 4096


class Bench:
    """The cases, and the subjects made so far."""

    def __init__(self, path: Path) -> None:
        self.makes: dict[str, dict[str, Make]] = {}
        for algorithm in read(path):
            self.makes |= cases(algorithm)
        self._made: dict[tuple[str, str], Subject] = {}

    def greeting(self) -> dict[str, Any]:
        """The first line."""
        return {
            "cases": {case: list(subjects) for case, subjects in self.makes.items()},
            "versions": {
                OURS: version("at9068"),
                "pyca": version("cryptography"),
                "python": platform.python_version(),
                **{name: version(peer.distribution) for name, peer in PEERS.items()},
            },
            "unchecked": {name: list(peer.unchecked) for name, peer in PEERS.items()},
            "absent": ABSENT,
            "notes": {name: peer.note for name, peer in PEERS.items()},
        }

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """The answer to a line."""
        subject = self._subject(question["case"], question["subject"])
        match question["do"]:
            case "verdict":
                return subject.verdict()
            case "time":
                return {"us": self._time(subject, question["calls"]) * 1e6 / question["calls"]}
            case "wall":
                return {"us": self._wall(subject, question["threads"], question["calls"]) * 1e6 / question["calls"]}
            case other:
                raise ValueError(f"cannot do {other!r}")

    def _subject(self, case: str, name: str) -> Subject:
        """The subject, made and warmed up when it is first asked for."""
        if (case, name) not in self._made:
            subject = self.makes[case][name]()
            self._made[case, name] = subject
            end = time.perf_counter() + WARM_UP_SECONDS
            for _ in range(WARM_UP_CALLS // 50):
                subject.loop(subject.take(50))
                if time.perf_counter() > end:
                    break
            gc.collect()
            gc.freeze()
        return self._made[case, name]

    def _time(self, subject: Subject, calls: int) -> float:
        """CPU seconds that so many calls take."""
        clock = time.process_time_ns if subject.spread else time.thread_time_ns
        taken, left = 0, calls
        while left > 0:
            items = subject.take(left)
            if subject.fresh:
                items = iter([text.encode().decode() for text in itertools.islice(items, CHUNK)])
            left -= CHUNK if subject.fresh else left
            begin = clock()
            subject.loop(items)
            taken += clock() - begin
        return taken / 1e9

    def _wall(self, subject: Subject, threads: int, calls: int) -> float:
        """Seconds that so many calls in each of so many threads take, each with tokens of its own."""
        shares = [subject.share(thread, calls) for thread in range(threads)]
        if threads == 1:
            begin = time.perf_counter()
            subject.loop(shares[0])
            return time.perf_counter() - begin
        begins, ends = [0.0] * threads, [0.0] * threads
        barrier = threading.Barrier(threads)

        def work(place: int) -> None:
            barrier.wait()
            begins[place] = time.perf_counter()
            subject.loop(shares[place])
            ends[place] = time.perf_counter()

        at_work = [threading.Thread(target=work, args=(place,)) for place in range(threads)]
        for thread in at_work:
            thread.start()
        for thread in at_work:
            thread.join()
        return max(ends) - min(begins)


def main() -> None:
    """Answers every line until the input ends."""
    warnings.simplefilter("ignore")
    bench = Bench(Path(sys.argv[1]))
    print(json.dumps(bench.greeting()), flush=True)
    for line in sys.stdin:
        try:
            said = bench.answer(json.loads(line))
        except Exception as fault:
            said = {"error": f"{type(fault).__name__}: {fault}"}
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
