"""Lets the history hear what a supervisor hears: calls, restarts, changes of state. Nothing waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from mcpctl.commands.context import Context
from mcpctl.commands.own_place import history_file
from mcpctl.history.recorder import Recorder
from mcpctl.model.events import CallFinished, Emit, Event, Noticed


class Recording:
    """Stands between whoever tells and whoever listens; `close` it, or lose the last second."""

    def __init__(self, ctx: Context, emit: Emit) -> None:
        """Wants a running event loop."""
        self._loop = asyncio.get_running_loop()
        self._ctx = ctx
        self._emit = emit
        self._ears: list[Callable[[Event], None]] = []
        self._recorder = Recorder(
            history_file(ctx.world, ctx.options),
            now=ctx.world.now,
            complain=self._complain,
            objective=self._objective,
            clean=ctx.redactor.clean,
        )

    def listen(self, ear: Callable[[Event], None]) -> None:
        """Let somebody else hear of calls and events too, from now on."""
        self._ears.append(ear)

    def record(self, event: CallFinished) -> None:
        """On the path of every call."""
        self._recorder.record(event)
        for ear in self._ears:
            ear(event)

    def emit(self, event: Event) -> None:
        self._recorder.heard(event)
        self._emit(event)
        for ear in self._ears:
            ear(event)

    def close(self) -> None:
        self._recorder.close()

    def _objective(self, server: str) -> float | None:
        spec = self._ctx.settings.servers.get(server)
        return None if spec is None or spec.health is None else spec.health.objective

    def _complain(self, message: str) -> None:
        """Called from the writer's thread."""
        with suppress(RuntimeError):  # the loop has ended: nobody listens any more
            self._loop.call_soon_threadsafe(self._emit, Noticed(message=message))
