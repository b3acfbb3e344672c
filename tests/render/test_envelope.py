"""The envelope in pieces is the envelope."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpctl.policy import longtext
from mcpctl.render import envelope
from mcpctl.render.envelope import encode, in_pieces

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=8), inner, max_size=6),
    max_leaves=30,
)


@given(VALUES)
def test_pieces_add_up_to_the_whole(value: Any) -> None:
    assert "".join(in_pieces(value)) == f"{encode(value)}\n"


@pytest.mark.parametrize(
    "text", ["x" * 100, 'quo"te\\' * 20, "\x1b[31m\u202e\r\n" * 20, "\N{GRINNING FACE}é" * 30]
)
def test_a_text_in_utf8_is_written_like_any_other(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(longtext, "PIECE", 9)
    for size in (7, 1 << 20):
        monkeypatch.setattr(envelope, "PIECE", size)
        assert "".join(in_pieces({"text": text.encode()})) == f"{encode({'text': text})}\n"


@pytest.mark.parametrize(
    "text", ["x" * 100, 'quo"te\\' * 20, "\x1b[31m\u202e\r\n" * 20, "\N{GRINNING FACE}é" * 30, "\ud83d" * 50]
)
def test_a_long_text_is_cut_nowhere_that_shows(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envelope, "PIECE", 7)
    value = {"data": {"content": [{"text": text}], "text": text}, "odd": {1: text, "b": math.nan}}
    pieces = list(in_pieces(value))
    assert "".join(pieces) == f"{encode(value)}\n"
    assert len(pieces) > 10
    assert json.loads("".join(pieces))["data"]["text"] == text
