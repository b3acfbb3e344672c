"""Lines that break between words, and only there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mcpctl.render.blocks import Cell
from mcpctl.render.flow import HANGING, flowed
from mcpctl.render.width import columns_of

WORDS = st.lists(st.text("ab漢 ", max_size=9).map(Cell), min_size=1, max_size=8)


def texts(cells: list[Cell], width: int) -> list[str]:
    return ["".join(cell.text for cell in line) for line in flowed(cells, width)]


def test_what_follows_a_break_is_indented_behind_the_beginning() -> None:
    cells = [Cell("  "), Cell("add", "name"), Cell("(a: integer, b: integer)  [read-only]")]
    assert texts(cells, 24) == ["  add(a: integer, b:", "      integer)", "      [read-only]"]


def test_parts_keep_their_styles() -> None:
    (first, second) = flowed([Cell("one two ", "bad"), Cell("three", "good")], 9)
    assert first == [Cell("one two", "bad")], "neighbours of one style are coloured once"
    assert [cell.style for cell in second if cell.text.strip()] == ["good"]


@given(WORDS, st.integers(HANGING + 10, 40))
def test_no_word_is_lost_and_no_line_is_longer_than_its_longest_word_makes_it(
    cells: list[Cell], width: int
) -> None:
    lines = texts(cells, width)
    assert "".join(lines).replace(" ", "") == "".join(cell.text for cell in cells).replace(" ", "")
    for line in lines:
        assert columns_of(line.rstrip()) <= width or len(line.split()) == 1
