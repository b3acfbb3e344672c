"""What was said not to be told: in comments, in the configuration, in a baseline."""

from __future__ import annotations

import json
from pathlib import Path

from tests.commands.places import mcpctl
from tests.lint.command import codes, validate

UNPINNED = '{"mcpServers": {"a": {"command": "npx", "args": ["-y", "x"]}, "b": {"command": "npx", "args": ["-y", "y"]}}}'


def test_a_comment_switches_a_rule_off_for_its_line(tmp_path: Path) -> None:
    folder = tmp_path / ".vscode"
    folder.mkdir()
    (folder / "mcp.json").write_text(
        '{\n  "servers": {\n    "a": { "command": "npx", "args": ["-y", "x"] }, // mcpctl: ignore[MCP209]\n'
        '    // mcpctl: ignore[unpinned-package]\n    "b": { "command": "npx", "args": ["-y", "y"] },\n'
        '    "c": { "command": "npx", "args": ["-y", "z"] }\n  }\n}'
    )
    said = validate(tmp_path, ".vscode/mcp.json", "--select", "MCP209")
    assert [each["server"] for each in said.data["diagnostics"]] == ["c"]
    assert said.data["summary"]["suppressed"] == 2


def test_a_comment_switches_a_rule_off_for_the_file(tmp_path: Path) -> None:
    folder = tmp_path / ".codex"
    folder.mkdir()
    (folder / "config.toml").write_text(
        '# mcpctl: ignore-file[MCP209]\n[mcp_servers.a]\ncommand = "npx"\nargs = ["-y", "x"]\n'
    )
    assert codes(validate(tmp_path, ".")) == []


def test_the_configuration_switches_rules_off_by_file_and_by_server(tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_text(UNPINNED)
    (tmp_path / "mcpctl.toml").write_text('[lint]\nignore = ["MCP209:a"]\n')
    said = validate(tmp_path, ".mcp.json")
    assert [each["server"] for each in said.data["diagnostics"]] == ["b"]
    (tmp_path / "mcpctl.toml").write_text('[lint.per-file]\n".mcp.json" = ["MCP2"]\n')
    assert codes(validate(tmp_path, ".mcp.json")) == []
    (tmp_path / "mcpctl.toml").write_text('[lint]\nfail-on = "warning"\n')
    assert validate(tmp_path, ".mcp.json").code == 1


def test_a_table_of_settings_that_is_none_is_an_error(tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_text(UNPINNED)
    (tmp_path / "mcpctl.toml").write_text('[lint]\nignroe = ["MCP209"]\n')
    said = validate(tmp_path, ".mcp.json")
    assert said.code == 3
    assert "ignroe" in said.json["errors"][0]["message"]


def test_our_own_file_may_have_the_table(tmp_path: Path) -> None:
    (tmp_path / "mcpctl.toml").write_text('[lint]\nignore = ["MCP209"]\n\n[servers.a]\ncommand = "x"\n')
    assert codes(validate(tmp_path, "mcpctl.toml")) == []
    assert mcpctl(tmp_path, "config", "show").code == 0


def test_a_baseline_leaves_only_what_is_new(tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_text(UNPINNED)
    missing = validate(tmp_path, ".mcp.json", "--baseline", "known.json")
    assert missing.code == 2
    written = validate(tmp_path, ".mcp.json", "--baseline", "known.json", "--update-baseline")
    assert (written.code, codes(written)) == (0, [])
    assert codes(validate(tmp_path, ".mcp.json", "--baseline", "known.json")) == []
    more = json.loads(UNPINNED)
    more["mcpServers"]["c"] = {"command": "npx", "args": ["-y", "z"]}
    (tmp_path / ".mcp.json").write_text("\n\n" + json.dumps(more, indent=4))
    fresh = validate(tmp_path, ".mcp.json", "--baseline", "known.json")
    assert [each["server"] for each in fresh.data["diagnostics"]] == ["c"]


def test_a_baseline_holds_no_value_of_the_file(tmp_path: Path) -> None:
    token = "ghp_Ab3dEf6hIj9kLmNoPqRsTuVwXyZ0a4C7e1G5"
    (tmp_path / ".mcp.json").write_text(f'{{"mcpServers": {{"a": {{"command": "x", "args": ["{token}"]}}}}}}')
    validate(tmp_path, ".mcp.json", "--baseline", "known.json", "--update-baseline")
    assert token not in (tmp_path / "known.json").read_text()
    (tmp_path / "broken.json").write_text("[]")
    assert validate(tmp_path, ".mcp.json", "--baseline", "broken.json").code == 2
