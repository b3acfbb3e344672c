"""Watches how much memory a server uses, with all that it started. A limit on its address space would not do: Node and
Go reserve gigabytes that they never touch.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Final

from mcpctl.transports.sweep import resident_pages

EVERY: Final = 1.0
"""Seconds between two looks."""


class MemoryWatch:
    """Calls `exceeded` once, with the bytes in use. Wants a running event loop."""

    def __init__(self, pid: int, limit: int, exceeded: Callable[[int], None]) -> None:
        self._pid = pid
        self._limit = limit
        self._exceeded = exceeded
        self._page = os.sysconf("SC_PAGE_SIZE")
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(EVERY, self._look)

    def stop(self) -> None:
        self._timer.cancel()

    def _look(self) -> None:
        used = resident_pages(self._pid) * self._page
        if used > self._limit:
            self._exceeded(used)
        else:
            self._timer = self._loop.call_later(EVERY, self._look)


def mebibytes(size: int) -> str:
    return f"{size / (1 << 20):.4g} MiB"
