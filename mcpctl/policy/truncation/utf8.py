"""A text that stays UTF-8: Python gives every character four bytes as soon as one of them is an emoji.

It is counted and searched by its `shape`, which has one small character for each of its own, ASCII as it is; so an
offset in the shape is one in the text. Only what is shown is decoded.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right

STRIDE = 4096
"""Bytes between two places whose offset is remembered: a part begins that near to one of them."""

_CONTINUATION = bytes(range(0x80, 0xC0))


class Utf8:
    """Wants valid UTF-8."""

    __slots__ = ("_before", "_data", "shape")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.shape = data.translate(None, _CONTINUATION).decode("latin-1")
        self._before = array("Q")
        """Characters that begin before every `STRIDE` bytes."""
        count = 0
        for start in range(0, len(data), STRIDE):
            self._before.append(count)
            count += len(data[start : start + STRIDE].translate(None, _CONTINUATION))

    def part(self, start: int, end: int) -> str:
        return self._data[self._offset(start) : self._offset(end)].decode("utf-8", "replace")

    def around(self, end: int, middle: str, start: int) -> bytes:
        """What stands before `end`, then `middle`, then what stands behind `start`."""
        view = memoryview(self._data)
        return b"".join((view[: self._offset(end)], middle.encode(), view[self._offset(start) :]))

    def _offset(self, at: int) -> int:
        """Bytes before this character."""
        if at >= len(self.shape):
            return len(self._data)
        block = bisect_right(self._before, at) - 1
        start = block * STRIDE
        piece = self._data[start : start + STRIDE]
        begun = len(piece) - len(piece.lstrip(_CONTINUATION))  # of a character before
        whole = piece[begun:].decode("utf-8", "ignore")[: at - self._before[block]]
        return start + begun + len(whole.encode())


Text = str | Utf8


def shape_of(text: Text) -> str:
    """What is searched in place of the text; of a text of Python, itself."""
    return text if isinstance(text, str) else text.shape


def part_of(text: Text, start: int, end: int) -> str:
    return text[start:end] if isinstance(text, str) else text.part(start, end)
