"""Runs an asynchronous command to its end, and ends it from outside: signals, the deadline, a reader that left.

The answer is shown before servers are closed, and nothing that hangs can keep the process longer than `GRACE`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from mcpctl.cli.stopping import interrupted, listening, timer
from mcpctl.control.client import is_echo
from mcpctl.errors import DeadlineError, InterruptError, McpctlError
from mcpctl.model.report import Report

GRACE = 5.0
"""Seconds between the wish to end and the end: longer than the gentle stop of a server takes."""

BLOCKED = 3.0
"""Seconds that the loop has for noticing that it shall end: code that waits for a pipe or a terminal never does."""

Present = Callable[[Report | BaseException | None, McpctlError | None], int]
"""Shows what came out, told why it was stopped, if it was; returns the exit code."""


class Drive:
    def __init__(
        self,
        *,
        present: Present,
        close: Callable[[], Coroutine[Any, Any, None]],
        abandon: Callable[[], None],
    ) -> None:
        self._present = present
        self._close = close
        self._abandon = abandon
        self._reason: McpctlError | None = None
        self._code: int | None = None
        self._signal: int | None = None
        self._since = 0.0
        self._guarded = False
        self._answered = False
        self._ring_in: Callable[[float], None] = lambda _: None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None

    def run(self, work: Coroutine[Any, Any, Report], late: DeadlineError | None) -> int:
        """`late` is what to say when it takes longer than its `limit`."""
        with listening(self._heard), timer(lambda: self._blocked(late)) as self._ring_in:
            if late is not None:
                self._ring_in(late.limit + BLOCKED)
            return asyncio.run(self._run(work, late))

    def stop(self, reason: McpctlError) -> None:
        """Cancel the command. The first reason is the one that is told."""
        if self._reason is not None or self._code is not None or self._task is None:
            return
        self._reason = reason
        self._task.cancel()
        self._guard()

    def _heard(self, number: int) -> None:
        """Runs between any two steps of the main thread, even while the loop is kept busy."""
        if self._signal is not None:
            if number == signal.SIGHUP:
                return  # a terminal that goes away says so more than once: nobody has lost patience
            if is_echo(number, self._signal, time.monotonic() - self._since):
                return
            self._end_now(InterruptError.exit_code)
        self._signal, self._since = number, time.monotonic()
        self._ring_in(BLOCKED)
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.stop, interrupted(number))

    async def _run(self, work: Coroutine[Any, Any, Report], late: DeadlineError | None) -> int:
        self._task = asyncio.current_task()
        self._loop = asyncio.get_running_loop()
        if self._signal is not None:
            self.stop(interrupted(self._signal))
        if late is not None:
            self._loop.call_later(late.limit, lambda: self.stop(late))
        outcome = await self._outcome(work)
        self._answered = True
        self._code = self._present(outcome, self._reason)
        self._guard()
        closing = asyncio.ensure_future(self._close())
        await asyncio.wait({closing})
        closing.exception()  # a server that does not end well cannot change an answer that was given
        return self._code

    async def _outcome(self, work: Coroutine[Any, Any, Report]) -> Report | BaseException | None:
        try:
            return await work
        except asyncio.CancelledError as error:
            return None if self._reason is not None else error
        except Exception as error:
            return error

    def _blocked(self, late: DeadlineError | None) -> None:
        """Runs like `_heard`. A reader that is slow may take its time, unless a signal came."""
        if self._reason is not None or (self._answered and self._signal is None):
            return
        self._reason = late if self._signal is None else interrupted(self._signal)
        assert self._reason is not None
        code = self._reason.exit_code if self._answered else self._present(None, self._reason)
        self._end_now(code)

    def _guard(self) -> None:
        if not self._guarded:
            self._guarded = True
            asyncio.get_running_loop().call_later(GRACE, self._give_up)

    def _give_up(self) -> NoReturn:
        if self._code is None:
            self._code = self._present(None, self._reason)
        self._end_now(self._code)

    def _end_now(self, code: int) -> NoReturn:
        """Leave without another turn of the loop, which may be what hangs."""
        self._abandon()
        os._exit(code)
