"""How many columns of a terminal a text takes, and how to make it take fewer."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right

ELLIPSIS = "…"

UNSEEN = frozenset({"Mn", "Me", "Cf"})
"""Categories of marks that take no column of their own."""


def columns_of(text: str) -> int:
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in UNSEEN:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def elide(text: str, limit: int) -> str:
    """Cut in the middle: the beginning and the end of a name tell most about it."""
    if columns_of(text) <= limit:
        return text
    if limit <= 1:
        return ELLIPSIS[:limit]
    tail = (limit - 1) // 2
    return _fitting(text, limit - 1 - tail) + ELLIPSIS + _fitting(text[::-1], tail)[::-1]


def _fitting(text: str, limit: int) -> str:
    taken = 0
    for index, character in enumerate(text):
        taken += _columns(character)
        if taken > limit:
            return text[:index]
    return text


def wrapped(text: str, width: int) -> list[str]:
    """Lines of a text, broken between words, and inside of one only where it fits no line. Counts columns."""
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if columns_of(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while columns_of(line) > width:
            piece = _fitting(line, width) or line[0]
            lines.append(piece)
            line = line[len(piece) :]
    return [*lines, line]


def pad(text: str, width: int) -> str:
    return text + " " * (width - columns_of(text))


def share(natural: list[int], *, available: int, least: int) -> list[int] | None:
    """Widths of columns so that they fit: the widest give, down to a common limit. None where no limit is enough."""
    limits = range(least, max(natural) + 1)
    fitting = bisect_right(limits, available, key=lambda limit: sum(min(width, limit) for width in natural))
    if not fitting:
        return None if sum(natural) > available else natural
    return [min(width, limits[fitting - 1]) for width in natural]
