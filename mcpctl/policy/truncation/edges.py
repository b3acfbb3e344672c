"""Where a text may be cut: not inside a character as people see it, an escape sequence or a CRLF.

Looks only at the neighbourhood of a place. Refuses to know every rule of Unicode: an unknown cluster may be split, a
code point never.
"""

from __future__ import annotations

import re
from unicodedata import category

from mcpctl.policy.truncation.utf8 import Text, shape_of

LONGEST_CLUSTER = 64
"""Letters with more marks than this are an attack on the screen, not writing."""

LONGEST_ESCAPE = 4096
"""Longer ones, such as images in the text, are cut like anything else."""

NEAR = LONGEST_ESCAPE + 4 * LONGEST_CLUSTER
"""Characters on either side of a place that have a say in it, with room for a cluster before an escape sequence."""

_ESCAPE = re.compile(
    r"\x1b(?:\[[0-?]*+[ -/]*+[@-~]"  # CSI: colours and the cursor
    r"|\][^\x07\x1b]*+(?:\x07|\x1b\\)"  # OSC: titles and links
    r"|[PX^_][^\x1b]*+\x1b\\"  # DCS, SOS, PM, APC
    r"|[ -/]*+[0-Z\\^-~])"
)

_JOINER = "\u200d"
_FIRST_MARK = "\u0300"
"""Nothing below it continues the character before."""


def safe_end(text: Text, at: int) -> int:
    """The nearest place at or before `at` where the text may end."""
    if isinstance(text, str):
        return _safe_end(text, at)
    start = max(0, at - NEAR)
    return start + _safe_end(text.part(start, at + NEAR), at - start)


def safe_start(text: Text, at: int) -> int:
    """The nearest place at or behind `at` where the text may begin."""
    while at < len(shape_of(text)) and safe_end(text, at) != at:
        at += 1
    return at


def _safe_end(text: str, at: int) -> int:
    if not 0 < at < len(text):
        return at
    at = _before_escape(text, at)
    if at > 0 and text[at - 1] == "\r" and text[at] == "\n":
        return at - 1
    return _before_cluster(text, at)


def _before_escape(text: str, at: int) -> int:
    lowest = max(0, at - LONGEST_ESCAPE)
    start = text.rfind("\x1b", lowest, at)
    # The escape character that ends a sequence is not the one that begins it: one more look back tells.
    for begins in (start, text.rfind("\x1b", lowest, start) if start > 0 else -1):
        if begins < 0:
            continue
        found = _ESCAPE.match(text, begins, begins + LONGEST_ESCAPE)
        if found and begins < at < found.end():
            at = begins
    return at


def _before_cluster(text: str, at: int) -> int:
    end = at
    while end > 0 and at - end < LONGEST_CLUSTER and _continues(text, end):
        end -= 1
    return at if end > 0 and _continues(text, end) else end


def _continues(text: str, at: int) -> bool:
    """Whether the code point at `at` belongs to the one before it."""
    before, character = text[at - 1], text[at]
    if character < _FIRST_MARK:
        return before == _JOINER
    if _JOINER in (character, before) or category(character) in {"Mn", "Mc", "Me"}:
        return True
    if "\udc00" <= character <= "\udfff":
        return "\ud800" <= before <= "\udbff"
    if "\U0001f1e6" <= character <= "\U0001f1ff":
        return _flags_before(text, at) % 2 == 1
    return (
        "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= character <= "\U000e007f"  # tags of flags
        or "\u1160" <= character <= "\u11ff"  # vowels and ends of Hangul syllables
    )


def _flags_before(text: str, at: int) -> int:
    """Regional indicators in a row: two of them are one flag."""
    count = 0
    while count < min(at, LONGEST_CLUSTER) and "\U0001f1e6" <= text[at - 1 - count] <= "\U0001f1ff":
        count += 1
    return count
