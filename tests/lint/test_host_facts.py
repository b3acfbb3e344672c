"""What single hosts do with an entry, fact by fact: each was looked up, and a finding says it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mcpctl.config.hosts.facts import Field, HostFacts
from mcpctl.config.hosts.files import new_file, render, take_servers
from mcpctl.config.hosts.schemas import schema_of
from mcpctl.config.hosts.table import rows
from mcpctl.lint.engine import check
from mcpctl.lint.reading import read_subject
from tests.commands.places import mcpctl
from tests.lint.command import validate
from tests.lint.examples import default_plan
from tests.support import ROOT

PLUGIN = "https://agent-plugins.org/schemas/1.0.0/mcp.schema.json"


def told(host: str, entry: dict[str, Any]) -> list[tuple[str, str]]:
    """Code and severity of each finding about one server."""
    root = rows()[host].roots[0][0]
    value = {root: {"files": entry}}
    subject = read_subject("some.json", json.dumps(value).encode(), host=host)
    return [
        (rule.code, finding.severity or rule.severity) for rule, finding in check(subject, default_plan())
    ]


@pytest.mark.parametrize(
    ("host", "entry", "severity"),
    [
        ("claude-code", {"type": "stdio", "url": "https://a.example.com/mcp"}, "error"),
        ("claude-code", {"type": "http", "command": "files-server"}, "error"),
        ("opencode", {"type": "local", "url": "https://a.example.com/mcp"}, "error"),
        ("cline", {"type": "stdio", "url": "https://a.example.com/mcp"}, "error"),
        ("vscode", {"type": "stdio", "url": "https://a.example.com/mcp"}, "warning"),
    ],
)
def test_a_word_that_contradicts_the_entry_is_told(host: str, entry: dict[str, Any], severity: str) -> None:
    assert told(host, entry) == [("MCP150", severity)]


@pytest.mark.parametrize(
    ("host", "entry", "expected"),
    [
        ("opencode", {"type": "local", "command": "npx x"}, [("MCP107", "error")]),
        ("opencode", {"type": "local", "command": ["x"], "args": ["y"]}, [("MCP113", "error")]),
        ("opencode", {"type": "local", "command": ["x"], "env": {"A": "b"}}, [("MCP113", "error")]),
        ("zed", {"command": {"path": "x", "args": []}}, [("MCP130", "warning")]),
        ("zed", {"command": "x", "cwd": "/srv"}, [("MCP109", "warning")]),
        ("roo", {"command": "x", "timeout": 60000}, [("MCP123", "error")]),
        ("roo", {"command": "x", "timeout": 3601}, [("MCP124", "error")]),
        ("cline", {"command": "x", "timeout": 60000}, [("MCP123", "warning")]),
        ("codex", {"url": "https://a.example.com/mcp", "bearer_token": "x"}, [("MCP109", "error")]),
        ("claude-desktop", {"url": "https://a.example.com/mcp"}, [("MCP112", "error")]),
    ],
)
def test_a_mistake_is_told_once(host: str, entry: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert told(host, entry) == expected


def test_a_map_of_servers_where_a_list_belongs_is_told_once() -> None:
    subject = read_subject("x.json", b'{"mcpServers": {"a": {"command": "x"}}}', host="continue")
    assert [rule.code for rule, _ in check(subject, default_plan())] == ["MCP103"]


def test_a_better_name_is_another_name(tmp_path: Path) -> None:
    (tmp_path / ".gemini").mkdir()
    (tmp_path / ".gemini" / "settings.json").write_text('{"mcpServers": {"my_files": {"command": "x"}}}')
    (told,) = validate(tmp_path, ".gemini/settings.json").data["diagnostics"]
    assert (told["code"], told["hint"]) == ("MCP119", "call it `my-files`")


@pytest.mark.parametrize(
    ("entry", "codes"),
    [
        ({"type": "stdio", "command": "./bin/server", "cwd": "${PLUGIN_DATA}/work"}, []),
        ({"type": "streamable-http", "url": "https://a.example.com/mcp"}, []),
        ({"type": "streamable-http", "url": "http://localhost:1234/mcp"}, []),
        ({"command": "server"}, ["MCP131"]),
        ({"type": "http", "url": "https://a.example.com/mcp"}, ["MCP111"]),
        ({"type": "sse", "url": "http://a.example.com/sse"}, ["MCP133", "MCP203"]),
        ({"type": "stdio", "command": "../server"}, ["MCP149"]),
        ({"type": "stdio", "command": "server", "cwd": "/srv"}, ["MCP149"]),
        ({"type": "stdio", "command": "server", "description": "x"}, ["MCP109"]),
        ({"type": "stdio", "command": "server", "environment": {"A": "b"}}, ["MCP113"]),
        ({"type": "stdio", "command": "server", "env": {"PLUGIN_ROOT": "x"}}, ["MCP136"]),
        ({"type": "stdio", "command": "server", "env": {"A": "${B}"}}, ["MCP303"]),
        ({"type": "stdio", "command": "server", "headers": {"A": "b"}}, ["MCP117"]),
    ],
)
def test_a_plugin_for_all_agents_keeps_to_its_closed_schema(
    entry: dict[str, Any], codes: list[str], tmp_path: Path
) -> None:
    (tmp_path / "mcp.json").write_text(json.dumps({"$schema": PLUGIN, "mcpServers": {"files": entry}}))
    said = validate(tmp_path, "mcp.json")
    assert said.data["files"][0]["host"] == "agent-plugin"
    assert sorted(each["code"] for each in said.data["diagnostics"]) == codes


def test_a_new_file_of_a_plugin_names_its_schema(tmp_path: Path) -> None:
    (tmp_path / "mcpctl.toml").write_text('[servers.files]\ncommand = "files-server"\n')
    said = mcpctl(tmp_path, "config", "convert", "mcpctl.toml", "--to", "agent-plugin", "--json")
    assert json.loads(said.data["text"]) == {
        "$schema": PLUGIN,
        "mcpServers": {"files": {"type": "stdio", "command": "files-server"}},
    }


def test_copilot_is_told_which_tools_it_may_use() -> None:
    assert told("copilot-cli", {"command": "files-server"}) == [("MCP129", "warning")]
    assert told("copilot-cli", {"command": "files-server", "tools": []}) == []
    assert told("vscode", {"command": "files-server"}) == []


@pytest.mark.parametrize(("tools", "ours"), [(["*"], None), (["read"], ["read"])])
def test_the_tools_of_copilot_survive_the_way_there_and_back(
    tools: list[str], ours: list[str] | None
) -> None:
    host = rows()["copilot-cli"]
    entry = {"type": "http", "url": "https://a.example.com/mcp", "tools": tools}
    data = json.dumps({"mcpServers": {"files": entry}}).encode()
    taken = take_servers(data, ".copilot/mcp-config.json")
    assert taken.servers["files"].get("allow_tools") == ours
    rendered = render(host, taken.servers, {})
    assert not rendered.losses
    assert json.loads(new_file(host, rendered, {}))["mcpServers"]["files"] == entry


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        ({"$schema": PLUGIN, "mcpServers": {"a": {"type": "stdio", "command": "x"}}}, True),
        ({"mcpServers": {}}, False),
        ({"$schema": PLUGIN, "mcpServers": {}, "more": 1}, False),
        ({"$schema": PLUGIN, "mcpServers": {"a": {"type": "stdio", "command": "x", "more": 1}}}, False),
    ],
)
def test_the_schema_of_a_plugin_is_closed(value: Any, valid: bool) -> None:
    assert Draft202012Validator(schema_of(rows()["agent-plugin"])).is_valid(value) is valid


@pytest.fixture
def invented() -> Iterator[HostFacts]:
    """A host that is nothing but a row."""
    row = HostFacts(
        id="invented",
        title="Invented",
        source="this test",
        checked="2026-11-20",
        certainty="source",
        roots=(("things",),),
        fields=(
            Field("type", "over"),
            Field("command", on="stdio"),
            Field("env", shape="texts map", on="stdio"),
            Field("url", on="remote"),
            Field("oauth", shape="object", on="remote"),
            Field("enabled", shape="flag"),
            Field("allow_tools", "only", shape="texts"),
            Field("deny_tools", "never", shape="texts"),
        ),
        type_words=(("process", "stdio"), ("web", "http")),
        url_alone="error",
        goes_by_word=True,
        overrides=frozenset({"enabled"}),
        oauth=(Field("scopes", "may"),),
        one_tool_list=True,
        tls_required=True,
        own_env=frozenset({"OURS"}),
    )
    rows()[row.id] = row
    yield row
    del rows()[row.id]


def test_a_host_is_one_row(invented: HostFacts) -> None:
    local, remote = {"command": "x"}, {"url": "https://a.example.com/mcp"}
    assert told(invented.id, local) == told(invented.id, {"over": "web", **remote}) == []
    assert told(invented.id, {"enabled": False}) == []
    assert told(invented.id, remote) == [("MCP110", "error")]
    assert told(invented.id, {"over": "web", **local}) == [("MCP150", "error")]
    assert told(invented.id, {"over": "web", "url": "http://a.example.com"}) == [("MCP203", "error")]
    assert told(invented.id, {**local, "env": {"OURS": "x"}}) == [("MCP136", "error")]
    assert told(invented.id, {**local, "only": ["a"], "never": ["b"]}) == [("MCP140", "error")]
    servers = {"files": {**remote, "oauth": {"scopes": ["a", "b"]}}}
    written = json.loads(new_file(invented, render(invented, servers, {}), {}))
    assert written == {"things": {"files": {"over": "web", **remote, "oauth": {"may": "a b"}}}}
    assert Draft202012Validator(schema_of(invented)).is_valid(written)


def test_nothing_but_the_table_tells_hosts_apart_by_their_names() -> None:
    by_name = re.compile(r"\.id (==|!=|in|not in) [\"'({]|\.id\.startswith")
    places = [path for room in ("lint", "config/hosts") for path in (ROOT / "mcpctl" / room).rglob("*.py")]
    assert [path.name for path in places if by_name.search(path.read_text())] == []
