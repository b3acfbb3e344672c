"""A call that passes an endpoint, for the books: what it took and how it ended. Looks no further into its payload."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

import msgspec

from mcpctl.errors import McpctlError
from mcpctl.model.events import CallFinished
from mcpctl.session.slot import Slot


class _Asked(msgspec.Struct):
    name: str = ""


class _Answered(msgspec.Struct):
    is_error: bool = msgspec.field(name="isError", default=False)


_asked = msgspec.json.Decoder(_Asked).decode
_answered = msgspec.json.Decoder(_Answered).decode


class Counted:
    """Stands around one call; what is recorded has the name of the process, and no arguments."""

    __slots__ = ("_began", "_params", "_record", "_result", "_slot", "attempts")

    def __init__(self, slot: Slot, params: bytes | None, record: Callable[[CallFinished], None]) -> None:
        self.attempts = 1
        self._slot = slot
        self._params = params or b"{}"
        self._record = record
        self._result: bytes | None = None
        self._began = slot.clock()

    def answered(self, result: bytes) -> bytes:
        self._result = result
        return result

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        failure = _failure(error) if self._result is None else _refusal(self._result)
        self._record(
            CallFinished(
                server=self._slot.spec.name,
                tool=_tool(self._params),
                arguments={},
                ok=failure is None,
                seconds=self._slot.clock() - self._began,
                error=failure,
                attempts=self.attempts,
                bytes_in=len(self._result or b""),
                bytes_out=len(self._params),
            )
        )


def _tool(params: bytes) -> str:
    try:
        return _asked(params).name
    except msgspec.MsgspecError:
        return ""


def _failure(error: BaseException | None) -> str:
    if isinstance(error, McpctlError):
        return error.code
    return "cancelled" if isinstance(error, asyncio.CancelledError) else "failed"


def _refusal(result: bytes) -> str | None:
    if b'"isError"' not in result:
        return None
    try:
        return "is_error" if _answered(result).is_error else None
    except msgspec.MsgspecError:
        return None
