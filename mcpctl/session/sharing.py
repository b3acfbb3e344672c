"""One piece of work for all who want its result at the same time, given up when the last of them leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from mcpctl.errors import McpctlError
from mcpctl.wire.peer import renewed

Result = TypeVar("Result")


class Shared(Generic[Result]):
    def __init__(self) -> None:
        self._run: _Run[Result] | None = None

    async def get(self, work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """Join the work that is under way, or begin it. Whoever comes after its end begins it anew."""
        if self._run is None:
            self._run = _Run(asyncio.create_task(work()))
        run = self._run
        run.waiting += 1
        try:
            return await asyncio.shield(run.task)
        except McpctlError as error:
            twin = renewed(error)
            raise twin from twin.__cause__  # each who waited adds to an error of his own
        finally:
            run.waiting -= 1
            if self._run is run and (run.task.done() or not run.waiting):
                self._run = None
            if not run.waiting:
                await run.give_up()

    async def give_up(self) -> None:
        """End it, whoever waits for it."""
        run, self._run = self._run, None
        if run is not None:
            await run.give_up()


class _Run(Generic[Result]):
    def __init__(self, task: asyncio.Task[Result]) -> None:
        self.task = task
        self.waiting = 0

    async def give_up(self) -> None:
        if not self.task.done():
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)
