"""One generator as a process of its own, with an event loop that nothing else disturbs.

`python -m mcpctl.loadtest.worker`: takes its plan on stdin and answers on stdout; see `messages`. When stdin ends, whoever
started it is gone, and so is the load.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Coroutine
from typing import Any

from mcpctl.errors import BugError, McpctlError
from mcpctl.loadtest.engine import Engine
from mcpctl.loadtest.messages import beat_line, error_line, line, result_line
from mcpctl.loadtest.plan import decode_plan

_CHUNK = 1 << 16


class Worker:
    def __init__(self, commands: int, answers: int) -> None:
        """Descriptors of stdin and stdout. Needs a running event loop."""
        self._commands = commands
        self._answers = answers
        self._loop = asyncio.get_running_loop()
        self._partial = b""
        self._plan: asyncio.Future[bytes] = self._loop.create_future()
        self._begin: asyncio.Future[float] = self._loop.create_future()
        self._engine: Engine | None = None

    async def work(self) -> None:
        os.set_blocking(self._commands, False)
        self._loop.add_reader(self._commands, self._readable)
        try:
            plan = decode_plan(await self._plan)
            self._engine = Engine(
                plan, heard=lambda progress: self._say(beat_line(progress)), gate=self._gate
            )
            self._say(result_line(await self._engine.run()))
        except McpctlError as error:
            self._say(error_line(error))
        except asyncio.CancelledError:
            return
        except Exception as error:  # the other side must hear of it in any case
            self._say(error_line(BugError(f"a generator failed with {type(error).__name__}: {error}")))
        finally:
            self._loop.remove_reader(self._commands)

    async def _gate(self) -> float:
        self._say(line("ready"))
        return await self._begin

    def _readable(self) -> None:
        try:
            chunk = os.read(self._commands, _CHUNK)
        except BlockingIOError:
            return
        if not chunk:
            self._loop.remove_reader(self._commands)
            self._stop()
            return
        *lines, self._partial = (self._partial + chunk).split(b"\n")
        for text in lines:
            self._hear(text)

    def _hear(self, text: bytes) -> None:
        if not self._plan.done():
            self._plan.set_result(text)
            return
        command = json.loads(text)
        if command["type"] == "stop":
            self._stop()
        elif command["type"] == "begin" and not self._begin.done():
            self._begin.set_result(command["at"])

    def _stop(self) -> None:
        if self._engine is not None:
            self._engine.stop()
        if not self._plan.done():
            self._plan.cancel()
        if not self._begin.done():
            self._begin.set_result(0.0)

    def _say(self, data: bytes) -> None:
        """Blocks while the other side is busy: a second's worth is a few kilobytes, and a pipe holds sixty."""
        while data:
            data = data[os.write(self._answers, data) :]


def main() -> None:
    commands, answers = os.dup(0), os.dup(1)
    # Whatever else is written to stdout must not be taken for an answer.
    os.dup2(2, 1)

    async def work() -> None:
        await Worker(commands, answers).work()

    fast_run()(work())


def fast_run() -> Callable[[Coroutine[Any, Any, None]], None]:
    """`asyncio.run`, on the faster loop where there is one."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run
    return uvloop.run


if __name__ == "__main__":
    main()
