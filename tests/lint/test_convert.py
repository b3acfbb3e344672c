"""Servers travel between hosts: what both know arrives, what one does not know is told, no secret is filled in."""

from __future__ import annotations

import csv
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from mcpctl.config.documents import parse
from mcpctl.config.hosts.facts import HostFacts
from mcpctl.config.hosts.files import Raw, Rendered, Taken, new_file, render, take_servers
from mcpctl.config.hosts.reader import read
from mcpctl.config.hosts.table import rows
from mcpctl.errors import McpctlError
from tests.commands.places import mcpctl
from tests.support import SHARED

CORPUS = SHARED / "corpus"

HOSTS = [host for host in rows().values() if host.roots and host.fields and not host.manifest]

PROCESS: Raw = {
    "command": "npx",
    "args": ["-y", "@acme/files@1.4.2", "--root", "."],
    "env": {"FILES_TOKEN": "${FILES_TOKEN}", "MODE": "fast"},
}
REMOTE: Raw = {
    "transport": "http",
    "url": "https://docs.example.com/mcp",
    "headers": {"Authorization": "Bearer ${DOCS_TOKEN}", "X-Team": "north"},
}


def file_of(host: HostFacts) -> str:
    name = (*host.project, *host.user, ".mcp.json")[0].lstrip("~/")
    return name.replace("*", "servers")


def there_and_back(host: HostFacts, servers: dict[str, Raw]) -> dict[str, Raw]:
    rendered = render(host, servers, {})
    text = new_file(host, rendered, {})
    return take_servers(text.encode(), file_of(host), host=host).servers


@pytest.mark.parametrize("host", HOSTS, ids=lambda host: host.id)
def test_a_process_comes_back_from_every_host(host: HostFacts) -> None:
    back = there_and_back(host, {"files": PROCESS})["files"]
    assert (back["command"], back["args"]) == (PROCESS["command"], PROCESS["args"])
    losses = {loss.key for loss in render(host, {"files": PROCESS}, {}).losses}
    if "env.FILES_TOKEN" not in losses:
        handed_on = "FILES_TOKEN" in back.get("env_from", [])
        assert handed_on or back["env"]["FILES_TOKEN"] in {"${FILES_TOKEN}", "${env:FILES_TOKEN}"}
    assert back["env"]["MODE"] == "fast"


@pytest.mark.parametrize(
    "host", [host for host in HOSTS if "http" in host.transports], ids=lambda host: host.id
)
def test_a_remote_server_comes_back_from_every_host(host: HostFacts) -> None:
    back = there_and_back(host, {"docs": REMOTE})["docs"]
    assert back["url"] == REMOTE["url"]
    assert back.get("transport", "http") == "http"
    losses = {loss.key for loss in render(host, {"docs": REMOTE}, {}).losses}
    if not {each for each in losses if each.startswith("headers")}:
        bearer = back.get("bearer_env") == "DOCS_TOKEN"
        assert bearer or "DOCS_TOKEN" in back["headers"]["Authorization"]
    assert back["headers"]["X-Team"] == "north"


@pytest.mark.parametrize(
    "host", [host for host in HOSTS if set(host.transports) == {"stdio"}], ids=lambda host: host.id
)
def test_a_host_that_starts_processes_only_says_so(host: HostFacts) -> None:
    rendered = render(host, {"docs": REMOTE}, {})
    assert rendered.entries == {}
    assert "cannot have a server" in rendered.losses[0].reason


def test_times_change_their_unit() -> None:
    raw = {"command": "x", "call_timeout": "30s"}
    assert render(rows()["claude-code"], {"a": raw}, {}).entries["a"]["timeout"] == 30_000
    assert render(rows()["roo"], {"a": raw}, {}).entries["a"]["timeout"] == 30
    assert render(rows()["codex"], {"a": raw}, {}).entries["a"]["tool_timeout_sec"] == 30


def test_variables_change_their_notation_and_are_never_filled_in(tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_text(
        json.dumps({"mcpServers": {"a": {"command": "x", "env": {"T": "${SECRET}"}}}})
    )
    env = {"SECRET": "canary-5f2c9a"}
    for host, expected in (
        ("cursor", "${env:SECRET}"),
        ("opencode", "{env:SECRET}"),
        ("continue", "${{ secrets.SECRET }}"),
    ):
        said = mcpctl(tmp_path, "config", "convert", ".mcp.json", "--to", host, env=env)
        assert expected in said.out
        assert "canary" not in said.out + said.err


def test_a_host_without_variables_is_told_about_and_gets_none() -> None:
    rendered = render(
        rows()["claude-desktop"], {"a": {"command": "x", "env": {"T": "${SECRET}", "M": "1"}}}, {}
    )
    assert rendered.entries["a"]["env"] == {"M": "1"}
    assert [loss.key for loss in rendered.losses] == ["env.T"]


def test_codex_gets_names_where_others_get_variables() -> None:
    entries = render(rows()["codex"], {"p": PROCESS, "r": REMOTE}, {}).entries
    env_names = render(rows()["codex"], {"p": {"command": "x", "env": {"T": "${T}"}}}, {}).entries["p"]
    assert env_names == {"command": "x", "env_vars": ["T"]}
    assert entries["r"]["bearer_token_env_var"] == "DOCS_TOKEN"
    assert entries["r"]["http_headers"] == {"X-Team": "north"}


def test_a_command_in_a_value_is_never_executed(tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    (tmp_path / "servers.json").write_text(
        json.dumps({"mcpServers": {"a": {"command": "x", "env": {"T": f"${{cmd: touch {trap}}}"}}}})
    )
    for host in ("claude-code", "mcpctl", "mcp-hub", "codex"):
        mcpctl(tmp_path, "config", "convert", "servers.json", "--from", "mcp-hub", "--to", host)
    assert not trap.exists()


def test_an_input_becomes_a_variable_and_that_is_told() -> None:
    rendered = render(rows()["claude-code"], {"a": {"command": "x", "env": {"T": "${input:api-key}"}}}, {})
    assert rendered.entries["a"]["env"]["T"] == "${API_KEY}"
    assert "set the variable `API_KEY`" in rendered.losses[0].reason


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of real files is not here")
def test_real_files_come_back_from_our_format_as_their_host_understands_them(tmp_path: Path) -> None:
    own = rows()["mcpctl"]
    count = 0
    with (CORPUS / "index.tsv").open(newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            data = (CORPUS / row["file"]).read_bytes()
            try:
                taken = take_servers(data, row["path"])
            except McpctlError:
                continue
            if taken.host.manifest or not taken.servers:
                continue
            text = new_file(own, render(own, taken.servers, taken.inputs), taken.inputs)
            ours = take_servers(text.encode(), "mcpctl.toml", host=own)
            assert ours.servers == taken.servers, row["file"]
            back = render(taken.host, ours.servers, ours.inputs)
            again = take_servers(
                new_file(taken.host, back, ours.inputs).encode(), file_of(taken.host), host=taken.host
            )
            _assert_written_alike(taken, back, row["file"])
            for name, raw in taken.servers.items():
                lost = {loss.key.partition(".")[0] for loss in back.losses if loss.server == name}
                if name in back.entries:
                    assert _understood(again.servers[name], lost) == _understood(raw, lost), (
                        row["file"],
                        name,
                    )
                    count += 1
    assert count > 150


def _assert_written_alike(taken: Taken, back: Rendered, file: str) -> None:
    """What a host reads of an entry is written again as it was, and what is not is told."""
    host = taken.host
    value = parse(taken.text.encode(), taken.syntax, file).value
    reading = read(host, value, file)
    known = {field.path[0] for field in host.fields} - {"type"}
    if not set(reading.places.values()) or host.id == "opencode":
        return  # the one there is stands under a key that its host does not read
    for name, path in reading.places.items():
        original = value
        for part in path:
            original = original[part]
        told = {loss.key.partition(".")[0] for loss in back.losses if loss.server == name}
        again = back.entries.get(name, {})
        for key in known & original.keys() - told:
            assert again.get(key) == original[key] or key == "dev", (file, name, key)


@pytest.mark.parametrize(
    ("host", "entry"),
    [
        ("vscode", {"command": "x", "dev": {"watch": ["src/*.js"], "debug": {"type": "node"}}}),
        ("vscode", {"command": "x", "sandboxEnabled": True, "envFile": ".env"}),
        ("claude-plugin", {"command": "x", "env": {"ID": "${user_config.id}"}}),
        ("roo", {"command": "x", "alwaysAllow": ["read"], "timeout": 60}),
        ("fastmcp", {"url": "https://a.example.com/mcp", "auth": "oauth"}),
    ],
)
def test_an_entry_is_written_again_as_it_was(host: str, entry: Raw) -> None:
    facts = rows()[host]
    text = json.dumps({facts.roots[0][0]: {"files": entry}})
    taken = take_servers(text.encode(), file_of(facts), host=facts)
    again = render(facts, taken.servers, {})
    assert again.entries["files"] == entry
    assert not again.losses


def test_the_variables_of_a_plugin_are_known_where_the_file_is_one(tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_text(
        '{"mcpServers": {"files": {"command": "${CLAUDE_PLUGIN_ROOT}/server"}}}'
    )
    said = mcpctl(tmp_path, "config", "convert", ".mcp.json", "--to", "claude-plugin", "--json")
    assert (said.data["source_host"], said.data["losses"]) == ("claude-plugin", [])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("manifest.json", '{"manifest_version": "0.4", "server": {}, "repository": {"type": "git"}}'),
        ("server.json", '{"name": "io.github.a/b", "remotes": [{"type": "sse", "url": "https://a.b/sse"}]}'),
        ("children_abstract.json", '{"files": "Reads files"}'),
    ],
)
@pytest.mark.parametrize(
    "argv",
    [
        ("convert", "FILE", "--to", "mcpctl"),
        ("add", "a", "--file", "FILE", "--", "x"),
        ("remove", "a", "--file", "FILE"),
    ],
)
def test_a_manifest_is_no_list_of_servers(
    name: str, text: str, argv: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    said = mcpctl(tmp_path, "config", *(name if word == "FILE" else word for word in argv))
    assert said.code == 2
    assert "describes a server and lists none" in said.err
    assert (tmp_path / name).read_text() == text


def _understood(raw: Raw, lost: set[str]) -> dict[str, Any]:
    """Without what the host does not know, and without the transport where nobody had to say it."""
    known = {
        key: value for key, value in raw.items() if key not in lost and key not in {"transport", "enabled"}
    }
    return {**known, "off": raw.get("enabled") is False and "enabled" not in lost}


def test_converting_into_a_file_leaves_the_rest_of_it_alone(tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_text(json.dumps({"mcpServers": {"files": PROCESS}}))
    config = tmp_path / ".codex" / "config.toml"
    config.parent.mkdir()
    config.write_text('# mine\nmodel = "gpt" # best\n')
    said = mcpctl(
        tmp_path, "config", "convert", ".mcp.json", "--to", "codex", "--output", ".codex/config.toml"
    )
    assert said.code == 0, said.err
    text = config.read_text()
    assert text.startswith('# mine\nmodel = "gpt" # best\n')
    assert tomllib.loads(text)["mcp_servers"]["files"]["command"] == "npx"


def test_losses_are_told_and_strict_makes_them_fail(tmp_path: Path) -> None:
    (tmp_path / "mcpctl.toml").write_text('[servers.a]\ncommand = "x"\nretry = { attempts = 5 }\n')
    said = mcpctl(tmp_path, "config", "convert", "--to", "cursor")
    assert said.code == 0
    assert "lost: a.retry: Cursor has nothing like it" in said.err
    assert mcpctl(tmp_path, "config", "convert", "--to", "cursor", "--strict").code == 1
    data = mcpctl(tmp_path, "config", "convert", "--to", "cursor", "--json").data
    assert data["losses"] == [
        {"server": "a", "key": "retry", "reason": "Cursor has nothing like it", "kept": False}
    ]


def test_import_gathers_the_servers_of_all_hosts(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / ".cursor").mkdir(parents=True)
    (home / ".cursor" / "mcp.json").write_text(
        '{"mcpServers": {"files": {"command": "x"}, "notes": {"command": "n"}}}'
    )
    (home / ".codex").mkdir()
    (home / ".codex" / "config.toml").write_text(
        '[mcp_servers.files]\ncommand = "y"\n[mcp_servers.docs]\nurl = "https://d.e/mcp"\n'
    )
    shown = mcpctl(tmp_path, "config", "import", "--dry-run")
    assert "[servers.notes]" in shown.out
    assert not (tmp_path / "mcpctl.toml").exists()
    said = mcpctl(tmp_path, "config", "import", "--json")
    assert said.code == 0, said.err
    assert {each["name"] for each in said.data["servers"]} == {"files", "notes", "docs"}
    assert len(said.data["skipped"]) == 1
    assert set(tomllib.loads((tmp_path / "mcpctl.toml").read_text())["servers"]) == {"files", "notes", "docs"}
    again = mcpctl(tmp_path, "config", "import", "--json")
    assert again.data["servers"] == []
    assert mcpctl(tmp_path, "validate", "mcpctl.toml").code == 0


@pytest.mark.parametrize("before", ["", '# mine\n[servers.a]\ncommand = "x"\n'])
def test_servers_bring_along_what_they_ask_their_user_for(tmp_path: Path, before: str) -> None:
    (tmp_path / ".vscode").mkdir()
    (tmp_path / ".vscode/mcp.json").write_text(
        '{"inputs": [{"type": "promptString", "id": "key", "description": "The key", "password": true},'
        ' {"type": "promptString", "id": "other", "description": "Unused"}],'
        ' "servers": {"docs": {"type": "http", "url": "https://d.e/mcp", "headers": {"K": "${input:key}"}}}}'
    )
    (tmp_path / "mcpctl.toml").write_text(before)
    assert mcpctl(tmp_path, "config", "import").code == 0
    text = (tmp_path / "mcpctl.toml").read_text()
    assert tomllib.loads(text)["inputs"] == {"key": {"description": "The key", "password": True}}
    assert text.startswith(before)
    assert mcpctl(tmp_path, "ls").code == 0
