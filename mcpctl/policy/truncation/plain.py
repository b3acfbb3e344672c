"""Any text that is not JSON: its first and last lines or characters, with a line in between that says what is missing.

The line stands only between two parts: a text that just ends early is told about elsewhere, so that `--head 5` gives
five lines and nothing else. Works with places in the text: only what is shown is copied, and once.
"""

from __future__ import annotations

from mcpctl.model.value import NamedTuple
from mcpctl.policy.truncation.edges import safe_end, safe_start
from mcpctl.policy.truncation.fences import open_fence
from mcpctl.policy.truncation.lines import count_lines, end_of_lines, start_of_lines
from mcpctl.policy.truncation.utf8 import Text, shape_of
from mcpctl.policy.truncation.window import Window

TRIES = 3
"""Marker and fences take room of their own, which depends on where the cut is; then they are left out."""

LONGEST_LINE = 4096
"""Characters around the cut in which the kind of line ends is looked for."""


class Shown(NamedTuple):
    text: str | bytes
    """UTF-8 of a text that is."""
    chars: int
    lines: int


class Parts(NamedTuple):
    """Where the first one ends and the last one begins."""

    front: int
    back: int


def cut_plain(text: Text, window: Window, *, total_lines: int) -> Shown:
    cutter = _Cutter(text, window, total_lines)
    parts = cutter.by_lines()
    room = window.chars
    if room is None:
        return cutter.shown(parts, cutter.between(parts))
    allowed = room
    for _ in range(TRIES):
        trimmed = cutter.trimmed(parts, allowed)
        between = cutter.between(trimmed)
        size = cutter.chars(trimmed) + len(between)
        if size <= room:
            return cutter.shown(trimmed, between)
        allowed = max(0, allowed - (size - room))
    return cutter.shown(cutter.trimmed(parts, room), "")


class _Cutter:
    def __init__(self, text: Text, window: Window, total_lines: int) -> None:
        self._text = text
        self._shape = shape_of(text)
        self._size = len(self._shape)
        self._window = window
        self._lines = total_lines
        self._head_share, self._tail_share = window.sides
        self._fenced = "```" in self._shape or "~~~" in self._shape

    def by_lines(self) -> Parts:
        """The parts that the line limits leave; of a text that may stay whole, all of it."""
        window = self._window
        if window.head is not None and window.tail is not None and self._lines > window.head + window.tail:
            return Parts(end_of_lines(self._shape, window.head), start_of_lines(self._shape, window.tail))
        return Parts(self._size if self._head_share else 0, 0 if self._tail_share else self._size)

    def trimmed(self, parts: Parts, room: int) -> Parts:
        """Both parts in so many characters, divided as the lines were; what one does not need the other gets."""
        length = self._size - parts.back
        first = room * self._head_share // (self._head_share + self._tail_share)
        first = min(parts.front, max(first, room - length))
        last = min(length, room - first)
        return Parts(
            first if first == parts.front else safe_end(self._text, first),
            parts.back if last == length else safe_start(self._text, self._size - last),
        )

    def between(self, parts: Parts) -> str:
        """What stands for the part that is left out."""
        front, back = parts
        newline = "\r\n" if self._has_carriage_returns(parts) else "\n"
        broken = newline if front and self._shape[front - 1] != "\n" else ""
        pieces: list[str] = []
        closed = open_fence(self._text, front) if self._fenced else None
        if closed is not None:
            pieces += (broken, closed.closing, newline)
        if self._head_share and self._tail_share:
            pieces += ("" if closed else broken, self._marker(parts), newline)
        reopened = open_fence(self._text, back) if self._fenced and back < self._size else None
        if reopened is not None:
            pieces += (reopened.opening, newline)
        return "".join(pieces)

    def shown(self, parts: Parts, between: str) -> Shown:
        text = self._text
        if isinstance(text, str):
            whole: str | bytes = f"{text[: parts.front]}{between}{text[parts.back :]}"
        else:
            whole = text.around(parts.front, between, parts.back)
        return Shown(whole, self.chars(parts), self._shown_lines(parts))

    def chars(self, parts: Parts) -> int:
        return parts.front + self._size - parts.back

    def _has_carriage_returns(self, parts: Parts) -> bool:
        front, back = parts
        before = self._shape.find("\r\n", max(0, front - LONGEST_LINE), front)
        return before >= 0 or self._shape.find("\r\n", back, back + LONGEST_LINE) >= 0

    def _marker(self, parts: Parts) -> str:
        chars = self._size - self.chars(parts)
        lines = self._lines - self._shown_lines(parts)
        said = f"{chars:,} character{'s' if chars != 1 else ''}"
        if lines > 0:
            said = f"{lines:,} line{'s' if lines != 1 else ''} ({said})"
        return f"… {said} left out …"

    def _shown_lines(self, parts: Parts) -> int:
        front, back = parts
        lines = count_lines(self._shape, 0, front) + count_lines(self._shape, back)
        same_line = front and back < self._size and self._shape[front - 1] != "\n"
        if same_line and lines > self._lines:
            return self._lines
        return lines
