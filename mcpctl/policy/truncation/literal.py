r"""Inside of a JSON string literal: where it may be cut, and how many characters a part of it stands for.

An escape such as `\u00e9`, a pair of them and an escaped colour sequence are units like a letter with its accents.
"""

from __future__ import annotations

import re

import msgspec

from mcpctl.policy.truncation.edges import safe_end
from mcpctl.policy.truncation.utf8 import Text, shape_of

DECODED_AT_ONCE = 1 << 20
"""Characters: counting must not need the memory that cutting saves."""

LONGEST_COLOUR = 40
"""Characters of an escaped colour sequence that are looked back for."""

_COLOUR = re.compile(r"\\u001[bB]\[[0-?]*+[ -/]*+[@-~]")
_HIGH = re.compile(r"\\u[dD][89abAB]")
_LOW = re.compile(r"\\u[dD][c-fC-F]")


def literal_end(whole: Text, low: int, at: int) -> int:
    """The nearest place at or before `at` where the content that begins at `low` may be cut."""
    if at <= low:
        return low
    at = max(low, safe_end(whole, at))
    text = shape_of(whole)
    at = _before_escape(text, low, at)
    if at - 6 >= low and _LOW.match(text, at) and _HIGH.match(text, at - 6):
        # The backslash may itself be escaped: then these are letters.
        before = _before_escape(text, low, at - 5)
        at = at - 6 if before == at - 6 else at
    colour = text.rfind("\\u001", max(low, at - LONGEST_COLOUR), at)
    found = _COLOUR.match(text, colour) if colour >= 0 else None
    return colour if found and colour < at < found.end() else at


def literal_start(text: Text, low: int, at: int, high: int) -> int:
    """The nearest place at or behind `at` where the content may go on."""
    while at < high and literal_end(text, low, at) != at:
        at += 1
    return at


def literal_length(text: str, start: int, end: int) -> int:
    """Characters that this part of the content stands for."""
    if "\\" not in text[start : min(end, start + 64)] and text.find("\\", start, end) < 0:
        return end - start
    length, at = 0, start
    while at < end:
        until = end
        if end - at > DECODED_AT_ONCE:
            until = literal_end(text, start, at + DECODED_AT_ONCE)
        length += len(msgspec.json.decode(f'"{text[at:until]}"', type=str))
        at = until
    return length


def _before_escape(text: str, low: int, at: int) -> int:
    """Only the last backslash that begins an escape matters: it is at most five characters back."""
    for place in range(at - 1, max(low, at - 6) - 1, -1):
        if text[place] == "\\" and _begins_escape(text, low, place):
            length = 6 if text[place + 1] == "u" else 2
            return place if place + length > at else at
    return at


def _begins_escape(text: str, low: int, place: int) -> bool:
    """In a row of backslashes every second one is escaped by the one before."""
    first = place
    while first > low and text[first - 1] == "\\":
        first -= 1
    return (place - first) % 2 == 0
