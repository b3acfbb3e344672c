"""What commands find that run inside a supervisor: its servers, and the ways to end it and to park a call."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence

from mcpctl.control.parking import Parking
from mcpctl.errors import McpctlError
from mcpctl.model.world import World
from mcpctl.supervisor.fleet import Fleet

Reconfigure = Callable[[], Awaitable[None]]


class Stops:
    """Asks one command to end, from outside. The first reason counts."""

    def __init__(self) -> None:
        self.reason: McpctlError | None = None
        self._listener: Callable[[McpctlError], None] | None = None

    def stop(self, reason: McpctlError) -> None:
        if self.reason is None:
            self.reason = reason
            if self._listener is not None:
                self._listener(reason)

    def listen(self, listener: Callable[[McpctlError], None]) -> None:
        self._listener = listener
        if self.reason is not None:
            listener(self.reason)

    def close(self) -> None:
        """The command is over. Its tasks know who to stop, and whoever listens knows its result, which may be huge."""
        self._listener = None


class Host:
    def __init__(self, fleet: Fleet, world: World, *, config: str | None, reconfigure: Reconfigure) -> None:
        """`reconfigure` reads the configuration again; it raises `ConfigError` and changes nothing if it is broken."""
        self.fleet = fleet
        self.config = config
        self.pid = os.getpid()
        self.parking = Parking()
        self.reconfigure = reconfigure
        self.clients = 0
        self._clock = world.clock
        self._since = world.clock()
        self._ended = asyncio.Event()

    @property
    def uptime(self) -> float:
        return self._clock() - self._since

    def end(self) -> None:
        """Let the supervisor leave, once whoever asked for it has its answer."""
        self._ended.set()

    async def ended(self) -> None:
        await self._ended.wait()


Perform = Callable[[Sequence[str], World, Host, Stops], Awaitable[int]]
"""Runs a command line for a client and returns its exit code; handed down by `cli`."""
