from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mcpctl.policy import longtext
from mcpctl.policy.longtext import as_text, as_utf8, pieces


@given(st.text(st.sampled_from("ab\r\né€😀"), max_size=200), st.integers(5, 30))
def test_pieces_are_the_text_and_split_no_character_and_no_line_end(text, size):
    before, longtext.PIECE = longtext.PIECE, size
    try:
        found = list(pieces(text.encode()))
    finally:
        longtext.PIECE = before
    assert "".join(found) == text
    assert all(0 < len(piece.encode()) <= size for piece in found)
    assert not any(one.endswith("\r") and other.startswith("\n") for one, other in pairwise(found))


def test_lines_stay_whole_where_they_are_shorter_than_a_piece():
    text = "".join(f"line {at} 😀\n" for at in range(200_000))
    found = list(pieces(text.encode()))
    assert len(found) > 2
    assert all(piece.endswith("\n") for piece in found)


@given(st.text(st.sampled_from("ab\r\né😀"), max_size=200), st.integers(5, 30))
def test_lines_that_must_not_be_split_are_not(text, size):
    before, longtext.PIECE = longtext.PIECE, size
    try:
        found = list(pieces(text.encode(), split_lines=False))
    finally:
        longtext.PIECE = before
    assert "".join(found) == text
    assert all(piece.endswith("\n") for piece in found[:-1])


def test_both_kinds_of_text_become_each_other():
    assert as_text("é".encode()) == as_text("é") == "é"
    assert as_utf8("é") == as_utf8("é".encode()) == "é".encode()
