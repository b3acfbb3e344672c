"""Many deadlines, one timer: setting and dropping one costs an entry of a table, not a handle of the event loop."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Final

from mcpctl.wire.jsonrpc import RequestId

_COALESCE: Final = 0.005
"""Seconds between two looks at the table, so that ten thousand deadlines do not mean ten thousand looks."""


class Deadlines:
    __slots__ = ("_expired", "_loop", "_timer", "_wake_at", "_when")

    def __init__(self, expired: Callable[[RequestId], object]) -> None:
        self._expired = expired
        self._loop = asyncio.get_running_loop()
        self._when: dict[RequestId, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._wake_at = math.inf

    def set(self, identity: RequestId, seconds: float) -> None:
        deadline = self._when[identity] = self._loop.time() + seconds
        if deadline < self._wake_at:
            self._wake(deadline)

    def drop(self, identity: RequestId) -> None:
        self._when.pop(identity, None)

    def close(self) -> None:
        self._when.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wake(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._wake_at = when
        self._timer = self._loop.call_at(when, self._look)

    def _look(self) -> None:
        self._timer = None
        self._wake_at = math.inf
        now = self._loop.time() + _COALESCE
        for identity in [one for one, deadline in self._when.items() if deadline <= now]:
            self._when.pop(identity, None)
            self._expired(identity)
        if self._when:
            self._wake(max(min(self._when.values()), now))
