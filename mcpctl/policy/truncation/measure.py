"""What a piece of text costs, in one number for both limits: characters and lines.

A piece costs the larger of its shares of the two limits. Sums of that are never too small, so what fits by this number
fits both.
"""

from __future__ import annotations

from mcpctl.policy.truncation.window import Window


class Measure:
    def __init__(self, text: str, window: Window) -> None:
        self._text = text
        newlines = None if window.lines is None or "\n" not in text else max(window.lines - 1, 0)
        chars = window.chars
        if newlines is None or chars is None:
            self._per_char = 0 if chars is None else 1
            self._per_newline = 0 if newlines is None else 1
            self.room = (chars or 0) + (newlines or 0)
        else:
            self._per_char = max(newlines, 1)
            self.room = chars * self._per_char
            self._per_newline = chars if newlines else self.room + 1

    def cost(self, start: int, end: int) -> int:
        """Of a piece of the text."""
        newlines = self._text.count("\n", start, end) if self._per_newline else 0
        return max((end - start) * self._per_char, newlines * self._per_newline)

    def cost_of(self, chars: int, newlines: int = 0) -> int:
        """Of something that will be written."""
        return max(chars * self._per_char, newlines * self._per_newline)

    def chars_in(self, room: int) -> int:
        """How many characters of one line fit; where only lines are limited, any number."""
        return max(room, 0) // self._per_char if self._per_char else len(self._text)
