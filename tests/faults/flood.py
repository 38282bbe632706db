"""A flood of tokens under keys that never were, in real time: what it costs those who send good ones, and the issuer.

No part of any other run, since it measures time: `.venv/bin/python tests/faults/flood.py`, after `make build
build-test-issuer`, on a machine that does nothing else. Slices with the flood and without it take turns, so that both
meet the same machine. It fails where good tokens take more than twice as long under the flood, at the 99th percentile,
or where the issuer is asked more often than the cooldown allows.
"""

from __future__ import annotations

import argparse
import base64
import json
import secrets
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import at9068

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/issuer")]

from at9068_test_issuer import start  # noqa: E402

SLICES = 6
# Short, and a fetch takes long, so that there are many and whoever waits for one shows.
COOLDOWN_SECONDS = 5
FETCH_MILLISECONDS = 500
# Python runs one thread at a time: the callers pause between their calls, or all that is measured is who comes next.
GOOD_PAUSE_SECONDS = 0.0005
FLOOD_PAUSE_SECONDS = 0.001
ALLOWED_RATIO = 2


@dataclass
class Load:
    """The callers, and what they have seen."""

    validator: at9068.Validator
    token: str
    done: threading.Event = field(default_factory=threading.Event)
    flooding: threading.Event = field(default_factory=threading.Event)

    def good(self, seconds: float) -> list[int]:
        """How long each validation of the good token takes, in nanoseconds."""
        took = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            began = time.perf_counter_ns()
            self.validator.validate(self.token)
            took.append(time.perf_counter_ns() - began)
            time.sleep(GOOD_PAUSE_SECONDS)
        return took

    def flood(self, number: int, counts: list[int]) -> None:
        """Sends the good token under another `kid` each time."""
        _, rest = self.token.split(".", 1)
        while not self.done.is_set():
            if not self.flooding.wait(0.1):
                continue
            header = json.dumps({"alg": "ES256", "typ": "at+jwt", "kid": secrets.token_urlsafe(16)}).encode()
            forged = base64.urlsafe_b64encode(header).decode().rstrip("=")
            try:
                self.validator.validate(f"{forged}.{rest}")
            except at9068.TokenError as refusal:
                assert refusal.code == "key_not_found"
                counts[number] += 1
            time.sleep(FLOOD_PAUSE_SECONDS)


def p99(nanoseconds: list[int]) -> float:
    """The 99th percentile, in microseconds."""
    return sorted(nanoseconds)[len(nanoseconds) * 99 // 100] / 1000


def main() -> int:
    """Measures, prints one line, and says whether it is good."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30, help="how long it floods in all (default 30)")
    parser.add_argument("--threads", type=int, default=4, help="how many threads flood (default 4)")
    chosen = parser.parse_args()
    with start(ROOT / "target/drivers/test-issuer") as server:
        issuer = server.first
        options = {"danger_http_loopback": True, "cooldown_seconds": COOLDOWN_SECONDS}
        validator = at9068.Validator(issuer=issuer.issuer, audience="https://api.example/", issuer_cache=options)
        validator.prefetch()
        load = Load(validator, issuer.mint(lifetime_seconds=86400))
        issuer.behave("jwks", delay_ms=FETCH_MILLISECONDS)
        counts = [0] * chosen.threads
        threads = [threading.Thread(target=load.flood, args=[number, counts]) for number in range(chosen.threads)]
        for thread in threads:
            thread.start()
        idle: list[int] = []
        flooded: list[int] = []
        began = time.monotonic()
        try:
            for _ in range(SLICES):
                idle += load.good(chosen.seconds / SLICES)
                load.flooding.set()
                flooded += load.good(chosen.seconds / SLICES)
                load.flooding.clear()
        finally:
            load.done.set()
            for thread in threads:
                thread.join()
        fetches = issuer.requests()["documents"]["jwks"] - 1
        allowed = 1 + (time.monotonic() - began) / COOLDOWN_SECONDS
    ratio = p99(flooded) / p99(idle)
    print(
        f"flood: idle p99 {p99(idle):.0f} µs, flooded p99 {p99(flooded):.0f} µs, ratio {ratio:.2f}, fetches {fetches}; "
        f"good tokens {len(idle)} and {len(flooded)}, flood {sum(counts)}"
    )
    return 0 if ratio <= ALLOWED_RATIO and 1 <= fetches <= allowed else 1


if __name__ == "__main__":
    sys.exit(main())
