"""What a server asks and tells unasked: pings answered in place, requests answered by bounded tasks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec

from mcpctl.errors import McpctlError
from mcpctl.wire import jsonrpc
from mcpctl.wire.jsonrpc import Envelope, RequestId, RpcError

MAX_ASKED: Final = 64
"""Requests of a server that are worked on at once; people answer one question at a time."""


class Questions:
    """`congested` tells that the server does not read what it is sent: then nothing more is queued up for it."""

    __slots__ = ("_asked", "_closed", "_congested", "_most", "_notified", "_send", "_tasks", "asking")

    def __init__(
        self,
        send: Callable[[bytes], None],
        *,
        notified: Callable[[str, bytes | None], None],
        asked: Callable[[str, bytes | None], Awaitable[Any]],
        congested: Callable[[], bool] | None,
        most: int = MAX_ASKED,
    ) -> None:
        self._most = most
        self.asking: RequestId = ""
        """Whose request `asked` was called for last; true until it first waits."""
        self._send = send
        self._notified = notified
        self._asked = asked
        self._congested = congested
        self._tasks: dict[RequestId, asyncio.Task[None]] = {}
        self._closed = False

    def hear(self, envelope: Envelope, method: str) -> None:
        if self._closed:
            return
        identity = envelope.id
        params = bytes(envelope.params) if envelope.params else None
        if identity is None:
            if method == "notifications/cancelled":
                self._withdraw(params)
            with contextlib.suppress(Exception):  # a listener's mistake must not stop the channel
                self._notified(method, params)
        elif self._congested is not None and self._congested():
            return
        elif method == "ping":
            self.reply(jsonrpc.encode_result(identity, {}))
        elif identity in self._tasks:
            self.reply(jsonrpc.encode_error(identity, jsonrpc.INVALID_REQUEST, "this id is in use"))
        elif len(self._tasks) >= self._most:
            self.reply(jsonrpc.encode_error(identity, jsonrpc.INTERNAL_ERROR, "too many requests at once"))
        else:
            self._tasks[identity] = asyncio.create_task(self._answer(identity, method, params))

    def reply(self, message: bytes) -> None:
        if not self._closed:
            with contextlib.suppress(McpctlError):  # the transport says itself that it is gone
                self._send(message)

    def close(self) -> None:
        self._closed = True
        for task in tuple(self._tasks.values()):
            task.cancel()

    async def _answer(self, identity: RequestId, method: str, params: bytes | None) -> None:
        self.asking = identity
        try:
            message = jsonrpc.encode_result(identity, await self._asked(method, params))
        except RpcError as error:
            message = jsonrpc.encode_error(identity, error.code, error.message, error.data)
        except Exception as error:  # the server gets an answer whatever breaks on our side
            about = f"the client failed to answer: {type(error).__name__}"
            message = jsonrpc.encode_error(identity, jsonrpc.INTERNAL_ERROR, about)
        finally:
            self._tasks.pop(identity, None)
        self.reply(message)

    def _withdraw(self, params: bytes | None) -> None:
        """The server does not need the answer any more."""
        with contextlib.suppress(Exception):  # a cancellation that cannot be read cancels nothing
            task = self._tasks.get(msgspec.json.decode(params or b"{}")["requestId"])
            if task is not None:
                task.cancel()
