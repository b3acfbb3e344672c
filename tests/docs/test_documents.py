"""Everything that a document types is typed here, and comes to what the document says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs import documents
from tests.docs.blocks import Step, blocks
from tests.docs.console import play, same


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_every_command_of_a_document_prints_what_it_says(document: Path, tmp_path: Path) -> None:
    played = play(blocks(document), tmp_path)
    wrong = {
        f"{document.name}:{first}: {step.command}": actual
        for first, outcomes in played.items()
        for step, actual in outcomes
        if not same(step, actual)
    }
    assert wrong == {}, "look at the difference after `python -m tests.docs`"


def test_dots_stand_for_lines_and_for_the_rest_of_a_line() -> None:
    step = Step(command="mcpctl ls", expected=("first", "...", "last in 3 ms", "and more ..."))
    assert same(step, ["first", "second", "third", "last in 41 ms", "and more and more"])
    assert same(step, ["first", "last in 1.5 s", "and more of it"])
    assert not same(step, ["first", "last in 41 ms", "or more"])
