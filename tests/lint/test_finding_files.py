"""Which files are looked at, and whose they are taken for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from mcpctl.config.hosts.choose import by_path
from mcpctl.config.hosts.table import rows
from mcpctl.lint.gather import targets
from tests.commands.places import mcpctl
from tests.lint.command import codes, validate
from tests.support import ROOT, world

PLAIN = '{"mcpServers": {"files": {"command": "files-server"}}}'
VAGUE = {"manifest.json", "server.json", "pyproject.toml", "fastmcp.json", "*.fastmcp.json"}

APPDATA = "C:/Users/ann/AppData/Roaming"

PATHS = [(host.id, path) for host in rows().values() for path in (*host.project, *host.user)]


@pytest.mark.parametrize(("host", "pattern"), PATHS, ids=str)
def test_a_host_is_told_from_every_path_of_its_files(host: str, pattern: str) -> None:
    path = pattern.replace("*", "name").replace("{appdata}", APPDATA)
    below = path.removeprefix("~/").removeprefix(f"{APPDATA}/")
    written = [path, below, f"some/folder/{below}", f"/home/ann/{below}", f"C:\\{below}".replace("/", "\\")]
    assert {way: getattr(by_path(way), "id", None) for way in written} == dict.fromkeys(written, host)


@pytest.mark.parametrize(
    ("name", "host"),
    [
        (".codeium/windsurf/mcp_config.json", "windsurf"),
        (".gemini/antigravity/mcp_config.json", "antigravity"),
        (".kiro/settings/mcp.json", "kiro"),
        (".vscode/mcp.json", "vscode"),
    ],
)
@pytest.mark.parametrize("base", ["home", "home/project"])
def test_a_host_is_told_from_folders_that_were_not_typed(
    base: str, name: str, host: str, tmp_path: Path
) -> None:
    path = tmp_path / base / name
    path.parent.mkdir(parents=True)
    path.write_text('{"servers": {}}' if host == "vscode" else PLAIN)
    home = {"HOME": str(tmp_path / "home")}
    for where, typed in (
        (tmp_path, f"{base}/{name}"),
        (tmp_path, str(path)),
        (path.parent, path.name),
        (path.parent, f"../{path.parent.name}/{path.name}"),
    ):
        (file,) = validate(where, typed, env=home).data["files"]
        assert (file["host"], file["chosen"]) == (host, "path"), typed
        converted = mcpctl(where, "config", "convert", typed, "--to", "codex", "--json", env=home)
        assert converted.data["source_host"] == host, typed
        argv = ("config", "add", f"server-{len(typed)}", "--overwrite", "--file", typed, "--json", "--", "x")
        assert mcpctl(where, *argv, env=home).data["host"] == host, typed


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


def test_a_file_in_a_folder_of_ones_own_is_ones_own(tmp_path: Path) -> None:
    here = world(tmp_path)
    home = Path(here.env["HOME"])
    named = {
        str(home / ".aws/amazonq/agents/mine.json"): "user",
        str(home / ".cursor/mcp.json"): "user",
        str(home / ".aws/amazonq/agents/deeper/mine.json"): "project",
        str(tmp_path / ".cursor/mcp.json"): "project",
    }
    assert {each.real: each.situation for each in targets(tuple(named), here, user=False)} == named
