"""Names for the shell: what was seen last, without starting anything."""

from __future__ import annotations

from pathlib import Path

from mcpctl.session.shelf import Shelf
from tests.session.places import echo, managing
from tests.support import run


def test_what_was_listed_is_known_afterwards(tmp_path: Path) -> None:
    async def check() -> None:
        async with managing(tmp_path, echo()) as manager, manager.open("echo") as session:
            await session.tools()

    run(check())
    shelf = Shelf(tmp_path / "home/.cache/mcpctl/offers")
    assert shelf.tools(echo()) == {"echo": {"text": []}, "add": {"a": [], "b": []}, "fail": {}}
    assert shelf.tools(echo("other", "--modern")) == {}


def test_enumerations_and_booleans_have_values(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    properties = {"color": {"enum": ["red", 1]}, "loud": {"type": "boolean"}, "odd": True}
    shelf.keep(
        echo(),
        tools=[{"name": "paint", "inputSchema": {"properties": properties}}],
        others={"prompts": ["p"]},
    )
    assert shelf.tools(echo()) == {"paint": {"color": ["red", "1"], "loud": ["true", "false"], "odd": []}}
    assert shelf.names(echo(), "prompts") == ["p"]


def test_a_broken_shelf_is_an_empty_one(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "file" / "below")
    (tmp_path / "file").write_text("in the way")
    shelf.keep(echo(), tools=[], others={})
    assert shelf.tools(echo()) == {}


def test_a_damaged_file_is_written_anew(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.keep(echo(), tools=[], others={})
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"\xff")
    assert shelf.names(echo(), "prompts") == []
    shelf.keep(echo(), tools=[], others={"prompts": ["p"]})
    assert shelf.names(echo(), "prompts") == ["p"]
