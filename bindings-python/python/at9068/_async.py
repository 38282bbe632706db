"""Carries calls out that may have to wait for keys, without blocking the event loop."""

from __future__ import annotations

import asyncio
from typing import Any

from at9068._at9068 import Call, Waiting


async def carry_out(call: Call) -> Any:
    """Go on with a call until it gives something."""
    outcome = call.step(None)
    while isinstance(outcome, Waiting):
        await _over(outcome)
        outcome = call.step(outcome)
    return outcome


async def _over(waiting: Waiting) -> None:
    loop = asyncio.get_running_loop()
    over = loop.create_future()

    def settle() -> None:
        if not over.done():
            over.set_result(None)

    longest = waiting.begin(lambda: loop.call_soon_threadsafe(settle))
    # Should whoever fetches never come back.
    timer = loop.call_later(longest, settle)
    try:
        await over
    finally:
        timer.cancel()
