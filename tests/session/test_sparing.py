"""Large texts are read into UTF-8, and are what any other parser makes of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpctl.errors import ProtocolError
from mcpctl.model.server import CacheSpec
from mcpctl.session import answers, session, sparing
from mcpctl.session.answers import as_object, as_tool_result
from mcpctl.session.sparing import spared
from tests.session.places import echo, managing
from tests.support import run

UNITS = st.sampled_from(
    ["a", '"', "\\", "\\u", "\n", "\r\n", "\x1b[31m", "é", "e\u0301", "😀", "👩\u200d🚀", "\x00"]
)


@given(st.lists(UNITS, max_size=120).map("".join), st.integers(1, 40), st.booleans())
@settings(max_examples=150, deadline=None)
def test_a_text_read_in_pieces_is_the_text(text: str, size: int, ascii_only: bool) -> None:
    written = json.dumps({"content": [{"type": "text", "text": text}]}, ensure_ascii=ascii_only).encode()
    before, sparing.PIECE = sparing.PIECE, 200 + size
    try:
        found = spared(written, long=0)
    finally:
        sparing.PIECE = before
    assert found == {"content": [{"type": "text", "text": text.encode()}]}


@pytest.mark.parametrize(
    "odd", ["[1]", '{"content": 1}', '{"content": [1, NaN]}', '{"content": [{"text": "\\ud800"}]}', "[{"]
)
def test_what_the_strict_parser_refuses_is_read_as_ever(odd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "LONG", 1)
    outcomes = []
    for read in (as_tool_result, lambda text: as_object(text, "tools/call")):
        try:
            outcomes.append(read(odd.encode()))
        except ProtocolError as error:
            outcomes.append({"error": error.message})
    assert outcomes[0] == outcomes[1]


def test_only_who_asks_for_it_gets_utf8(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (answers, session):
        monkeypatch.setattr(module, "LONG", 10)
    long = "long enough 😀"

    async def check() -> None:
        cached = echo(cache=CacheSpec(tools={"echo": 60.0}))
        async with managing(tmp_path, cached) as manager, manager.open("echo") as opened:
            for spare, expected in ((False, long), (True, long.encode()), (False, long)):
                result = await opened.call_tool("echo", {"text": long}, spare=spare)
                assert result.content[0]["text"] == expected

    run(check())
