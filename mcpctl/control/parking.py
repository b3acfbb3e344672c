"""Calls that wait for a person: the server asked something, and whoever called has left with the question.

The call goes on here until `mcpctl answer` brings the answer, or until nobody came for too long.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from itertools import count
from typing import Any, Final

from mcpctl.errors import DeadlineError, UsageError
from mcpctl.model.calls import CallReport, Question
from mcpctl.model.protocol import JsonObject

PATIENCE: Final = 3600.0
"""Seconds that a question waits for its answer."""

Ask = Callable[[JsonObject], Coroutine[Any, Any, JsonObject]]


class _Parked:
    def __init__(self, identity: str) -> None:
        self.identity = identity
        self.server = ""
        self.task: asyncio.Task[CallReport] | None = None
        self.question: asyncio.Future[JsonObject] = asyncio.get_running_loop().create_future()
        self.answer: asyncio.Future[JsonObject] | None = None
        self.asked: JsonObject = {}

    async def ask(self, params: JsonObject) -> JsonObject:
        self.asked = params
        self.answer = asyncio.get_running_loop().create_future()
        if not self.question.done():
            self.question.set_result(params)
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.answer
        except TimeoutError as error:
            raise DeadlineError(
                f"nobody answered the question within {PATIENCE:g} s", step="answer", limit=PATIENCE
            ) from error


class Parking:
    def __init__(self) -> None:
        self._parked: dict[str, _Parked] = {}
        self._numbers = count(1)

    async def start(
        self, server: str, tool: str, begin: Callable[[Ask], Coroutine[Any, Any, CallReport]]
    ) -> CallReport:
        """Begin a call; its report, or one that holds its first question."""
        parked = _Parked(str(next(self._numbers)))
        parked.server = server
        parked.task = asyncio.create_task(begin(parked.ask), name=f"parked call of {server}")
        self._parked[parked.identity] = parked
        return await self._next(parked, tool)

    def question(self, identity: str) -> JsonObject:
        """What a call waits for. Raises `UsageError` where none does."""
        return self._waiting(identity)[0].asked

    async def answer(self, identity: str, answer: JsonObject) -> CallReport:
        parked, waiting = self._waiting(identity)
        parked.question = asyncio.get_running_loop().create_future()
        waiting.set_result(answer)
        return await self._next(parked, "")

    async def aclose(self) -> None:
        tasks = [parked.task for parked in self._parked.values() if parked.task is not None]
        self._parked.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _waiting(self, identity: str) -> tuple[_Parked, asyncio.Future[JsonObject]]:
        parked = self._parked.get(identity)
        if parked is None or parked.answer is None or parked.answer.done():
            known = ", ".join(f"`{each}`" for each in self._parked)
            raise UsageError(
                f"no call waits for an answer under `{identity}`",
                code="usage.no_question",
                hint=f"these wait: {known}" if known else "park one with `mcpctl call ... --elicit park`",
            )
        return parked, parked.answer

    async def _next(self, parked: _Parked, tool: str) -> CallReport:
        """Whatever comes first: the end of the call, or its next question."""
        assert parked.task is not None
        try:
            waiting: list[asyncio.Future[Any]] = [parked.task, parked.question]
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            self._drop(parked)
            raise
        if parked.task.done():
            self._parked.pop(parked.identity, None)
            with contextlib.suppress(asyncio.InvalidStateError):
                parked.question.cancel()
            return parked.task.result()
        asked = parked.question.result()
        return CallReport(
            server=parked.server,
            tool=tool,
            parked=Question(id=parked.identity, request=asked),
            warm=True,
        )

    def _drop(self, parked: _Parked) -> None:
        self._parked.pop(parked.identity, None)
        if parked.task is not None:
            parked.task.cancel()
