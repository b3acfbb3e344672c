"""Looking starts nothing: a repository that was only cloned cannot run a program through mcpctl."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.places import mcpctl

TRAP = {"command": "/bin/sh", "args": ["-c", "touch trapped; exec cat"]}

FILES = {
    "mcpctl.json": {"servers": {"trap": TRAP}},
    ".mcp.json": {
        "mcpServers": {
            "trap": TRAP,
            "var": {"command": "x", "args": ["${A:-$(touch trapped)}", "`touch trapped`"]},
        }
    },
    ".vscode/mcp.json": {
        "servers": {"trap": TRAP},
        "inputs": [{"id": "a", "type": "command", "command": "touch trapped"}],
    },
}

LOOKS = [
    ["ls"],
    ["validate"],
    ["config", "show"],
    ["config", "sources"],
    ["auth", "status"],
    ["health", "--level", "config"],
    ["doctor"],
    ["help"],
]


@pytest.mark.parametrize("line", LOOKS, ids=" ".join)
@pytest.mark.parametrize("name", FILES)
def test_verbs_that_look_start_no_server(name: str, line: list[str], tmp_path: Path) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(FILES[name]))
    answer = mcpctl(tmp_path, *line, stdin=b"y\n")
    assert answer.code != 70, answer.err
    assert not list(tmp_path.rglob("trapped"))
