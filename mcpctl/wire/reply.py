"""The answer to one HTTP request: written at once, or as a stream of chunks while it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final, Protocol

_REASONS: Final = {status.value: status.phrase for status in HTTPStatus}


class Carrier(Protocol):
    """The connection that a request came on."""

    def write(self, data: bytes) -> None: ...

    def answered(self, *, keep: bool) -> None:
        """The answer is complete; `keep`: the connection may carry another one."""


class Reply:
    """The answer to one request: `respond`, or `begin`, any number of `write`, and `end`."""

    __slots__ = ("_chunked", "_connection", "_keep", "_only_head", "begun", "gone")

    def __init__(self, connection: Carrier, *, keep: bool, chunked: bool, only_head: bool) -> None:
        self._connection: Carrier | None = connection
        self._keep = keep
        self._chunked = chunked
        self._only_head = only_head
        self.begun = False
        self.gone: Callable[[], None] | None = None
        """Called when the client leaves before the end."""

    @property
    def open(self) -> bool:
        return self._connection is not None

    def respond(
        self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None, *, close: bool = False
    ) -> None:
        if self._connection is None:
            return
        keep = self._keep and not close
        head = response_head(status, {"content-length": str(len(body)), **(headers or {})}, keep=keep)
        self._connection.write(head if self._only_head else head + body)
        self._leave(keep=keep)

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        self.begun = True
        if self._connection is not None:
            self._keep = self._keep and self._chunked
            coding = {"transfer-encoding": "chunked"} if self._chunked else {}
            self._connection.write(response_head(status, {**headers, **coding}, keep=self._keep))

    def write(self, chunk: bytes) -> None:
        if self._connection is not None and chunk:
            self._connection.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if self._chunked else chunk)

    def end(self) -> None:
        if self._connection is not None:
            if self._chunked:
                self._connection.write(b"0\r\n\r\n")
            self._leave(keep=self._keep)

    def lost(self) -> None:
        """The client has left."""
        self._connection = None
        if self.gone is not None:
            self.gone()

    def _leave(self, *, keep: bool) -> None:
        connection, self._connection = self._connection, None
        assert connection is not None
        connection.answered(keep=keep)


def response_head(status: int, headers: Mapping[str, str], *, keep: bool) -> bytes:
    lines = [f"HTTP/1.1 {status} {_REASONS.get(status, '')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if not keep:
        lines.append("connection: close")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
