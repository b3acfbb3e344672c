"""Breaks a line of several parts between its words, so that a narrow terminal does not break it inside of them.

What follows a break is indented. A word that is longer than the terminal stays whole: it may be there to be copied.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from mcpctl.render.blocks import Cell
from mcpctl.render.width import columns_of

HANGING = 4
"""Columns that the rest of a line is indented, besides the indent of its beginning."""

_PIECES = re.compile(r" +|[^ ]+")


def flowed(cells: Sequence[Cell], width: int) -> Iterator[list[Cell]]:
    """Lines of cells. Spaces where a line is broken are gone."""
    line: list[Cell] = []
    taken, words, indent = 0, 0, _indent_of(cells)
    for piece in _pieces(cells):
        is_word = not piece.text.isspace()
        if is_word and words and taken + columns_of(piece.text) > width:
            yield _joined(line[:-1] if line[-1].text.isspace() else line)
            line, taken, words = [Cell(" " * indent)], indent, 0
        line.append(piece)
        taken += columns_of(piece.text)
        words += is_word
    yield _joined(line)


def _indent_of(cells: Sequence[Cell]) -> int:
    text = "".join(cell.text for cell in cells)
    return len(text) - len(text.lstrip(" ")) + HANGING


def _joined(line: Sequence[Cell]) -> list[Cell]:
    """Neighbours of one style in one piece, so that they are coloured once."""
    return [
        Cell("".join(cell.text for cell in cells), style)
        for style, cells in groupby(line, key=lambda cell: cell.style)
    ]


def _pieces(cells: Sequence[Cell]) -> Iterator[Cell]:
    for cell in cells:
        for found in _PIECES.findall(cell.text):
            yield Cell(found, cell.style)
