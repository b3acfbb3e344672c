"""Lines by offset: a text of a quarter of a gigabyte is never split into a list. Works on characters and on UTF-8."""

from __future__ import annotations

from typing import Any

COUNTED_AT_ONCE = 1 << 20
"""Bytes; counting characters of UTF-8 copies what it looks at."""

_CONTINUATION = bytes(range(0x80, 0xC0))


def count_lines(text: str | bytes) -> int:
    """As an editor counts: a line feed at the very end does not begin another line."""
    if not text:
        return 0
    newline = _newline_of(text)
    return text.count(newline) + (not text.endswith(newline))


def count_chars(text: str | bytes) -> int:
    if isinstance(text, str) or text.isascii():
        return len(text)
    view = memoryview(text)
    return sum(
        len(bytes(view[start : start + COUNTED_AT_ONCE]).translate(None, _CONTINUATION))
        for start in range(0, len(text), COUNTED_AT_ONCE)
    )


def end_of_lines(text: str | bytes, count: int) -> int:
    """The offset behind the first `count` lines."""
    newline, at = _newline_of(text), 0
    for _ in range(count):
        at = text.find(newline, at) + 1
        if at == 0:
            return len(text)
    return at


def start_of_lines(text: str | bytes, count: int) -> int:
    """The offset at which the last `count` lines begin."""
    if count <= 0:
        return len(text)
    newline = _newline_of(text)
    at = len(text) - 1 if text.endswith(newline) else len(text)
    for _ in range(count):
        at = text.rfind(newline, 0, at)
        if at < 0:
            return 0
    return at + 1


def decoded(text: str | bytes, start: int, end: int) -> str:
    """A part of the text; half a character at either end of a part of UTF-8 is left out."""
    if isinstance(text, str):
        return text[start:end]
    while start < end and text[start] & 0xC0 == 0x80:
        start += 1
    last = end
    while start < last < len(text) and text[last] & 0xC0 == 0x80:
        last -= 1
    return text[start:last].decode("utf-8", "replace")


def _newline_of(text: str | bytes) -> Any:
    """Any: the methods of both kinds of text take their own kind, which no type can say here."""
    return "\n" if isinstance(text, str) else b"\n"
