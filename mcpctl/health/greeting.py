"""Brings a server up and tells apart how long its start and its handshake took.

A server that runs already is greeted by nobody: whoever keeps it has done so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from mcpctl.errors import ConnectError, McpctlError
from mcpctl.health.blame import blamed
from mcpctl.health.findings import found
from mcpctl.model.health import Check
from mcpctl.model.protocol import Identity
from mcpctl.session import Session
from mcpctl.session.connection import Connection
from mcpctl.session.slot import Slot

SETTLE = 0.5
"""Seconds that a process must stay alive to count as started: a missing module shows in a tenth of that."""


class Greeting:
    """One start of one server, inside `gate`, so that waiting for a turn counts as nobody's slowness."""

    def __init__(
        self, slot: Slot, clock: Callable[[], float], gate: asyncio.Semaphore, *, only_start: bool
    ) -> None:
        self._slot = slot
        self._clock = clock
        self._gate = gate
        self._only_start = only_start
        self._began = 0.0
        self._greeted: float | None = None
        self.reach: Callable[[], Awaitable[None]] | None = None
        """How a remote server is connected to, ahead of any MCP."""
        self.connection: Connection | None = None
        self.seconds: float | None = None
        """The handshake alone."""

    async def exchange(self, session: Session, checks: list[Check]) -> Identity | None:
        """Adds what it found to `checks`; None where nobody introduced himself."""
        if self._slot.live is not None or self._slot.keeper is not None:
            return await self._running(session, checks)
        async with self._gate:
            self._began = self._clock()
            try:
                identity = await self._started(session)
            except McpctlError as error:
                checks.append(self._failed(error))
                return None
        self._succeeded(checks, identity)
        return identity

    async def _running(self, session: Session, checks: list[Check]) -> Identity | None:
        began = self._clock()
        try:
            identity = await session.connect()
        except McpctlError as error:
            checks.append(blamed(error, "start", duration_ms=(self._clock() - began) * 1000))
            return None
        self.connection = self._slot.live
        checks.append(Check(name="start", status="ok", message="it runs already"))
        checks.append(Check(name="handshake", status="ok"))
        return identity

    async def _started(self, session: Session) -> Identity | None:
        if self.reach is not None:
            await self.reach()
            self._greeted = self._clock()
            if self._only_start:
                return None
        usual = self._slot.greet
        self._slot.greet = self._greet
        try:
            return await session.connect()
        except _EnoughError:
            return None
        finally:
            self._slot.greet = usual

    async def _greet(self, connection: Connection, handlers: Any, **more: Any) -> Identity:
        from mcpctl.session.negotiate import negotiate

        self.connection = connection
        self._greeted = self._greeted or self._clock()
        if self._only_start:
            await _settled(connection)
            raise _EnoughError
        return await negotiate(connection, handlers, **more)

    def _failed(self, error: McpctlError) -> Check:
        # A process that ends or an address that refuses did not start, however far the handshake was.
        met = self._greeted is not None and not isinstance(error, ConnectError)
        return blamed(
            error, "handshake" if met else "start", duration_ms=(self._clock() - self._began) * 1000
        )

    def _succeeded(self, checks: list[Check], identity: Identity | None) -> None:
        now = self._clock()
        greeted = self._greeted or now
        checks.append(Check(name="start", status="ok", duration_ms=(greeted - self._began) * 1000))
        if identity is not None:
            self.seconds = now - greeted
            checks.append(Check(name="handshake", status="ok", duration_ms=self.seconds * 1000))


def lost(slot: Slot) -> Check | None:
    """Told of a server that was up at the last look and is not any more, before it is started again."""
    if slot.live is not None or slot.keeper is not None or slot.last_error is None:
        return None
    return found("H204", "start", slot.last_error.message)


class _EnoughError(Exception):
    """Nothing more is asked of the server at this level."""


async def _settled(connection: Connection) -> None:
    """Raises what ended it, where it ended at once."""
    process = getattr(connection.channel, "process", None)
    if process is not None and await process.wait(SETTLE):
        await connection.channel.request("ping", None, timeout=SETTLE, step="start")
