"""Fenced code blocks of Markdown: whether one is open at a place, so that a cut can close it and open it again."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mcpctl.model.value import NamedTuple

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


def open_fence(text: str, end: int) -> Fence | None:
    """The code block that is open at `end`, if any."""
    state: Fence | None = None
    for indent, mark, info in _fences(text, end):
        if state is None:
            # An info string with backticks is inline code.
            if not (mark[0] == "`" and "`" in info):
                state = Fence(indent, mark, info.rstrip("\r"))
        elif mark.startswith(state.mark) and not info.strip():
            state = None
    return state


def _fences(text: str, end: int) -> Iterator[tuple[str, ...]]:
    first = _FENCE.match(text, 0, end)
    if first is not None:
        yield first.groups()
    for found in _NEXT.finditer(text, 0, end):
        yield found.groups()
