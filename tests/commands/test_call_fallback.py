"""A server that cannot be asked leaves a call to those that the configuration names for it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.commands.places import ECHO, PYTHON, RICH, Answer, mcpctl


def _call(folder: Path, server: Path, *words: str) -> Answer:
    servers = {
        "gone": {"command": "no-such-command-at-all", "fallback": ["other"]},
        "other": {"command": PYTHON, "args": [str(server)]},
    }
    (folder / "mcpctl.json").write_text(json.dumps({"servers": servers}))
    return mcpctl(folder, *words)


def test_a_command_that_is_not_there_leaves_the_call_to_the_fallback(tmp_path: Path) -> None:
    answer = _call(tmp_path, ECHO, "call", "gone", "add", "--args", '{"a": 1, "b": 2}', "--json")
    assert (answer.code, answer.data["structured"], answer.data["served_by"]) == (0, {"sum": 3}, "other")
    assert mcpctl(tmp_path, "tools", "gone").code == 4


def test_text_becomes_what_the_fallback_declares(tmp_path: Path) -> None:
    assert _call(tmp_path, ECHO, "call", "gone", "add", "a=1", "b=2").out.strip() == "3"


def test_the_questions_of_a_fallback_are_answered(tmp_path: Path) -> None:
    answer = _call(tmp_path, RICH, "call", "gone", "ask", "--elicit", '{"name": "Ada"}')
    assert "Ada" in answer.out
