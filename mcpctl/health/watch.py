"""Looks at servers again and again, each at its own pace, and feeds the monitor. Ends when it is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from mcpctl.health.checkup import AT_ONCE
from mcpctl.health.monitor import Monitor
from mcpctl.model.events import Emit
from mcpctl.model.health import Probed, ServerHealth, instant

JITTER = 0.1
"""Part of an interval that is left to chance, so that many watchers do not look in step."""


class Look(Protocol):
    async def look(self) -> ServerHealth: ...


class Watch:
    def __init__(
        self,
        looks: Mapping[str, Look],
        monitor: Monitor,
        *,
        intervals: Mapping[str, float],
        emit: Emit,
        now: Callable[[], float],
        random: Callable[[], float],
        held: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """`held` tells of servers that somebody else lets rest, such as a supervisor after a crash."""
        self._looks = looks
        self._monitor = monitor
        self._intervals = intervals
        self._emit = emit
        self._now = now
        self._random = random
        self._held = held
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for name in self._looks:
                group.create_task(self._follow(name), name=f"watch {name}")

    async def _follow(self, name: str) -> None:
        while True:
            if not self._held(name):
                await self._once(name)
            await asyncio.sleep(self._intervals[name] * (1 + JITTER * (2 * self._random() - 1)))

    async def _once(self, name: str) -> None:
        async with self._turns:
            seen = await self._looks[name].look()
        events = self._monitor.probed(seen)
        self._emit(_probed(seen, self._monitor, instant(self._now())))
        for event in events:
            self._emit(event)


def _probed(seen: ServerHealth, monitor: Monitor, at: str) -> Probed:
    return Probed(
        server=seen.name,
        at=at,
        status=seen.status,
        state=monitor.verdict(seen.name) or seen.status,
        level=seen.level,
        latency_ms=None if seen.latency_ms is None else round(seen.latency_ms, 3),
        protocol_version=seen.protocol_version,
        tools=seen.tools,
        checks=_told(seen),
    )


def _told(seen: ServerHealth) -> tuple[dict[str, Any], ...]:
    return tuple(check.data() for check in seen.checks)
