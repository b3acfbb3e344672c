"""Fenced code blocks of Markdown: whether one is open at a place, so that a cut can close it and open it again."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mcpctl.model.value import NamedTuple
from mcpctl.policy.truncation.utf8 import Text, part_of, shape_of

_FENCE = re.compile(r"([ \t]{0,12})(`{3,64}|~{3,64})([^\n]{0,200})")
"""Longer rows of signs are decoration."""

_NEXT = re.compile(rf"\n{_FENCE.pattern}")
"""Begins with a literal, which the engine looks for faster than for the start of a line."""


class Fence(NamedTuple):
    indent: str
    mark: str
    info: str

    @property
    def opening(self) -> str:
        return f"{self.indent}{self.mark}{self.info}"

    @property
    def closing(self) -> str:
        return f"{self.indent}{self.mark}"


def open_fence(text: Text, end: int) -> Fence | None:
    """The code block that is open at `end`, if any."""
    opened: re.Match[str] | None = None
    for found in _fences(shape_of(text), end):
        _, mark, info = found.groups()
        if opened is None:
            # An info string with backticks is inline code.
            if not (mark[0] == "`" and "`" in info):
                opened = found
        elif mark.startswith(opened[2]) and not info.strip():
            opened = None
    if opened is None:
        return None
    return Fence(opened[1], opened[2], part_of(text, *opened.span(3)).rstrip("\r"))


def _fences(text: str, end: int) -> Iterator[re.Match[str]]:
    first = _FENCE.match(text, 0, end)
    if first is not None:
        yield first
    yield from _NEXT.finditer(text, 0, end)
