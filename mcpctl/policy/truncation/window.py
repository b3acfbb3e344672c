"""From what was asked for to numbers: lines of the beginning and the end, and characters in all."""

from __future__ import annotations

from collections.abc import Mapping

from mcpctl.model.server import TruncateSpec
from mcpctl.model.value import dataclass

CHARS_PER_TOKEN = 4
"""A rule of thumb for English; whoever shows it says that it is an estimate."""

TERMINAL_LINES = 200
TERMINAL_EACH = 100
"""What a person scrolls through without being asked: beyond 200 lines, the first and last 100."""

PRESETS: Mapping[str, tuple[int, int]] = {"preview": (100, 0), "summary": (50, 50), "recent": (0, 200)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """None is no limit. `head` and `tail` are both numbers or both none."""

    head: int | None = None
    tail: int | None = None
    chars: int | None = None
    tokens: bool = False
    """Whether `chars` was estimated from tokens."""
    split: tuple[int, int] | None = None
    """How the room is divided between beginning and end, where the lines do not say so."""

    @property
    def lines(self) -> int | None:
        return None if self.head is None or self.tail is None else self.head + self.tail

    @property
    def sides(self) -> tuple[int, int]:
        """The weights of beginning and end; never both zero."""
        if self.split is not None and any(self.split):
            return self.split
        return (self.head or 0, self.tail or 0) if self.lines else (1, 0)

    def holds(self, *, lines: int, chars: int) -> bool:
        """Whether a text of this size is shown whole."""
        fits_lines = self.lines is None or lines <= self.lines
        return fits_lines and (self.chars is None or chars <= self.chars)


def window_for(spec: TruncateSpec | None, total_lines: int, *, terminal: bool = False) -> Window:
    """Explicit numbers beat a preset; anything asked for beats what a terminal gets by default."""
    if spec is None or spec == TruncateSpec():
        return _terminal(total_lines) if terminal else Window()
    if spec.preset == "full":
        return Window()
    chars, tokens = _chars(spec)
    head, tail = _lines(spec, total_lines)
    return Window(head=head, tail=tail, chars=chars, tokens=tokens)


def _terminal(total_lines: int) -> Window:
    return Window(head=TERMINAL_EACH, tail=TERMINAL_EACH) if total_lines > TERMINAL_LINES else Window()


def _chars(spec: TruncateSpec) -> tuple[int | None, bool]:
    estimated = None if spec.max_tokens is None else spec.max_tokens * CHARS_PER_TOKEN
    if estimated is None or (spec.max_chars is not None and spec.max_chars <= estimated):
        return spec.max_chars, False
    return estimated, True


def _lines(spec: TruncateSpec, total_lines: int) -> tuple[int | None, int | None]:
    if spec.head is not None or spec.tail is not None:
        return spec.head or 0, spec.tail or 0
    if spec.preset == "adaptive":
        return _adaptive(total_lines)
    return PRESETS.get(spec.preset or "", (None, None))


def _adaptive(total_lines: int) -> tuple[int | None, int | None]:
    """The longer the text, the less of it helps."""
    if total_lines < 1_000:
        return None, None
    return (500, 500) if total_lines < 10_000 else (200, 200)
