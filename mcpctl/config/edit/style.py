"""How a file is written: its indentation, line ends and width, so that what is added looks like its neighbours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

_INLINE_WIDTH = 100
"""A list of plain values stays on one line up to here."""


@dataclass(frozen=True)
class Style:
    text: str

    @cached_property
    def newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"

    @cached_property
    def unit(self) -> str:
        """One step of indentation: the smallest that the file has."""
        found = re.findall(r"\n([ \t]+)[^\s]", self.text[:65536])
        if not found:
            return "  "
        return min(found, key=len) if found[0][0] != "\t" else "\t"

    @cached_property
    def spreads_lists(self) -> bool:
        """Whether lists of plain values stand on several lines, as `json.dumps(indent=2)` writes them."""
        spread = len(re.findall(r"\[[ \t]*\r?\n[ \t]*[\"'\d]", self.text[:65536]))
        inline = len(re.findall(r"\[[ \t]*[\"'\d][^\n]*\]", self.text[:65536]))
        return spread > inline

    def indent_at(self, offset: int) -> str:
        """The white space that begins the line of an offset."""
        start = self.line_start(offset)
        match = re.compile(r"[ \t]*").match(self.text, start)
        assert match is not None
        return match.group()

    def line_start(self, offset: int) -> int:
        return max(self.text.rfind("\n", 0, offset), self.text.rfind("\r", 0, offset)) + 1

    def fits(self, text: str) -> bool:
        return len(text) <= _INLINE_WIDTH
