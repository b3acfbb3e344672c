"""A server that cannot be asked leaves a call to those that the configuration names for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

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


HANGING = """
import sys
with open({starts!r}, "a") as starts:
    starts.write("x")
sys.stdin.buffer.read()
"""
"""Takes everything in and says nothing."""


@pytest.mark.parametrize(
    ("words", "keys", "starts"),
    [
        (("--args", '{"a": 1, "b": 2}'), {}, 1),
        (("a=1", "b=2"), {}, 1),
        (("a:=1", "b:=2", "--no-validate"), {}, 1),
        (("a=1", "b=2"), {"read_only": True}, 1),
        (("a=1", "b=2"), {"breaker": {}}, 1),
        (("a=1", "b=2"), {"retry": {"attempts": 2, "initial": "10ms", "on": ["timeout"]}}, 2),
    ],
)
def test_a_server_that_hangs_at_its_start_is_waited_for_once(
    tmp_path: Path, words: tuple[str, ...], keys: dict[str, object], starts: int
) -> None:
    started = tmp_path / "starts"
    hanging = HANGING.format(starts=str(started))
    servers = {
        "hangs": {
            "command": PYTHON,
            "args": ["-c", hanging],
            "start_timeout": "500ms",
            "fallback": ["other"],
            **keys,
        },
        "other": {"command": PYTHON, "args": [str(ECHO)]},
    }
    (tmp_path / "mcpctl.json").write_text(json.dumps({"servers": servers}))
    answer = mcpctl(tmp_path, "call", "hangs", "add", *words, "--json")
    assert (answer.code, answer.data["structured"], answer.data["served_by"]) == (0, {"sum": 3}, "other")
    assert started.read_text() == "x" * starts
