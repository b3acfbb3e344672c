"""`--connect`: what this machine lacks, and what live servers answer."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.commands.places import ECHO, mcpctl
from tests.lint.command import codes, validate

BAD_SCHEMA = """
import json, sys
TOOLS = [{"name": "odd", "inputSchema": {"type": "object", "properties": {"a": {"type": "nonsense"}}}}]
for line in sys.stdin:
    ask = json.loads(line)
    if "id" not in ask:
        continue
    result = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "x", "version": "1"}}
    if ask["method"] == "tools/list":
        result = {"tools": TOOLS}
    if ask["method"] == "server/discover":
        print(json.dumps({"jsonrpc": "2.0", "id": ask["id"], "error": {"code": -32601, "message": "no"}}), flush=True)
        continue
    print(json.dumps({"jsonrpc": "2.0", "id": ask["id"], "result": result}), flush=True)
"""


def configured(folder: Path, servers: dict[str, object]) -> None:
    (folder / ".mcp.json").write_text(json.dumps({"mcpServers": servers}))


def test_a_server_that_answers_has_nothing_to_tell(tmp_path: Path) -> None:
    configured(tmp_path, {"echo": {"command": sys.executable, "args": [str(ECHO)]}})
    said = validate(tmp_path, ".mcp.json", "--connect", "--select", "MCP4")
    assert (said.code, codes(said)) == (0, []), said.out


def test_a_server_that_dies_is_told_with_its_cause(tmp_path: Path) -> None:
    configured(tmp_path, {"dead": {"command": sys.executable, "args": ["-c", "raise SystemExit(7)"]}})
    said = validate(tmp_path, ".mcp.json", "--connect", "--select", "MCP405")
    assert said.code == 1
    assert codes(said) == ["MCP405"]
    assert "7" in said.data["diagnostics"][0]["message"]


def test_what_is_not_on_this_machine_is_told_and_not_started(tmp_path: Path) -> None:
    configured(
        tmp_path, {"gone": {"command": "no-such-program-anywhere", "env": {"T": "${NOBODY_SETS_THIS}"}}}
    )
    said = validate(tmp_path, ".mcp.json", "--connect", "--select", "MCP4")
    assert sorted(codes(said)) == ["MCP401", "MCP402"]


def test_tools_of_the_same_name_are_told(tmp_path: Path) -> None:
    echo = {"command": sys.executable, "args": [str(ECHO)]}
    configured(tmp_path, {"one": echo, "two": {**echo, "env": {"A": "b"}}})
    said = validate(tmp_path, ".mcp.json", "--connect", "--select", "MCP406")
    assert codes(said) == ["MCP406", "MCP406"]


def test_a_schema_that_is_none_is_told(tmp_path: Path) -> None:
    server = tmp_path / "odd.py"
    server.write_text(BAD_SCHEMA)
    configured(tmp_path, {"odd": {"command": sys.executable, "args": [str(server)]}})
    said = validate(tmp_path, ".mcp.json", "--connect", "--select", "MCP407")
    assert codes(said) == ["MCP407"]
    assert "`odd`" in said.data["diagnostics"][0]["message"]


def test_tools_that_the_file_names_must_exist(tmp_path: Path) -> None:
    (tmp_path / "mcpctl.toml").write_text(
        f"[servers.echo]\ncommand = {json.dumps(sys.executable)}\nargs = [{json.dumps(str(ECHO))}]\n"
        'deny_tools = ["ecko"]\n[[servers.echo.health.canary]]\ntool = "ehco"\n'
    )
    said = validate(tmp_path, "mcpctl.toml", "--connect", "--select", "MCP408,MCP409")
    assert sorted(codes(said)) == ["MCP408", "MCP409"]
    assert {each["hint"] for each in said.data["diagnostics"]} == {"did you mean `echo`?"}


def test_stdin_cannot_be_connected_to(tmp_path: Path) -> None:
    assert validate(tmp_path, "-", "--connect").code == 2


def test_a_watch_checks_again_when_a_file_was_saved(tmp_path: Path) -> None:
    configured(tmp_path, {"a": {"url": "https://a.b/mcp"}})
    said = mcpctl(tmp_path, "validate", ".mcp.json", "--watch", "--timeout", "1s", "--json")
    first, *_, last = [json.loads(line) for line in said.out.splitlines()]
    assert first["type"] == "checked"
    assert first["exit_code"] == 1
    assert first["data"]["summary"]["errors"] == 1
    assert last["errors"][0]["code"].startswith("deadline")
