"""Server-sent events from bytes, in whatever pieces they arrive.

Linear in what arrives, however it is cut, and bounded: an event over the cap raises instead of growing. An event that
its stream never finished is never given out, and its id does not count.
"""

from __future__ import annotations

from mcpctl.errors import ProtocolError
from mcpctl.model.value import NamedTuple
from mcpctl.wire.pieces import Pieces

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MAX_RETRY_DIGITS = 9
"""A longer `retry:` is a mistake, not eleven days of waiting."""
MAX_ID = 4096
"""Bytes of an event id: it comes back to the server in a header."""


class Event(NamedTuple):
    type: bytes
    data: bytes


class EventParser:
    """Feed it chunks, get complete events; `last_id` and `retry` are what a reconnection needs."""

    __slots__ = (
        "_bom",
        "_data",
        "_id",
        "_limit",
        "_lines",
        "_partial",
        "_size",
        "_skip_newline",
        "_type",
        "last_id",
        "retry",
    )

    def __init__(self, limit: int) -> None:
        self.last_id: bytes | None = None
        self.retry: float | None = None
        """Seconds to wait before a reconnection, where the server said so."""
        self._limit = limit
        self._partial = Pieces()
        self._data = Pieces()
        self._lines = 0
        """Of the data: an event of empty ones is not none."""
        self._size = 0
        self._type = b""
        self._id: bytes | None = None
        self._skip_newline = False
        self._bom = True

    def restart(self) -> None:
        """Begin again on a new connection: what the old one cut off is dropped, `last_id` and `retry` stay."""
        self._partial.take()
        self._data.take()
        self._lines = 0
        self._size = 0
        self._type = b""
        self._id = None
        self._skip_newline = False
        self._bom = True

    def feed(self, chunk: bytes) -> list[Event]:
        """Raises `ProtocolError` when one event grows over the limit."""
        if self._skip_newline and chunk:
            self._skip_newline = False
            chunk = chunk.removeprefix(b"\n")
        end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r")) + 1
        if not end:
            self._hold(chunk)
            return []
        # A newline that only the next chunk brings belongs to this carriage return.
        self._skip_newline = end == len(chunk) and chunk.endswith(b"\r")
        block = chunk[:end]
        if self._partial:
            self._size -= len(self._partial)
            self._partial.add(block)
            block = self._partial.take()
        lines = self._without_mark(block).splitlines()
        del block  # it may be as large as the limit
        if end < len(chunk):
            self._hold(chunk[end:])
        events = []
        for line in lines:
            if line:
                self._field(line)
            elif (event := self._dispatch()) is not None:
                events.append(event)
        return events

    def _hold(self, rest: bytes) -> None:
        if rest:
            self._partial.add(rest)
            self._grow(len(rest))

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > self._limit:
            message = f"an event of the stream is over the limit of {self._limit} bytes"
            raise ProtocolError(message, code="protocol.too_large", hint="raise `limits.max_message`")

    def _without_mark(self, block: bytes) -> bytes:
        if self._bom:
            self._bom = False
            return block.removeprefix(BYTE_ORDER_MARK)
        return block

    def _field(self, line: bytes) -> None:
        if line.startswith(b"data:"):  # may be huge: copied once
            self._add(line[6:] if line.startswith(b"data: ") else line[5:])
            return
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._add(value)
        elif name == b"event":
            self._type = value[:MAX_ID]
        elif name == b"id":
            if b"\0" not in value and len(value) <= MAX_ID:
                self._id = value
        elif name == b"retry" and value.isdigit() and len(value) <= MAX_RETRY_DIGITS:
            self.retry = int(value) / 1000

    def _add(self, value: bytes) -> None:
        self._grow(len(value) + 1)
        if self._lines:
            self._data.add(b"\n")
        self._data.add(value)
        self._lines += 1

    def _dispatch(self) -> Event | None:
        if self._id is not None:
            self.last_id = self._id or None
            self._id = None
        kind, self._type = self._type, b""
        if not self._lines:
            return None
        data, self._lines = self._data.take(), 0
        self._size -= len(data) + 1
        return Event(kind or b"message", data)
