"""One text and one window: whole, shortened as JSON, or cut as text. The front door of this room."""

from __future__ import annotations

from typing import Literal

import msgspec

from mcpctl.model.server import TruncateSpec
from mcpctl.model.value import dataclass
from mcpctl.policy.truncation.lines import count_chars, count_lines, decoded
from mcpctl.policy.truncation.plain import cut_plain
from mcpctl.policy.truncation.window import CHARS_PER_TOKEN, Window, window_for

LOOKED_AT = 1024
"""Characters in which JSON has to begin; nobody indents the first bracket further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """`lines` and `chars` are what is shown of the original; markers that were put in do not count."""

    text: str
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


def cut(text: str | bytes, spec: TruncateSpec | None, *, terminal: bool = False) -> Cut:
    """Text, or UTF-8 that is decoded only where it is shown: what is left out then costs no memory at all."""
    return cut_to(text, window_for(spec, count_lines(text), terminal=terminal))


def cut_to(text: str | bytes, window: Window) -> Cut:
    """For a window that was worked out before, such as one block's share of several."""
    total_lines, total_chars = count_lines(text), count_chars(text)
    if window.holds(lines=total_lines, chars=total_chars):
        whole = decoded(text, 0, len(text))
        return Cut(
            text=whole, lines=total_lines, chars=total_chars, total_lines=total_lines, total_chars=total_chars
        )
    how: Literal["text", "json"] = "text"
    if _is_json(text):
        from mcpctl.policy.truncation.shorten import shorten_json

        how = "json"
        shown, chars, lines = shorten_json(decoded(text, 0, len(text)), window)
    else:
        shown, chars, lines = cut_plain(text, window, total_lines=total_lines, total_chars=total_chars)
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


def _is_json(text: str | bytes) -> bool:
    """Whether it is one JSON value that can be cut inside: checked by a parser that builds nothing."""
    beginning = decoded(text, 0, min(len(text), LOOKED_AT)).lstrip(" \t\r\n")
    if beginning[:1] not in ("{", "[", '"'):
        return False
    if isinstance(text, str) and not text.isascii():
        try:
            # A copy that goes away: given a text, the parser would keep its UTF-8 as long as the text lives.
            text = text.encode()
        except UnicodeEncodeError:
            return False
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return False
    return True
