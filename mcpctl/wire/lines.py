"""Cuts a byte stream at line feeds: linear whatever the chunks, and bounded whatever the line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

_KEPT: Final = 512
"""Bytes kept of either end of a line that is too long, to find out whose it was."""


class Oversized(Protocol):
    """A line passed the limit and is skipped; called again with the true tail once it has `ended`, if it ever does."""

    def __call__(self, head: bytes, tail: bytes, /, *, ended: bool) -> None: ...


class LineSplitter:
    __slots__ = ("_emit", "_head", "_limit", "_oversized", "_partial", "_skipping", "_tail")

    def __init__(self, emit: Callable[[bytes], None], oversized: Oversized, *, limit: int) -> None:
        self._emit = emit
        self._oversized = oversized
        self._limit = limit
        self._partial = bytearray()
        self._skipping = False
        self._head = b""
        self._tail = b""

    def feed(self, chunk: bytes) -> None:
        lines = chunk.split(b"\n")
        rest = lines.pop()
        if lines and (self._partial or self._skipping):
            lines[0] = self._completed(lines[0])
        if len(chunk) > self._limit:
            lines = [line for line in lines if self._fits(line)]
        for line in lines:
            self._emit(line)
        if rest:
            self._keep(rest)

    def finish(self) -> bytes:
        """What came after the last line feed."""
        last, self._partial = bytes(self._partial), bytearray()
        return last

    def _completed(self, end: bytes) -> bytes:
        if self._skipping:
            self._skipping = False
            self._oversized(self._head, (self._tail + end)[-_KEPT:], ended=True)
            return b""
        self._partial += end
        line = self.finish()
        return line if self._fits(line) else b""

    def _fits(self, line: bytes) -> bool:
        if len(line) > self._limit:
            self._oversized(line[:_KEPT], line[-_KEPT:], ended=False)
            self._oversized(line[:_KEPT], line[-_KEPT:], ended=True)
            return False
        return True

    def _keep(self, rest: bytes) -> None:
        if self._skipping:
            self._tail = (self._tail + rest)[-_KEPT:]
            return
        self._partial += rest
        if len(self._partial) > self._limit:
            self._skipping = True
            self._head = bytes(self._partial[:_KEPT])
            self._tail = bytes(self._partial[-_KEPT:])
            self._partial = bytearray()
            self._oversized(self._head, b"", ended=False)
