"""The last words of a server: its stderr, drained as fast as it comes and kept within bounds."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

_LINES: Final = 200
"""Lines kept; a traceback of a deep framework fits."""
_CHARACTERS: Final = 2000
"""Characters kept of one line."""
_BYTES: Final = 4 * _CHARACTERS


class StderrTail:
    __slots__ = ("_lines", "_listener", "_partial", "count")

    def __init__(self, listener: Callable[[str], None] | None = None) -> None:
        """`listener` gets every line as it comes, cut like those that are kept."""
        self._listener = listener
        self._lines: deque[bytes] = deque(maxlen=_LINES)
        self._partial = b""
        self.count = 0

    def feed(self, chunk: bytes) -> None:
        number = chunk.count(b"\n")
        if not number:
            self._partial = (self._partial + chunk[:_BYTES])[:_BYTES]
            return
        self.count += number
        if self._listener is None and number > _LINES:
            chunk = b"\n".join(chunk.rsplit(b"\n", _LINES + 1)[1:])
            self._partial = b""
        lines = chunk.split(b"\n")
        lines[0] = self._partial + lines[0]
        self._partial = lines.pop()[:_BYTES]
        for line in lines:
            self._add(line)

    def finish(self) -> None:
        """Nothing more will come: what has no line end is a line too."""
        if self._partial:
            self.count += 1
            self._add(self._partial)
            self._partial = b""

    def lines(self) -> list[str]:
        return [_text(line) for line in self._lines]

    def last(self) -> str | None:
        """The last line that says anything."""
        return next((text for line in reversed(self._lines) if (text := _text(line).strip())), None)

    def _add(self, line: bytes) -> None:
        line = line[:_BYTES]
        self._lines.append(line)
        if self._listener is not None:
            self._listener(_text(line))


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").rstrip("\r")[:_CHARACTERS]
