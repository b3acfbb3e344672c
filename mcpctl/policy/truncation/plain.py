"""Any text that is not JSON: its first and last lines or characters, with a line in between that says what is missing.

The line stands only between two parts: a text that just ends early is told about elsewhere, so that `--head 5` gives
five lines and nothing else.
"""

from __future__ import annotations

from mcpctl.model.value import NamedTuple
from mcpctl.policy.truncation.edges import LONGEST_ESCAPE, safe_end, safe_start
from mcpctl.policy.truncation.fences import open_fence
from mcpctl.policy.truncation.lines import count_lines, end_of_lines, start_of_lines
from mcpctl.policy.truncation.utf8 import Text, part_of, shape_of
from mcpctl.policy.truncation.window import Window

TRIES = 3
"""Marker and fences take room of their own, which depends on where the cut is; then they are left out."""

LONGEST_LINE = 4096
"""Characters around the cut in which the kind of line ends is looked for."""


class Shown(NamedTuple):
    text: str
    chars: int
    lines: int


class Parts(NamedTuple):
    front: str
    back: str


def cut_plain(text: Text, window: Window, *, total_lines: int) -> Shown:
    cutter = _Cutter(text, window, total_lines)
    parts = cutter.by_lines()
    room = window.chars
    if room is None:
        return cutter.shown(parts, cutter.assembled(parts))
    allowed = room
    for _ in range(TRIES):
        trimmed = cutter.trimmed(parts, allowed)
        result = cutter.assembled(trimmed)
        if len(result) <= room:
            return cutter.shown(trimmed, result)
        allowed = max(0, allowed - (len(result) - room))
    bare = cutter.trimmed(parts, room)
    return cutter.shown(bare, bare.front + bare.back)


class _Cutter:
    def __init__(self, text: Text, window: Window, total_lines: int) -> None:
        self._text = text
        self._shape = shape_of(text)
        self._window = window
        self._lines = total_lines
        self._head_share, self._tail_share = window.sides
        self._fenced = "```" in self._shape or "~~~" in self._shape

    def by_lines(self) -> Parts:
        """The parts that the line limits leave; of a text that may stay whole, as much as the room could hold
        and a look beyond it.
        """
        size, window = len(self._shape), self._window
        reach = size if window.chars is None else window.chars + LONGEST_ESCAPE
        if window.head is not None and window.tail is not None and self._lines > window.head + window.tail:
            front = end_of_lines(self._shape, window.head)
            back = start_of_lines(self._shape, window.tail)
        else:
            front = size if self._head_share else 0
            back = 0 if self._tail_share else size
        return Parts(
            part_of(self._text, 0, min(front, reach)),
            part_of(self._text, max(back, size - reach), size),
        )

    def trimmed(self, parts: Parts, room: int) -> Parts:
        """Both parts in so many characters, divided as the lines were; what one does not need the other gets."""
        front, back = parts
        first = room * self._head_share // (self._head_share + self._tail_share)
        first = min(len(front), max(first, room - len(back)))
        last = min(len(back), room - first)
        return Parts(front[: safe_end(front, first)], back[safe_start(back, len(back) - last) :])

    def assembled(self, parts: Parts) -> str:
        front, back = parts
        newline = "\r\n" if "\r\n" in front[-LONGEST_LINE:] or "\r\n" in back[:LONGEST_LINE] else "\n"
        pieces = [front]
        closed = open_fence(front, len(front)) if self._fenced else None
        if closed is not None:
            pieces += (_break(front, newline), closed.closing, newline)
        if self._head_share and self._tail_share:
            pieces += (_break("" if closed else front, newline), self._marker(parts), newline)
        begin = len(self._shape) - len(back)
        reopened = open_fence(self._text, begin) if self._fenced and back else None
        if reopened is not None:
            pieces += (reopened.opening, newline)
        pieces.append(back)
        return "".join(pieces)

    def shown(self, parts: Parts, result: str) -> Shown:
        return Shown(result, len(parts.front) + len(parts.back), self._shown_lines(parts))

    def _marker(self, parts: Parts) -> str:
        chars = len(self._shape) - len(parts.front) - len(parts.back)
        lines = self._lines - self._shown_lines(parts)
        said = f"{chars:,} character{'s' if chars != 1 else ''}"
        if lines > 0:
            said = f"{lines:,} line{'s' if lines != 1 else ''} ({said})"
        return f"… {said} left out …"

    def _shown_lines(self, parts: Parts) -> int:
        front, back = parts
        lines = count_lines(front) + count_lines(back)
        same_line = front and back and not front.endswith("\n")
        if same_line and lines > self._lines:
            return self._lines
        return lines


def _break(text: str, newline: str) -> str:
    return newline if text and not text.endswith("\n") else ""
