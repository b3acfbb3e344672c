"""How one POST of a host is answered: as JSON where the answer comes first, as a stream of events where it does not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from mcpctl.wire import jsonrpc
from mcpctl.wire.reply import Reply

JSON: Final = {"content-type": "application/json"}

EVENTS: Final = {
    "content-type": "text/event-stream",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
}

QUIET: Final = 15.0
"""Seconds of silence after which a stream says that it is alive: clients and proxies give up after 30 to 60."""

_SIGN_OF_LIFE: Final = b": still here\n\n"


class Answer:
    """`send` what comes before the answer, `finish` with it, or `close` where none will come."""

    def __init__(
        self,
        reply: Reply,
        *,
        headers: Mapping[str, str] | None = None,
        streams: bool = True,
        start: str | None = None,
    ) -> None:
        """`streams`: whether a long silence may turn it into a stream. `start`: the id that stands before its events."""
        self.reply = reply
        self._start = start
        self._headers = dict(headers or {})
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(QUIET, self._live) if streams else None

    def send(self, message: bytes, identity: str | None = None) -> None:
        self._begin()
        self.reply.write(_event(message, identity))

    def finish(self, message: bytes, status: int = 200) -> None:
        if self.reply.begun:
            self.reply.write(_event(message))
            self.close()
        else:
            self._rest()
            self.reply.respond(status, message, {**JSON, **self._headers})

    def open(self) -> None:
        """Say at once that this is a stream."""
        self._begin()

    def close(self) -> None:
        self._begin()
        self._rest()
        self.reply.end()

    def abandon(self) -> None:
        """The host has left."""
        self._rest()

    def _begin(self) -> None:
        if not self.reply.begun:
            self.reply.begin(200, {**EVENTS, **self._headers})
            if self._start is not None:
                self.reply.write(b"id: %b\ndata:\n\n" % self._start.encode())

    def _live(self) -> None:
        self._begin()
        self.reply.write(_SIGN_OF_LIFE)
        self._timer = self._loop.call_later(QUIET, self._live)

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def refuse(
    reply: Reply, status: int, code: int, message: str, *, identity: Any = None, data: Any = None
) -> None:
    """Answer in the words of JSON-RPC with a status of HTTP."""
    reply.respond(status, jsonrpc.encode_error(identity, code, message, data), JSON)


def _event(message: bytes, identity: str | None = None) -> bytes:
    if b"\n" in message or b"\r" in message:  # between the tokens of the JSON text, where any space will do
        message = b"\ndata: ".join(message.splitlines())
    name = b"" if identity is None else b"id: %b\n" % identity.encode()
    return b"event: message\n%bdata: %b\n\n" % (name, message)
