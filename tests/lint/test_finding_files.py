"""Which files are looked at, and whose they are taken for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from mcpctl.config.hosts.choose import by_path
from mcpctl.config.hosts.table import rows
from tests.commands.places import mcpctl
from tests.lint.command import codes, validate
from tests.support import ROOT

PLAIN = '{"mcpServers": {"files": {"command": "files-server"}}}'
VAGUE = {
    "manifest.json",
    "server.json",
    "pyproject.toml",
    "mcp_config.json",
    "fastmcp.json",
    "*.fastmcp.json",
}


@pytest.mark.parametrize("host", rows().values(), ids=lambda host: host.id)
def test_a_host_is_told_from_the_paths_of_its_files(host: object) -> None:
    from mcpctl.config.hosts.facts import HostFacts

    assert isinstance(host, HostFacts)
    for path in host.project:
        found = by_path(f"some/project/{path.replace('*', 'x')}")
        assert found is not None
        assert found.id == host.id or path in {"mcpctl.*.toml", "*.mcp.json", "mcp_config.json"}, path


def test_a_folder_is_searched_for_files_of_all_hosts(tmp_path: Path) -> None:
    for name, text in {
        "a/.mcp.json": PLAIN,
        "a/node_modules/x/.mcp.json": PLAIN,
        "b/.vscode/mcp.json": '{"servers": {}}',
        "c/.codex/config.toml": 'model = "x"',
        "d/mcpctl.toml": "[servers]",
        "e/server.json": '{"unrelated": true}',
        "f/manifest.json": '{"name": "a web app", "manifest_version": 3}',
        "g/package.json": "{}",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    said = validate(tmp_path, ".")
    assert [(each["path"], each["host"]) for each in said.data["files"]] == [
        ("a/.mcp.json", "claude-code"),
        ("b/.vscode/mcp.json", "vscode"),
        ("c/.codex/config.toml", "codex"),
        ("d/mcpctl.toml", "mcpctl"),
    ]


def test_without_a_path_everything_up_to_the_repository_is_checked(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".mcp.json").write_text(PLAIN)
    below = tmp_path / "deep" / "down"
    below.mkdir(parents=True)
    (below / ".cursor").mkdir()
    (below / ".cursor" / "mcp.json").write_text(PLAIN)
    said = mcpctl(below, "validate", "--json")
    assert {each["host"] for each in said.data["files"]} == {"claude-code", "cursor"}


def test_the_files_of_the_user_are_found_in_the_home_folder(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for name, text in {
        ".claude.json": '{"mcpServers": {"a": {"url": "https://a.b/mcp"}}, "projects": {"/x": {"mcpServers": {"b": {}}}}}',
        ".codex/config.toml": '[mcp_servers.a]\ncommand = "x"\n',
        ".config/goose/config.yaml": "extensions:\n  a:\n    type: stdio\n    name: a\n    cmd: x\n",
    }.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    said = validate(tmp_path, "--user")
    assert {each["host"]: each["servers"] for each in said.data["files"]} == {
        "claude-code": 2,
        "codex": 1,
        "goose": 1,
    }
    assert {"MCP110", "MCP105"} <= set(codes(said))


def test_a_path_of_ones_own_machine_is_fine_in_ones_own_file(tmp_path: Path) -> None:
    entry = '{"mcpServers": {"a": {"command": "/home/ada/bin/x"}}}'
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".claude.json").write_text(entry)
    (tmp_path / ".mcp.json").write_text(entry)
    assert codes(validate(tmp_path, "home/.claude.json")) == []
    assert codes(validate(tmp_path, ".mcp.json")) == ["MCP301"]


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ('{"servers": {}, "inputs": []}', "vscode"),
        ('{"context_servers": {}}', "zed"),
        ('{"mcp": {"a": {"type": "local", "command": ["x"]}}}', "opencode"),
        ('{"mcpServers": {}, "globalShortcut": ""}', "claude-desktop"),
        ('{"manifest_version": "0.3", "server": {}}', "mcpb"),
        ('{"name": "io.github.a/b", "packages": []}', "registry"),
        (PLAIN, "generic"),
    ],
)
def test_a_host_is_told_from_the_content_where_the_name_says_nothing(
    text: str, host: str, tmp_path: Path
) -> None:
    (tmp_path / "some.json").write_text(text)
    (found,) = validate(tmp_path, "some.json").data["files"]
    assert (found["host"], found["chosen"]) == (host, "content")


def test_a_plugin_may_hold_its_servers_without_a_key(tmp_path: Path) -> None:
    bare = '{"files": {"command": "${CLAUDE_PLUGIN_ROOT}/server"}}'
    (tmp_path / ".mcp.json").write_text(bare)
    assert codes(validate(tmp_path, ".mcp.json")) == []
    (tmp_path / ".mcp.json").write_text('{"files": {"command": "x"}}')
    assert codes(validate(tmp_path, ".mcp.json")) == ["MCP102"]
    folder = tmp_path / ".claude-plugin"
    folder.mkdir()
    (folder / "plugin.json").write_text(
        '{"name": "p", "author": {"name": "a"}, "mcpServers": "./servers.json"}'
    )
    assert codes(validate(tmp_path, ".")) == []


def test_the_hook_offers_files_of_every_host() -> None:
    (hook,) = YAML(typ="safe").load((ROOT / ".pre-commit-hooks.yaml").read_text())
    vague = VAGUE | {"mcpb/manifest.json", "dxt/manifest.json"}
    assert (hook["id"], hook["entry"]) == ("mcpctl-validate", "mcpctl validate")
    pattern = re.compile(hook["files"])
    for host in rows().values():
        for path in host.project:
            name = path.replace("*", "x")
            if path not in vague and not path.startswith((".vscode/settings", "settings.")):
                assert pattern.search(name), path
                assert pattern.search(f"packages/a/{name}"), path
    assert not pattern.search("package.json")
    assert not pattern.search("src/server.json")
