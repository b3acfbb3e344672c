"""Lines by offset: a text of a quarter of a gigabyte is never split into a list."""

from __future__ import annotations


def count_lines(text: str, start: int = 0, end: int | None = None) -> int:
    """As an editor counts: a line feed at the very end does not begin another line."""
    end = len(text) if end is None else end
    return text.count("\n", start, end) + (start < end and text[end - 1] != "\n")


def end_of_lines(text: str, count: int) -> int:
    """The offset behind the first `count` lines."""
    at = 0
    for _ in range(count):
        at = text.find("\n", at) + 1
        if at == 0:
            return len(text)
    return at


def start_of_lines(text: str, count: int) -> int:
    """The offset at which the last `count` lines begin."""
    if count <= 0:
        return len(text)
    at = len(text) - 1 if text.endswith("\n") else len(text)
    for _ in range(count):
        at = text.rfind("\n", 0, at)
        if at < 0:
            return 0
    return at + 1
