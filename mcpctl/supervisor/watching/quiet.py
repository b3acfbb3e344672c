"""When a burst of changes is over: after a moment of quiet, or after so long that waiting makes no sense. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

QUIET: Final = 0.1
"""Seconds without a change; bursts of editors and of version control have shorter gaps."""

MOST: Final = 1.0
"""Seconds after the first change; whoever writes without end is not waited for."""


class Quiet:
    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._first: float | None = None
        self._last = 0.0

    def touched(self) -> None:
        self._last = self._clock()
        if self._first is None:
            self._first = self._last

    def remaining(self) -> float | None:
        """Seconds until it is time, none without a change."""
        if self._first is None:
            return None
        return max(min(self._last + QUIET, self._first + MOST) - self._clock(), 0.0)

    def clear(self) -> None:
        self._first = None
