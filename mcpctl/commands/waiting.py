"""What a person is told while a server works: that it is still under way, how far it got, what it did wrong besides."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mcpctl.commands.context import Context
from mcpctl.model.events import Noticed, Progressed, Waited
from mcpctl.session import Session

PATIENCE = 0.4
"""Seconds before anything is said: most calls are over by then."""

BEAT = 0.125
"""Seconds between two turns of the spinner."""


class Waiting:
    def __init__(self, ctx: Context, server: str, what: str) -> None:
        self._ctx = ctx
        self._server = server
        self._what = what
        self._ticking: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Only a terminal wants to see time pass."""
        if self._ctx.world.stderr_tty and not self._ctx.options.quiet:
            self._ticking = asyncio.create_task(self._tick())

    def end(self) -> None:
        if self._ticking is not None:
            self._ticking.cancel()

    def progress(self, done: float, total: float | None, message: str | None) -> None:
        """The server itself says how far it is: nothing tells it better."""
        self.end()
        self._ctx.emit(Progressed(server=self._server, progress=done, total=total, message=message))

    async def _tick(self) -> None:
        clock = self._ctx.world.clock
        began = clock()
        await asyncio.sleep(PATIENCE)
        while True:
            self._ctx.emit(Waited(server=self._server, what=self._what, seconds=clock() - began))
            await asyncio.sleep(BEAT)


@asynccontextmanager
async def waiting(wait: Waiting) -> AsyncIterator[None]:
    wait.begin()
    try:
        yield
    finally:
        wait.end()


async def tell_noise(session: Session, ctx: Context) -> None:
    """A server that prints on stdout breaks most clients: whoever writes it should hear of it."""
    facts = session.live_facts
    if session.spec.transport == "stdio" and facts is not None and facts.noise_lines:
        lines = "1 line" if facts.noise_lines == 1 else f"{facts.noise_lines:,} lines"
        are = "is" if facts.noise_lines == 1 else "are"
        such = f", such as `{facts.noise_samples[0].strip()[:60]}`" if facts.noise_samples else ""
        ctx.emit(
            Noticed(
                server=session.name,
                message=f"`{session.name}` wrote {lines} on stdout that {are} not JSON-RPC{such}",
                hint="its log messages belong on stderr",
            )
        )
