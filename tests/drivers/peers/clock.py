"""The process's clock, for libraries that cannot be given one.

What is replaced is what they read: `time.time`, and the name `datetime` in their own modules.
"""

from __future__ import annotations

import datetime as standard
import time
from types import ModuleType
from typing import Any


class Clock:
    """The time that every library sees."""

    def __init__(self) -> None:
        self.now: float = 0

    def install(self, *modules: ModuleType) -> None:
        """Takes the place of the process's clock, and of `datetime` in the modules."""
        time.time = lambda: self.now
        clock = self

        class Fixed(standard.datetime):
            @classmethod
            def now(cls, tz: standard.tzinfo | None = None) -> Any:
                return standard.datetime.fromtimestamp(clock.now, tz)

        for module in modules:
            module.datetime = Fixed  # type: ignore[attr-defined]
