"""Reading a configuration must not cost more than its own parsing: what a fresh interpreter loads for it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.support import PYTHON, ROOT

HEAVY = (
    *(
        "jsonschema",
        "tomlkit",
        "ruamel",
        "typer",
        "rich",
        "pydantic",
        "mcp",
        "anyio",
        "watchdog",
        "asyncio",
        "msgspec",
    ),
    *("difflib", "shlex", "subprocess", "mcpctl.config.complaints", "mcpctl.config.schema"),
    *(
        "mcpctl.config.documents.document",
        "mcpctl.config.documents.json_reader",
        "mcpctl.config.documents.toml_reader",
    ),
)
FILES = {
    "mcpctl.toml": '[servers.x]\ncommand = "c"\nargs = ["${A}"]\ncall_timeout = "5s"\n',
    "mcpctl.json": '{"servers": {"x": {"command": "c", "args": ["${A}"]}}}',
    ".mcp.json": '{"mcpServers": {"x": {"command": "c", "args": ["${A}"]}}}',
    "children_config.toml": '[mcp_servers.x]\ncommand = "c"\n',
}
SCRIPT = """
import json, sys
from mcpctl.config import load
from mcpctl.config.env import world_from_process
from mcpctl.config.lookup import lookup
from mcpctl.config.variables import resolve_server
world = world_from_process()
settings = load(world)
resolve_server(lookup(settings, "x"), settings, world)
print(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize("name", FILES)
def test_a_valid_file_loads_nothing_heavy(tmp_path: Path, name: str) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / name).write_text(FILES[name])
    done = subprocess.run(
        [PYTHON, "-c", SCRIPT],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "PATH": "/usr/bin", "A": "1"},
        capture_output=True,
        check=True,
        timeout=60,
    )
    modules = set(json.loads(done.stdout))
    assert modules.isdisjoint(HEAVY)
    assert ("tomli" in modules) == name.endswith(".toml")
    if name.startswith("mcpctl."):
        assert "mcpctl.config.hosts" not in modules
