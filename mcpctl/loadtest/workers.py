"""Several generators as processes of this machine: started together, begun at one moment, merged second by second.

A worker that dies is named and spoils the run. None of them outlives whoever holds this.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import mcpctl
from mcpctl.errors import BugError, McpctlError
from mcpctl.loadtest.engine import Ended
from mcpctl.loadtest.messages import Beat, beat_from, error_from, line
from mcpctl.loadtest.pipe import Pipe
from mcpctl.loadtest.plan import Plan, plan_to_json, shard_of
from mcpctl.loadtest.results import Run, merged
from mcpctl.loadtest.stored import run_from_json
from mcpctl.transports import process as processes

_NOTICE = 0.05
"""Seconds between the word to begin and the beginning: enough for the slowest worker to hear it."""

_PARTING = 3.0
"""Seconds that workers have to hand over what they measured once they were told to stop."""

_MESSAGE = 256 << 20
"""Bytes of a result: an hour of seconds is a hundredth of it."""

OnBeat = Callable[[int, Beat], None]
"""Told the worker's number and what it said."""


class Workers:
    """Start them early: they load while the servers are looked at. They take one plan after another."""

    def __init__(self, count: int, env: Mapping[str, str]) -> None:
        """Needs a running event loop."""
        self.count = count
        self._members = [_Member(number, env) for number in range(count)]

    async def run(self, plan: Plan, on_beat: OnBeat) -> Run:
        """The merged result. Raises what kept all of them from making any load."""
        count = len(self._members)
        for number, member in enumerate(self._members):
            part = shard_of(plan, number, count) if count > 1 else plan
            member.begin(part, partial(on_beat, number))
        readiness = [member.ready for member in self._members]
        await asyncio.wait(readiness, return_when=asyncio.FIRST_EXCEPTION)
        failed = next((one.exception() for one in readiness if one.done() and one.exception()), None)
        if failed is not None:
            raise failed
        if plan.start_at is None:
            self._tell_all(line("begin", at=time.time() + _NOTICE))
        else:
            self._tell_all(line("begin", at=plan.start_at))
        results = [member.result for member in self._members]
        await asyncio.wait(results, return_when=asyncio.FIRST_EXCEPTION)
        # Once a worker is dead the load is no longer the one asked for: nobody should wait for its end.
        return await self.stop()

    async def stop(self, ended: Ended = "interrupted") -> Run:
        """End the load; what could be had of it."""
        self._tell_all(line("stop", ended=ended))
        await asyncio.wait([member.result for member in self._members], timeout=_PARTING)
        return self._collected()

    async def aclose(self) -> None:
        await asyncio.gather(*(member.aclose() for member in self._members))

    def _tell_all(self, text: bytes) -> None:
        for member in self._members:
            member.tell(text)

    def _collected(self) -> Run:
        runs, dead = [], []
        error: BaseException | None = None
        for member in self._members:
            failure = member.failure()
            if failure is None:
                runs.append(member.result.result())
            else:
                error = failure
                dead.append(member.name if member.fate is None else f"{member.name} ({member.fate})")
        if not runs and error is not None:
            raise error
        whole = merged(runs)
        whole.dead += dead
        return whole


class _Member:
    def __init__(self, number: int, env: Mapping[str, str]) -> None:
        loop = asyncio.get_running_loop()
        self.name = f"worker {number + 1}"
        self.fate: str | None = None
        self.ready: asyncio.Future[None] = loop.create_future()
        self.result: asyncio.Future[Run] = loop.create_future()
        self._on_beat: Callable[[Beat], None] = _unheard
        process = processes.start(
            sys.executable, ("-m", "mcpctl.loadtest.worker"), env={**env, "PYTHONPATH": _search_path(env)}
        )
        self._pipe = Pipe(process, lines=self._lines, ended=self._ended, limit=_MESSAGE)

    def begin(self, plan: Plan, on_beat: Callable[[Beat], None]) -> None:
        self._on_beat = on_beat
        loop = asyncio.get_running_loop()
        self.ready, self.result = loop.create_future(), loop.create_future()
        if self.fate is not None:
            self._fail(BugError(f"{self.name} {self.fate}"))
        self._pipe.write(line("plan", plan=plan_to_json(plan)))

    def tell(self, text: bytes) -> None:
        self._pipe.write(text)

    def failure(self) -> BaseException | None:
        if not self.result.done():
            self.fate = "no answer"
            return BugError(f"{self.name} did not hand over its result")
        return self.result.exception()

    async def aclose(self) -> None:
        for future in (self.ready, self.result):
            if not future.cancel() and not future.cancelled():
                future.exception()  # seen, or else the loop complains
        await self._pipe.end()

    def _lines(self, lines: bytes, now: int) -> None:
        del now
        for text in lines.split(b"\n"):
            self._hear(json.loads(text))

    def _hear(self, message: Mapping[str, Any]) -> None:
        match message["type"]:
            case "beat":
                self._on_beat(beat_from(message))
            case "ready":
                self.ready.set_result(None)
            case "result":
                if not self.ready.done():  # it was stopped before it was ready
                    self.ready.set_result(None)
                self.result.set_result(run_from_json(message["run"]))
            case _:
                self._fail(error_from(message))

    def _ended(self, words: str) -> None:
        self.fate = words
        if not self.result.done():
            self._fail(BugError(f"{self.name} {words}", hint="try fewer `--workers`"))

    def _fail(self, error: McpctlError) -> None:
        for future in (self.ready, self.result):
            if not future.done():
                future.set_exception(error)


def _search_path(env: Mapping[str, str]) -> str:
    """This very package first: a worker must not find another one."""
    here = str(Path(mcpctl.__file__).resolve().parent.parent)
    return os.pathsep.join(filter(None, (here, env.get("PYTHONPATH"))))


def _unheard(beat: Beat) -> None:
    del beat
