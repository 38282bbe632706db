"""`make soak`: a long run of validations, and whether anything grew.

Writes bench/soak.json, which the page of `make bench` tells of; with fewer validations than ten million it only says
what it found.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from typing import Any

from workers import SOAK, rust_program

WHOLE = 10_000_000

# Before those that count, for each of them: until the heap has met every order of keys and tokens that there is.
WARM_UP = 0.3
# So many periods, in each of which the keys change, for those that count.
PERIODS = 1000

# Beyond which the resident memory may not drift, in percent.
FLAT = 1.0


def judged(samples: Sequence[dict[str, Any]], last: dict[str, Any]) -> dict[str, Any]:
    """What a run says, of its samples and its last line.

    What is for warming up does not count. The first tenth after it is compared with the last one.
    """
    warm_up = round(len(samples) * WARM_UP / (1 + WARM_UP))
    after = samples[warm_up:]
    tenth = max(1, len(after) // 10)
    settled, final = after[:tenth], after[-tenth:]

    def resident(of: Sequence[dict[str, Any]]) -> float:
        return statistics.median(sample["resident"] for sample in of)

    def least(of: Sequence[dict[str, Any]], what: str) -> int:
        """What is there always: a thread that fetches keys may be just about to end."""
        return min(sample[what] for sample in of)

    spread = max(sample["resident"] for sample in after) - least(after, "resident")
    return {
        "validations": samples[-1]["validations"] - samples[warm_up - 1]["validations"],
        **{name: last[name] for name in ("accepted", "refused", "fetches", "rotations", "cache", "seconds")},
        "settled_octets": resident(settled),
        "final_octets": resident(final),
        "held_settled_octets": statistics.median(sample["held"] for sample in settled),
        "held_final_octets": statistics.median(sample["held"] for sample in final),
        "drift_percent": (resident(final) / resident(settled) - 1) * 100,
        "spread_percent": spread / resident(settled) * 100,
        "more_files": least(final, "files") - least(settled, "files"),
        "more_threads": least(final, "threads") - least(settled, "threads"),
        "warm_up_samples": warm_up,
        "samples": list(samples),
    }


def with_warm_up(count: int) -> int:
    """So many, and those before them."""
    return round(count * (1 + WARM_UP))


def flat(found: dict[str, Any]) -> bool:
    """Whether nothing grew."""
    return abs(found["drift_percent"]) <= FLAT and found["more_files"] <= 0 and found["more_threads"] <= 0


def main(arguments: Iterable[str] | None = None) -> None:
    """Runs it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=WHOLE, help="how many validations that count")
    count = parser.parse_args(arguments).count
    began = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    samples: list[dict[str, Any]] = []
    last: dict[str, Any] = {}
    # One arena: glibc gives every thread that comes and goes, as those that fetch keys do, one of several, and how
    # many of them were ever used would be most of what changes.
    environment = {**os.environ, "MALLOC_ARENA_MAX": "1"}
    with subprocess.Popen(
        [rust_program("soak"), str(with_warm_up(count)), str(with_warm_up(PERIODS))],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said = json.loads(line)
            if "done" in said:
                last = said
                continue
            samples.append(said)
            if len(samples) % 10 == 0:
                resident, seconds = said["resident"] / 1e6, said["seconds"]
                print(f"soak: {said['validations']:,} validations, {seconds:.0f} s, {resident:.2f} MB", flush=True)
    if process.returncode != 0 or not last:
        sys.exit(f"the long run failed with {process.returncode}")
    found = {"began": began, **judged(samples, last)}
    summary = {name: value for name, value in found.items() if name != "samples"}
    print(json.dumps(summary, indent=1))
    if found["validations"] >= WHOLE:
        SOAK.write_text(json.dumps(found) + "\n")
        print(f"soak: wrote {SOAK}; `make bench` or `bench/run.py --page` puts it into the page")
    if not flat(found):
        print(
            "soak: something grew"
            + ("" if found["validations"] >= WHOLE else ", as it may until all has been filled once")
        )
        sys.exit(found["validations"] >= WHOLE)


if __name__ == "__main__":
    main()
