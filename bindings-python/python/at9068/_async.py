"""Carries calls out that may have to wait for keys, without blocking the event loop."""

from __future__ import annotations

import asyncio
from typing import Any

from at9068._at9068 import Call, Waiting


async def carry_out(call: Call) -> Any:
    """Go on with a call until it gives something."""
    outcome = await _step(call, None)
    while isinstance(outcome, Waiting):
        await _over(outcome)
        outcome = await _step(call, outcome)
    return outcome


async def _step(call: Call, before: Waiting | None) -> Any:
    return await asyncio.to_thread(call.step, before) if call.blocks else call.step(before)


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
