"""One generator as a process of its own, with an event loop that nothing else disturbs.

`python -m mcpctl.loadtest.worker`: takes its plan on stdin and answers on stdout; see `messages`. When stdin ends, whoever
started it is gone, and so is the load.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from mcpctl.errors import BugError, McpctlError
from mcpctl.loadtest.engine import Ended, Engine, Progress
from mcpctl.loadtest.messages import beat_line, error_line, line, result_line
from mcpctl.loadtest.plan import Plan, plan_from

_CHUNK = 1 << 16
"""Bytes read at a time: what a pipe holds."""


class Worker:
    """Takes one plan after another, until stdin ends."""

    def __init__(self, commands: int, answers: int) -> None:
        """Descriptors of stdin and stdout. Needs a running event loop."""
        self._commands = commands
        self._answers = answers
        self._loop = asyncio.get_running_loop()
        self._partial: list[bytes] = []
        self._plans: asyncio.Queue[Plan | None] = asyncio.Queue()
        self._begin: asyncio.Future[float] = self._loop.create_future()
        self._engine: Engine | None = None

    async def work(self) -> None:
        os.set_blocking(self._commands, False)
        self._loop.add_reader(self._commands, self._readable)
        while (plan := await self._plans.get()) is not None:
            self._begin = self._loop.create_future()
            engine = self._engine = Engine(plan, heard=self._heard, gate=self._gate)
            self._say(await self._outcome(engine))
            await engine.aclose()
            self._engine = None

    async def _outcome(self, engine: Engine) -> bytes:
        try:
            return result_line(await engine.run())
        except McpctlError as error:
            return error_line(error)
        except Exception as error:  # the other side must hear of it in any case
            return error_line(BugError(f"a generator failed with {type(error).__name__}: {error}"))

    def _heard(self, progress: Progress) -> None:
        self._say(beat_line(progress))

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
            self._stop("interrupted")
            self._plans.put_nowait(None)
            return
        head, newline, rest = chunk.partition(b"\n")
        self._partial.append(head)
        while newline:
            self._hear(json.loads(b"".join(self._partial)))
            head, newline, rest = rest.partition(b"\n")
            self._partial = [head]

    def _hear(self, command: Mapping[str, Any]) -> None:
        match command["type"]:
            case "plan":
                self._plans.put_nowait(plan_from(command["plan"]))
            case "begin" if not self._begin.done():
                self._begin.set_result(command["at"])
            case "stop":
                self._stop(command["ended"])

    def _stop(self, ended: Ended) -> None:
        if self._engine is not None:
            self._engine.stop(ended)
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
