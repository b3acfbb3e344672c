"""Sessions as the load itself: each request opens one, and closes it again once the handshake is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic_ns

from mcpctl.errors import McpctlError
from mcpctl.loadtest.lane import Lane, Surroundings
from mcpctl.loadtest.ledger import Shot
from mcpctl.loadtest.plan import Target
from mcpctl.wire.jsonrpc import RequestId


class SessionLane(Lane):
    """`make` gives a fresh lane, which is opened and closed."""

    __slots__ = ("_fresh", "_make", "_tasks")

    def __init__(self, target: Target, make: Callable[[], Lane], around: Surroundings) -> None:
        super().__init__(target, around)
        self._make = make
        self._fresh: list[tuple[int, Shot]] = []
        self._tasks: dict[RequestId, asyncio.Task[None]] = {}

    def issue(self, operation: int, count: int, due: int) -> None:
        for _ in range(count):
            number = self.numbers.next
            self.numbers.next = number + 1
            shot = Shot(self.ledger.books[operation], due, 1)
            self.pending[number] = shot
            self._fresh.append((number, shot))

    def flush(self) -> None:
        fresh, self._fresh = self._fresh, []
        for number, shot in fresh:
            self.ledger.written(shot, monotonic_ns())
            self._tasks[number] = asyncio.ensure_future(self._one(number, shot))

    async def open(self) -> None:
        self.ready = True

    async def close(self) -> None:
        self.ready = False
        tasks, self._tasks = list(self._tasks.values()), {}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def abandoned(self, number: RequestId, shot: Shot) -> None:
        del shot
        self._tasks.pop(number).cancel()

    async def _one(self, number: int, shot: Shot) -> None:
        lane = self._make()
        try:
            fault = await _opened(lane)
            if self.pending.pop(number, None) is not None:
                self._enter(shot, fault, monotonic_ns())
        finally:
            await lane.close()
        self._tasks.pop(number, None)
        # The place is free only once the session is gone, or servers would pile up.
        self.driver.completed(self, 1, monotonic_ns())

    def _enter(self, shot: Shot, fault: McpctlError | None, now: int) -> None:
        if fault is None:
            self.ledger.answered(shot, now, 1)
            return
        kind = {"deadline": "timeout", "connect": "connection_lost", "auth": "http_status"}
        self.ledger.failed(shot, kind.get(fault.code.partition(".")[0], "malformed"), fault.message)


async def _opened(lane: Lane) -> McpctlError | None:
    try:
        await lane.open()
    except McpctlError as error:
        return error
    return None
