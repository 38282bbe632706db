"""How late an event loop of asyncio is while 200 calls wait for an issuer: tests/README.md, "Event loops".

No part of any other run, since it measures time: `.venv/bin/python tests/faults/loop.py`, after `make build
build-test-issuer`. `loop.mjs` is the same for Node.

A round is idle, or an issuer hangs until the calls give up, or it answers late and all of them hold at once. Rounds of
all three take turns, so that they meet the same machine. Beside how late the ticks are stands how late they would be
had the loop's thread never waited for a processor, which is what a busy machine adds. It fails where that is more than
20 ms in any round with an issuer that hangs.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import at9068

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/issuer")]

from at9068_test_issuer import IssuerServer, start  # noqa: E402

CALLS = 200
TICK_SECONDS = 0.005
WAIT_SECONDS = 0.5
# Before and after the calls, so that their first and their last step are seen.
MARGIN_SECONDS = 0.05
ALLOWED_MILLISECONDS = 20

Work = Callable[[], Awaitable[None]]


@dataclass
class Delays:
    """How late the ticks of some rounds were, in milliseconds."""

    late: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)

    def row(self, name: str) -> str:
        """One line of the table."""
        cells = [f"{value:9.2f}" for delays in (self.late, self.ours) for value in spread(delays)]
        return f"{name:14}{len(self.late):7}" + "".join(cells)


def spread(delays: list[float]) -> tuple[float, float, float]:
    """Half of them are below the first, 99 % below the second, none above the third."""
    ranked = sorted(delays)
    return ranked[len(ranked) // 2], ranked[len(ranked) * 99 // 100], ranked[-1]


def starved() -> float:
    """How long this thread has waited for a processor so far, in seconds."""
    return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9


async def watch(delays: Delays, done: asyncio.Event) -> None:
    """Ticks until it is done."""
    while not done.is_set():
        waited, began = starved(), time.perf_counter()
        await asyncio.sleep(TICK_SECONDS)
        late = time.perf_counter() - began - TICK_SECONDS
        delays.late.append(late * 1000)
        delays.ours.append(max(late - (starved() - waited), 0.0) * 1000)


async def measured(delays: Delays, work: Work) -> None:
    """One round."""
    done = asyncio.Event()
    watching = asyncio.create_task(watch(delays, done))
    await asyncio.sleep(MARGIN_SECONDS)
    await work()
    await asyncio.sleep(MARGIN_SECONDS)
    done.set()
    await watching


async def nothing() -> None:
    """Idles as long as the others take."""
    await asyncio.sleep(WAIT_SECONDS)


def calls(server: IssuerServer, hangs: bool) -> Work:
    """Calls of a validator that has no keys yet; each waits until the issuer is given up, or answers."""
    issuer = server.new_case()
    if hangs:
        issuer.behave("all", hang="before_head")
    else:
        issuer.behave("jwks", delay_ms=round(WAIT_SECONDS * 1000))
    options = {"danger_http_loopback": True, "timeout_seconds": WAIT_SECONDS if hangs else 60.0}
    validator = at9068.Validator(issuer=issuer.issuer, audience="https://api.example/", issuer_cache=options)
    token = issuer.mint()

    async def ended() -> str:
        try:
            return (await validator.validate_async(token)).client_id
        except at9068.UndecidedError as undecided:
            return undecided.code

    async def work() -> None:
        began = time.perf_counter()
        answers = await asyncio.gather(*(ended() for _ in range(CALLS)))
        assert set(answers) == {"keys_unavailable" if hangs else "test-client"}
        assert time.perf_counter() - began >= WAIT_SECONDS * 0.9

    return work


def main() -> int:
    """Measures, prints a table, and says whether it is good."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10, help="how many rounds of each sort (default 10)")
    chosen = parser.parse_args()
    idle, hangs, late = Delays(), Delays(), Delays()
    with start(ROOT / "target/drivers/test-issuer") as server:
        for _ in range(chosen.rounds):
            asyncio.run(measured(idle, nothing))
            asyncio.run(measured(hangs, calls(server, hangs=True)))
            asyncio.run(measured(late, calls(server, hangs=False)))
    print(f"asyncio, {CALLS} calls in each of {chosen.rounds} rounds, a tick every {TICK_SECONDS * 1000:.0f} ms")
    print(f"{'':21}{'ms late':>27}{'apart from the machine':>27}")
    print(f"{'':14}{'ticks':>7}" + "".join(f"{name:>9}" for name in ("p50", "p99", "longest") * 2))
    for name, delays in (("idle", idle), ("hangs", hangs), ("answers late", late)):
        print(delays.row(name))
    longest = max(hangs.ours)
    ratios = [busy / quiet for busy, quiet in zip(spread(hangs.ours), spread(idle.ours), strict=True)]
    print(
        f"loop: while an issuer hangs, the longest delay that is ours is {longest:.2f} ms; against idle: "
        f"p50 {ratios[0]:.2f}, p99 {ratios[1]:.2f}, longest {ratios[2]:.2f}"
    )
    return 0 if longest <= ALLOWED_MILLISECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
