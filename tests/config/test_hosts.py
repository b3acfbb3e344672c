from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mcpctl.config.documents import parse
from mcpctl.config.hosts import choose
from mcpctl.config.hosts.reader import read
from mcpctl.config.hosts.table import rows
from mcpctl.config.shape import decode_server
from mcpctl.model.server import ServerSpec
from tests.config.files import loaded, place, refused
from tests.support import SHARED


def one(root: Path, name: str, text: str) -> ServerSpec:
    settings = loaded(root, {name: text}, paths=[name])
    (spec,) = settings.servers.values()
    return spec


def entry(root: Path, name: str, key: str, **values: Any) -> ServerSpec:
    return one(root, name, json.dumps({key: {"x": values}}))


def test_claude_code_means_milliseconds_and_takes_an_address_with_its_type(tmp_path: Path) -> None:
    spec = entry(
        tmp_path, ".mcp.json", "mcpServers", type="streamable-http", url="http://h/sse", timeout=1500
    )
    assert (spec.transport, spec.call_timeout) == ("http", 1.5)


def test_an_address_without_a_type_is_read_by_its_path(tmp_path: Path) -> None:
    assert entry(tmp_path, ".mcp.json", "mcpServers", url="http://h/mcp").transport == "http"
    assert entry(tmp_path, ".cursor/mcp.json", "mcpServers", url="http://h/sse").transport == "sse"


def test_cline_means_the_old_transport_and_seconds(tmp_path: Path) -> None:
    spec = entry(
        tmp_path, "cline_mcp_settings.json", "mcpServers", url="http://h/mcp", timeout=60, disabled=True
    )
    assert (spec.transport, spec.call_timeout, spec.enabled) == ("sse", 60.0, False)


def test_vs_code_has_comments_inputs_and_odd_values(tmp_path: Path) -> None:
    text = """{
      // comment
      "inputs": [
        {"type": "promptString", "id": "key", "description": "the key", "password": true},
        {"type": "pickString", "id": "size", "options": ["s", {"label": "L", "value": "l"}], "default": "s"},
      ],
      "servers": {
        "x": {
          "type": "stdio", "command": "npx", "envFile": "${workspaceFolder}/.env",
          "env": {"A": "${input:key}", "PORT": 8080, "DEBUG": true, "NONE": null},
          "dev": {"watch": "src/**/*.ts", "debug": {"type": "node"}},
        },
      },
    }"""
    settings = loaded(tmp_path, {".vscode/mcp.json": text})
    spec = settings.servers["x"]
    assert spec.env == {"A": "${input:key}", "PORT": "8080", "DEBUG": "true"}
    assert (spec.env_file, spec.watch) == ("${workspaceFolder}/.env", ("src/**/*.ts",))
    assert settings.inputs["key"].password
    assert (settings.inputs["size"].options, settings.inputs["size"].default) == (("s", "l"), "s")
    assert settings.folder == tmp_path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("children_config.json", '{"mcpServers": {"x": {"command": "c", "args": ["a"]}}}'),
        ("children_config.json", '{"mcp_servers": [{"name": "x", "command": "c", "args": ["a"]}]}'),
        ("children_config.toml", '[mcp_servers.x]\ncommand = "c"\nargs = ["a"]\n'),
        ("children_config.toml", '[[mcp_servers]]\nname = "x"\ncommand = "c"\nargs = ["a"]\n'),
        ("children_config.toml", '[mcpServers.x]\ncommand = "c"\nargs = ["a"]\n'),
    ],
)
def test_mcpgateway_lists_its_children_in_several_ways(tmp_path: Path, name: str, text: str) -> None:
    settings = loaded(tmp_path, {name: text})
    assert list(settings.servers) == ["x"]
    assert (settings.servers["x"].command, settings.servers["x"].args) == ("c", ("a",))


def test_codex_names_everything_differently(tmp_path: Path) -> None:
    text = (
        '[mcp_servers.x]\nurl = "http://h/mcp"\nbearer_token_env_var = "T"\nhttp_headers = { A = "b" }\n'
        'env_http_headers = { C = "D" }\nstartup_timeout_sec = 20\ntool_timeout_sec = 5\nenabled = false\n'
        'enabled_tools = ["t"]\ndisabled_tools = ["u"]\n'
    )
    spec = one(tmp_path, ".codex/config.toml", text)
    assert (spec.bearer_env, spec.headers, spec.header_env) == ("T", {"A": "b"}, {"C": "D"})
    assert (spec.start_timeout, spec.call_timeout, spec.enabled) == (20.0, 5.0, False)
    assert (spec.allow_tools, spec.deny_tools) == (("t",), ("u",))


def test_gemini_tells_the_transport_by_the_key_and_writes_bare_variables(tmp_path: Path) -> None:
    old = entry(
        tmp_path, ".gemini/settings.json", "mcpServers", url="http://h/a", headers={"K": "$KEY-${B:-c}"}
    )
    assert (old.transport, old.headers) == ("sse", {"K": "${KEY}-${B:-c}"})
    assert entry(tmp_path, ".gemini/settings.json", "mcpServers", httpUrl="http://h/a").transport == "http"


def test_opencode_has_lists_for_commands_and_its_own_variables(tmp_path: Path) -> None:
    values = {
        "type": "local",
        "command": ["npx", "-y", "p"],
        "environment": {"A": "{env:B}"},
        "timeout": 2000,
    }
    spec = entry(tmp_path, "opencode.json", "mcp", **values)
    assert (spec.command, spec.args, spec.env) == ("npx", ("-y", "p"), {"A": "${B}"})
    assert spec.call_timeout == 2.0
    newer = one(tmp_path, "opencode.json", json.dumps({"mcp": {"servers": {"x": values}}}))
    assert newer.command == "npx"


def test_continue_and_goose_are_written_in_yaml(tmp_path: Path) -> None:
    text = "mcpServers:\n  - name: x\n    command: npx\n    env:\n      A: ${{ secrets.B }}\n"
    assert one(tmp_path, ".continue/mcpServers/x.yaml", text).env == {"A": "${B}"}
    text = "extensions:\n  x:\n    type: stdio\n    cmd: npx\n    envs: {A: b}\n    env_keys: [C]\n    timeout: 300\n"
    spec = one(tmp_path, ".config/goose/config.yaml", text)
    assert (spec.command, spec.env, spec.env_from, spec.call_timeout) == ("npx", {"A": "b"}, ("C",), 300.0)


def test_a_command_and_an_address_are_told_apart_by_the_type(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        {".mcp.json": '{"mcpServers": {"x": {"type": "http", "command": "c", "url": "http://h/m"}}}'},
    )
    assert settings.servers["x"].url == "http://h/m"
    assert settings.servers["x"].command is None
    assert "a command and an address" in settings.notes[0].message


def test_what_mcpctl_does_not_act_on_is_kept(tmp_path: Path) -> None:
    spec = entry(tmp_path, ".mcp.json", "mcpServers", command="c", alwaysLoad=True, unknown={"a": 1})
    assert spec.extra == {"alwaysLoad": True, "unknown": {"a": 1}}


def test_what_the_host_reads_past_is_noted(tmp_path: Path) -> None:
    settings = loaded(tmp_path, {".mcp.json": '{"mcpServers": {"x": {"command": "c", "disabled": true}}}'})
    assert not settings.servers["x"].enabled
    assert settings.notes[0].path == ("mcpServers", "x", "disabled")


def test_a_server_of_a_transport_that_nobody_speaks_is_left_out_with_a_note(tmp_path: Path) -> None:
    text = '{"mcpServers": {"w": {"type": "ws", "url": "ws://h"}, "x": {"command": "c"}}}'
    settings = loaded(tmp_path, {".mcp.json": text})
    assert list(settings.servers) == ["x"]
    assert [note.server for note in settings.notes] == ["w"]


def test_an_entry_without_a_way_to_reach_it_spoils_nothing_else(tmp_path: Path) -> None:
    settings = loaded(tmp_path, {".mcp.json": '{"mcpServers": {"empty": {}, "x": {"command": "c"}}}'})
    assert settings.servers["empty"].command is None
    assert settings.servers["x"].command == "c"


def test_keys_that_are_comments_are_no_servers(tmp_path: Path) -> None:
    text = '{"mcpServers": {"_comment": "text", "//": "text", "x": {"command": "c"}}}'
    assert list(loaded(tmp_path, {".mcp.json": text}).servers) == ["x"]


def test_values_of_the_wrong_kind_are_faults_with_their_places(tmp_path: Path) -> None:
    text = """{"mcpServers": {
      "a": {"command": "c", "args": "x"},
      "b": ["c"],
      "c": {"command": 1, "env": {"A": {"canary": 1}}},
      "d": {"url": "http://h", "type": "canary"}
    }}"""
    faults = refused(tmp_path, {".mcp.json": text})
    assert [(place(tmp_path, fault)[2:], fault.message) for fault in faults] == [
        ((2, 37), "`mcpServers.a.args` must be a list of texts"),
        ((3, 12), "`mcpServers.b` must be an object that describes a server"),
        ((4, 24), "`mcpServers.c.command` must be text"),
        ((4, 40), "`mcpServers.c.env.A` must be text"),
        ((5, 40), "`mcpServers.d.type` is no transport"),
    ]
    assert [fault.server for fault in faults] == ["a", "b", "c", "c", "d"]


def test_the_root_of_another_host_is_read_and_noted(tmp_path: Path) -> None:
    settings = loaded(tmp_path, {".mcp.json": '{"servers": {"x": {"command": "c"}}}'})
    assert list(settings.servers) == ["x"]
    assert "looks for `mcpServers`" in settings.notes[0].message


def test_servers_without_any_root_are_read_and_noted(tmp_path: Path) -> None:
    settings = loaded(tmp_path, {".mcp.json": '{"x": {"command": "c"}, "other": {"a": 1}}'})
    assert list(settings.servers) == ["x"]
    assert "servers at the root" in settings.notes[0].message


def test_a_file_without_servers_says_so_in_a_note(tmp_path: Path) -> None:
    settings = loaded(tmp_path, {".mcp.json": "{}"})
    assert (dict(settings.servers), len(settings.notes)) == ({}, 1)


def test_json_with_servers_is_ours_when_only_we_have_its_keys(tmp_path: Path) -> None:
    text = '{"servers": {"x": {"command": "c", "call_timeout": "5s"}}}'
    assert one(tmp_path, "anything.json", text).call_timeout == 5.0
    assert one(tmp_path, "anything.json", '{"servers": {"x": {"command": "c", "sandbox": {}}}}').extra == {
        "sandbox": {}
    }


def test_a_relative_command_of_a_project_file_is_meant_from_the_project(tmp_path: Path) -> None:
    spec = one(tmp_path, ".vscode/mcp.json", '{"servers": {"x": {"command": "./run", "cwd": "sub"}}}')
    assert (spec.command, spec.cwd) == (str(tmp_path / "run"), str(tmp_path / "sub"))


@pytest.mark.skipif(not SHARED.exists(), reason="the corpus is not part of a clone")
def test_every_file_of_the_corpus_is_read_like_its_index_says() -> None:
    lines = (SHARED / "corpus" / "index.tsv").read_text().splitlines()[1:]
    checked = 0
    for line in lines:
        name, _, path, _, count, *_ = line.split("\t")
        data = (SHARED / "corpus" / name).read_bytes()
        document = parse(data, choose.syntax_of(path, None), name)
        if document.faults:
            continue
        host = choose.by_path(path)
        if host is None or not choose.belongs(host, document.value):
            host = choose.by_content(document.value, document.syntax)
        if host.manifest:
            continue
        reading = read(host, document.value, name)
        for server, raw in reading.servers.items():
            decode_server(server, raw, complete=False)
            assert document.span(reading.places[server]), name
        if host.id != "generic":
            assert len(reading.servers) == int(count) or reading.faults, name
        checked += 1
    assert checked > 90


def test_every_host_of_the_table_can_be_read() -> None:
    for host in rows().values():
        if host.manifest or not host.roots:
            continue
        fields = {known.name: known for known in host.fields}
        command = fields.get("command")
        if command is None:
            continue
        written: Any = ["c", "a"] if command.shape == "texts" else "c"
        container: Any = {command.path[0]: written, "name": "x"}
        container = [container] if host.listed else {"x": container}
        for part in reversed([part for part in host.roots[0] if part != "*"]):
            container = {part: container}
        reading = read(host, container, "file")
        assert reading.servers["x"]["command"] == "c", host.id
        assert reading.faults == [], host.id
