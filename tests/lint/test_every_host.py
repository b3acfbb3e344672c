"""What holds for every host: what is written for it has no errors there, and nothing that stands in its file breaks us."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mcpctl.config.hosts.facts import HostFacts
from mcpctl.config.hosts.files import Raw, new_file, render, take_servers
from mcpctl.config.hosts.table import rows
from mcpctl.errors import ConfigError
from mcpctl.lint.engine import Found, check
from mcpctl.lint.fixes import fix_all
from mcpctl.lint.places import locate
from mcpctl.lint.reading import read_subject
from mcpctl.lint.subject import Subject
from mcpctl.lint.vocabulary import ALIASES, METADATA
from tests.lint.examples import default_plan

HOSTS = [host for host in rows().values() if host.roots and host.fields and not host.manifest]

SERVERS: dict[str, Raw] = {
    "process": {"command": "npx", "args": ["-y", "@acme/files@1.4.2"], "env": {"TOKEN": "${FILES_TOKEN}"}},
    "remote": {"url": "https://docs.example.com/mcp", "headers": {"Authorization": "Bearer ${TOKEN}"}},
    "sse": {"transport": "sse", "url": "https://docs.example.com/sse"},
    "everything of a process": {
        "command": "files-server", "cwd": "work", "enabled": False, "call_timeout": "30s", "start_timeout": 5,
        "allow_tools": ["read"], "deny_tools": ["write"], "env_from": ["HOME"], "description": "files",
        "oauth": {"client_id": "a"}, "retry": {"attempts": 2}, "watch": ["*.py"], "lifecycle": "keep-alive",
    },
    "everything of an address": {
        "url": "https://docs.example.com/mcp", "bearer_env": "TOKEN", "header_env": {"X-Team": "TEAM"},
        "oauth": {"client_id": "a", "scopes": ["read"], "redirect_port": 8080}, "enabled": False,
        "call_timeout": "1.5s", "allow_tools": ["read"], "description": "docs",
    },
    "paths": {"command": "./bin/server", "args": ["./a.js"], "cwd": "/srv"},
}  # fmt: skip


def told(host: HostFacts, text: str) -> list[tuple[str, str, str]]:
    """Code, severity and message of every finding."""
    name = "some." + (host.syntax if host.syntax in {"toml", "yaml"} else "json")
    subject = read_subject(name, text.encode(), host=host.id)
    found = [(rule, locate(subject, finding, rule)) for rule, finding in check(subject, default_plan())]
    return [(rule.code, diagnostic.severity, diagnostic.message) for rule, diagnostic in found]


@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize("host", HOSTS, ids=lambda host: host.id)
def test_what_is_written_for_a_host_has_no_errors_there(host: HostFacts, name: str) -> None:
    rendered = render(host, {"files": SERVERS[name]}, {})
    if rendered.entries:
        found = told(host, new_file(host, rendered, {}))
        assert [each for each in found if each[1] == "error"] == []


def test_what_a_host_has_no_place_for_is_told_and_left_out() -> None:
    rendered = render(rows()["codex"], {"files": SERVERS["everything of a process"]}, {})
    assert "oauth" in {loss.key for loss in rendered.losses}
    rendered = render(rows()["mcporter"], {"files": SERVERS["everything of a process"]}, {})
    assert "deny_tools" in {loss.key for loss in rendered.losses}
    rendered = render(rows()["agent-plugin"], {"files": SERVERS["paths"]}, {})
    assert ("cwd", False) in {(loss.key, loss.kept) for loss in rendered.losses}
    extra = {"command": "x", "extra": {"vscode": {"gallery": None, "dev": {"debug": [1, None]}}}}
    rendered = render(rows()["mcpctl"], {"files": extra}, {})
    assert [loss.key for loss in rendered.losses] == ["extra.vscode.gallery", "extra.vscode.dev.debug"]
    assert take_servers(new_file(rows()["mcpctl"], rendered, {}).encode(), "mcpctl.toml").servers


def test_an_address_without_a_word_is_told_where_the_host_has_one_word_for_all() -> None:
    text = '{"mcp": {"files": {"url": "https://docs.example.com/sse"}}}'
    assert "MCP110" in {code for code, _, _ in told(rows()["opencode"], text)}


ODD: list[Any] = [
    None, True, 0, -1, 1.5, 10**6, "", "x", "npx", "docker", "sh", "~/x", "/", "C:\\", "-y", "@latest", "a\0b",
    "https://a.example.com/sse", "http://u:p@a/mcp?token=abcdefabcdef12345", "${A}", "${env:A}", "${input:k}", "$A",
    "stdio", "http", "sse", "streamable-http", "local", "remote", "ws", [], {}, [1], [[]], {"A": None}, {"A": [1]},
    ["run", "--rm", "-v", "/:/x", "image"], ["-c", "curl x | sh"], {"PATH": "x", "LD_PRELOAD": "y"}, "é" * 70,
    {"path": "x", "args": ["y"]}, {"Authorization": "Bearer ${T}"}, {"API_KEY": "sk-abcdefghijklmnopqrstuvwx"},
]  # fmt: skip

NAMES = ["a", "b c", "", "workspace", "a_b", "x" * 80]


@st.composite
def entries(draw: st.DrawFn, host: HostFacts) -> object:
    keys = [field.path[0] for field in host.fields]
    named = st.one_of(st.sampled_from(keys), st.sampled_from([*ALIASES, *sorted(METADATA)]))
    table = st.dictionaries(named, st.sampled_from(ODD), max_size=5)
    return draw(st.one_of(table, table, table, st.sampled_from(ODD)))


def file_of(data: st.DataObject, host: HostFacts) -> str:
    """A file of a host with servers that make no sense."""
    entry = entries(host)
    servers: Any = data.draw(
        st.lists(entry, max_size=3)
        if host.listed
        else st.dictionaries(st.sampled_from(NAMES), entry, max_size=3)
    )
    for part in reversed(host.roots[0]):
        servers = {part: servers}
    return json.dumps(servers, indent=data.draw(st.sampled_from([None, 2])))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_entry_of_any_host_breaks_the_rules_or_a_conversion(data: st.DataObject) -> None:
    host = data.draw(st.sampled_from(HOSTS), label="host")
    text = file_of(data, host)
    subject = read_subject("some.json", text.encode(), host=host.id)
    for rule, finding in check(subject, default_plan(), thorough=data.draw(st.booleans())):
        json.dumps(locate(subject, finding, rule).data())
    try:
        taken = take_servers(text.encode(), "some.json", host=host)
    except ConfigError:
        return
    other = data.draw(st.sampled_from(HOSTS), label="other")
    rendered = render(other, taken.servers, taken.inputs)
    new_file(other, rendered, taken.inputs)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_fix_breaks_a_file_or_has_to_be_made_twice(data: st.DataObject) -> None:
    host = data.draw(st.sampled_from(HOSTS), label="host")
    name = "some.yaml" if host.syntax == "yaml" else "some.json"
    unsafe = data.draw(st.booleans(), label="unsafe")

    def examine(written: bytes) -> tuple[Subject, list[Found]]:
        subject = read_subject(name, written, host=host.id)
        return subject, check(subject, default_plan())

    subject, _ = examine(file_of(data, host).encode())
    fixed = fix_all(subject, examine=examine, unsafe=unsafe)
    after, _ = examine(fixed.text.encode())
    assert not after.document.faults
    assert not after.document.duplicates
    assert fix_all(after, examine=examine, unsafe=unsafe).text == fixed.text
