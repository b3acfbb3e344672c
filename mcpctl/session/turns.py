"""Few servers start at once, but none waits for long for others that do not come up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

PATIENCE = 5.0
"""Seconds without the end of any start after which those that are under way hang, and need no processor."""


class Turns:
    def __init__(self, at_once: int) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._moved = 0.0

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        held = await self._wait()
        try:
            yield
        finally:
            if held:
                self._moved = _now()
                self._free.release()

    async def _wait(self) -> bool:
        """Whether it is one of the few."""
        came = _now()
        while (until := max(came, self._moved) + PATIENCE) > _now():
            try:
                async with asyncio.timeout_at(until):
                    return await self._free.acquire()
            except TimeoutError:
                pass
        return False


def _now() -> float:
    return asyncio.get_running_loop().time()
