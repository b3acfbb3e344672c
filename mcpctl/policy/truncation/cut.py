"""One text and one window: whole, shortened as JSON, or cut as text. The front door of this room."""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar

import msgspec

from mcpctl.model.server import TruncateSpec
from mcpctl.model.value import dataclass
from mcpctl.policy.truncation.lines import count_lines
from mcpctl.policy.truncation.plain import cut_plain
from mcpctl.policy.truncation.utf8 import Text, Utf8, part_of, shape_of
from mcpctl.policy.truncation.window import CHARS_PER_TOKEN, Window, window_for

Given = TypeVar("Given", bound=str | bytes)
Whole_co = TypeVar("Whole_co", bound=str | bytes, covariant=True)

LOOKED_AT = 1024
"""Characters in which JSON has to begin; nobody indents the first bracket further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut(Generic[Whole_co]):
    """`lines` and `chars` are what is shown of the original; markers that were put in do not count."""

    text: Whole_co
    """A whole text is the very object that was given."""
    lines: int
    chars: int
    total_lines: int
    total_chars: int
    how: Literal["whole", "text", "json"] = "whole"
    note: str | None = None
    """One sentence for people; none for a whole text."""

    @property
    def shortened(self) -> bool:
        return self.how != "whole"


def cut(text: Given, spec: TruncateSpec | None, *, terminal: bool = False) -> Cut[Given]:
    """Of a text as it is, or in UTF-8, where only what is shown is copied."""
    viewed = _viewed(text)
    return _cut(text, viewed, window_for(spec, count_lines(shape_of(viewed)), terminal=terminal))


def cut_to(text: Given, window: Window) -> Cut[Given]:
    """For a window that was worked out before, such as one block's share of several."""
    return _cut(text, _viewed(text), window)


def _viewed(text: str | bytes) -> Text:
    return text if isinstance(text, str) else Utf8(text)


def _cut(given: Given, text: Text, window: Window) -> Cut[Given]:
    total_lines, total_chars = count_lines(shape_of(text)), len(shape_of(text))
    if window.holds(lines=total_lines, chars=total_chars):
        return Cut(
            text=given, lines=total_lines, chars=total_chars, total_lines=total_lines, total_chars=total_chars
        )
    how: Literal["text", "json"] = "text"
    shown: Any  # of the kind that was given
    if _is_json(given, text):
        from mcpctl.policy.truncation.shorten import shorten_json

        how = "json"
        shown, chars, lines = shorten_json(text, window)
        shown = shown if isinstance(given, str) else shown.encode()
    else:
        shown, chars, lines = cut_plain(text, window, total_lines=total_lines)
    return Cut(
        text=shown,
        lines=lines,
        chars=chars,
        total_lines=total_lines,
        total_chars=total_chars,
        how=how,
        note=note_of(lines, total_lines, chars, total_chars, tokens=window.tokens),
    )


def note_of(lines: int, total_lines: int, chars: int, total_chars: int, *, tokens: bool) -> str:
    said = f"showing {lines:,} of {total_lines:,} lines, {chars:,} of {total_chars:,} characters"
    return f"{said}; tokens are an estimate of {CHARS_PER_TOKEN} characters each" if tokens else said


def _is_json(given: str | bytes, text: Text) -> bool:
    """Whether it is one JSON value that can be cut inside: checked by a parser that builds nothing."""
    beginning = part_of(text, 0, LOOKED_AT).lstrip(" \t\r\n")
    if beginning[:1] not in ("{", "[", '"'):
        return False
    if isinstance(given, str) and not given.isascii():
        try:
            # A copy that goes away: given a text, the parser would keep its UTF-8 as long as the text lives.
            given = given.encode()
        except UnicodeEncodeError:
            return False
    try:
        msgspec.json.decode(given, type=msgspec.Raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return False
    return True
