"""What a server's keeper is to do: orders that wait for one another. Carries none of them out."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Final, Literal

from mcpctl.errors import McpctlError
from mcpctl.session.connection import Connection

Kind = Literal["start", "stop", "rest", "restart", "reload", "lost"]
"""`rest` is a stop that the next call ends."""

_ONCE: Final = ("start", "reload")
"""Kinds of which one that waits is as good as several."""


@dataclass(slots=True, kw_only=True)
class Order:
    kind: Kind
    reason: str
    done: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    connection: Connection | None = None
    error: McpctlError | None = None

    def settle(self) -> None:
        if not self.done.done():
            self.done.set_result(None)


class Orders:
    def __init__(self) -> None:
        self._waiting: deque[Order] = deque()
        self._closed = False
        self._come = asyncio.Event()

    def post(self, order: Order) -> Order:
        """The order that will be carried out: one of the same kind may wait already. After the end, none is."""
        if self._closed:
            order.settle()
            return order
        for waiting in self._waiting:
            if waiting.kind == order.kind and order.kind in _ONCE:
                return waiting
        self._waiting.append(order)
        self._come.set()
        return order

    def overrule(self, order: Order) -> Order:
        """In place of all that wait, but for what has happened already."""
        for waiting in tuple(self._waiting):
            if waiting.kind != "lost":
                self._waiting.remove(waiting)
                waiting.settle()
        return self.post(order)

    def urge(self, order: Order) -> None:
        """Before all that wait."""
        self._waiting.appendleft(order)
        self._come.set()

    async def next(self) -> Order:
        while not self._waiting:
            self._come.clear()
            await self._come.wait()
        return self._waiting.popleft()

    def close(self) -> None:
        """Nobody waits any longer for what will not be done."""
        self._closed = True
        for order in self._waiting:
            order.settle()
        self._waiting.clear()
