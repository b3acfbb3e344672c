"""A clean file is checked without anything heavy: what explains faults is loaded when there is one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT

HEAVY = (
    "jsonschema",
    "asyncio",
    "rich",
    "typer",
    "msgspec",
    "tomlkit",
    "ruamel",
    "mcp",
    "pydantic",
    "watchdog",
    "difflib",
)

PROBE = """
import sys
sys.argv = ["mcpctl", "validate", {file!r}]
from mcpctl.__main__ import main
code = main()
print(code, *sorted(set({heavy!r}) & set(sys.modules)))
"""


def loaded(file: Path) -> list[str]:
    probe = PROBE.format(file=str(file), heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1].split()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            ".mcp.json",
            '{"mcpServers": {"a": {"command": "npx", "args": ["-y", "x@1.0.0"], "env": {"T": "${T}"}}}}',
        ),
        (".codex/config.toml", '[mcp_servers.a]\ncommand = "x"\n'),
        ("mcpctl.toml", '[servers.a]\ncommand = "x"\n'),
    ],
)
def test_a_clean_file_loads_nothing_heavy(name: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    assert loaded(path) == ["0"]


def test_a_file_without_the_right_shape_loads_what_explains_it(tmp_path: Path) -> None:
    path = tmp_path / ".mcp.json"
    path.write_text('{"mcpServers": {"a": {"command": ["x"]}}}')
    assert "jsonschema" in loaded(path)
