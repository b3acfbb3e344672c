"""`${input:id}`: asked on a terminal, given by an option, or an error that says how."""

from __future__ import annotations

import json
from pathlib import Path

from tests.commands.places import PYTHON, RICH, mcpctl


def vscode(tmp_path: Path) -> None:
    inputs = [{"id": "who", "type": "pickString", "description": "Who?", "options": ["Ada", "Alan"]}]
    server = {"type": "stdio", "command": PYTHON, "args": [str(RICH)], "env": {"WHO": "${input:who}"}}
    (tmp_path / ".vscode").mkdir()
    (tmp_path / ".vscode/mcp.json").write_text(json.dumps({"inputs": inputs, "servers": {"it": server}}))


WORDS = ("call", "it", "environment", "name=WHO")


def test_an_input_is_given_by_an_option(tmp_path: Path) -> None:
    vscode(tmp_path)
    assert mcpctl(tmp_path, *WORDS, "--input", "who=Ada").code == 0


def test_an_input_is_asked_for_once_on_a_terminal_until_it_fits(tmp_path: Path) -> None:
    vscode(tmp_path)
    answer = mcpctl(tmp_path, *WORDS, stdin=b"Grace\nAlan\n", tty=True, env={"NO_COLOR": "1"})
    assert answer.code == 0
    assert answer.err.count("Who? (Ada, Alan): ") == 2


def test_a_missing_input_in_a_pipe_names_its_option(tmp_path: Path) -> None:
    vscode(tmp_path)
    answer = mcpctl(tmp_path, *WORDS)
    assert answer.code == 3
    assert "--input" in answer.err
    assert "who" in answer.err
