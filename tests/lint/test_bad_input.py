"""Files that are broken in every way get a diagnostic or a clear error, never a traceback."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mcpctl.lint.engine import Plan, check
from mcpctl.lint.places import locate
from mcpctl.lint.reading import read_subject
from tests.commands.places import mcpctl
from tests.lint.command import codes, validate

PLAIN = '{"mcpServers": {"files": {"command": "files-server"}}}'

BROKEN = {
    "empty": (b"", "MCP007"),
    "only spaces": (b" \n\t\n", "MCP007"),
    "all commented out": (b"// {\n// }\n", "MCP007"),
    "binary": (bytes(range(256)) * 8, "MCP008"),
    "utf-16": (PLAIN.encode("utf-16"), "MCP008"),
    "utf-16 without a mark": (PLAIN.encode("utf-16-le"), "MCP008"),
    "latin-1": ('{"mcpServers": {"é": {"command": "a"}}}').encode("latin-1"),
    "byte order mark": (b"\xef\xbb\xbf" + PLAIN.encode(), "MCP006"),
    "lone surrogate": (b'{"mcpServers": {"files": {"command": "\\ud800"}}}', "MCP014"),
    "duplicate key": (b'{"mcpServers": {"a": {"command": "x"}, "a": {"command": "y"}}}', "MCP005"),
    "nested 100,000 deep": (b"[" * 100_000 + b"]" * 100_000, "MCP013"),
    "objects 100,000 deep": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "MCP013"),
    "5,000 digits": (b'{"mcpServers": {"a": {"command": "x", "timeout": ' + b"9" * 5000 + b"}}}", "MCP015"),
    "two documents": (PLAIN.encode() + b"\n" + PLAIN.encode(), "MCP012"),
    "NaN": (b'{"mcpServers": {"a": {"command": "x", "timeout": NaN}}}', "MCP015"),
    "a number": (b"42", "MCP102"),
    "a list": (b"[1, 2]", "MCP102"),
    "null": (b"null", None),
    "unclosed": (b'{"mcpServers": {"a": {"command": "x"', "MCP009"),
    "html": (b"<!DOCTYPE html><html></html>", "MCP011"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_gets_a_diagnostic(name: str, tmp_path: Path) -> None:
    content = BROKEN[name]
    data, code = content if isinstance(content, tuple) else (content, "MCP008")
    (tmp_path / ".mcp.json").write_bytes(data)
    said = validate(tmp_path, ".mcp.json")
    assert said.code == (1 if code else 0), said.err
    if code:
        assert code in codes(said)


def test_line_ends_of_windows_are_no_fault(tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_bytes(PLAIN.replace("{", "{\r\n").encode())
    assert codes(validate(tmp_path, ".mcp.json")) == []


def test_all_faults_are_told_in_one_run_and_the_rest_is_still_checked(tmp_path: Path) -> None:
    text = (
        '{\n  "mcpServers": {\n    "a": {"command": "x" "args": []},\n'
        '    "b": {"url": "https://b.example.com/mcp"},\n    "c": {"command": "y",}\n  }\n}'
    )
    (tmp_path / ".mcp.json").write_text(text)
    said = validate(tmp_path, ".mcp.json")
    places = {(each["code"], each["line"]) for each in said.data["diagnostics"]}
    assert {("MCP002", 3), ("MCP110", 4), ("MCP004", 5)} <= places


def test_a_missing_comma_is_pointed_at_behind_the_previous_value(tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_text('{\n  "mcpServers": {}\n  "x": 1\n}')
    (first,) = [
        each for each in validate(tmp_path, ".mcp.json").data["diagnostics"] if each["code"] == "MCP002"
    ]
    assert (first["line"], first["column"]) == (2, 19)


def test_a_folder_without_configurations_is_none_found(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    said = validate(tmp_path, "empty")
    assert said.code == 3
    assert said.json["errors"][0]["code"] == "config.not_found"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    said = validate(tmp_path, "no.json")
    assert said.code == 3
    assert "no.json" in said.json["errors"][0]["message"]


def test_one_unreadable_file_of_several_fails_but_the_rest_is_told(tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_text(PLAIN)
    said = validate(tmp_path, "no.json", ".mcp.json")
    assert said.code == 1
    assert [each["path"] for each in said.data["files"]] == [".mcp.json"]
    assert len(said.json["errors"]) == 1


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_named(tmp_path: Path) -> None:
    file = tmp_path / ".mcp.json"
    file.write_text(PLAIN)
    file.chmod(0)
    said = validate(tmp_path, ".mcp.json")
    assert said.code == 3
    assert "permission" in said.json["errors"][0]["message"]


def test_links_that_go_in_a_circle_are_an_error(tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").symlink_to(tmp_path / "other.json")
    (tmp_path / "other.json").symlink_to(tmp_path / ".mcp.json")
    said = validate(tmp_path, ".mcp.json")
    assert said.code == 3
    assert "links" in said.json["errors"][0]["message"]


def test_a_folder_that_contains_itself_is_searched_once(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / ".mcp.json").write_text(PLAIN)
    assert len(validate(tmp_path, ".").data["files"]) == 1


def test_a_device_is_no_configuration(tmp_path: Path) -> None:
    said = validate(tmp_path, "/dev/zero")
    assert said.code == 3


def test_a_name_with_a_null_character_is_an_error(tmp_path: Path) -> None:
    assert validate(tmp_path, "a\0b").code == 3


def test_a_yaml_bomb_is_a_diagnostic(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * 10) + "]" for n in range(1, 12)]
    folder = tmp_path / ".continue" / "mcpServers"
    folder.mkdir(parents=True)
    (folder / "bomb.yaml").write_text("\n".join(lines))
    said = validate(tmp_path, ".")
    assert said.code in {0, 1}
    assert said.data["files"]


def test_a_file_that_vanishes_between_search_and_reading_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    (tmp_path / ".mcp.json").write_text(PLAIN)
    (tmp_path / "gone" / ".mcp.json").symlink_to(tmp_path / "nowhere")
    said = validate(tmp_path, ".")
    assert said.code == 0
    assert len(said.data["files"]) == 1


@pytest.mark.parametrize("form", ["human", "concise", "jsonl", "github", "sarif", "junit"])
@pytest.mark.parametrize("name", BROKEN)
def test_every_format_can_show_every_broken_file(name: str, form: str, tmp_path: Path) -> None:
    content = BROKEN[name]
    (tmp_path / ".mcp.json").write_bytes(content[0] if isinstance(content, tuple) else content)
    said = mcpctl(tmp_path, "validate", ".mcp.json", "--format", form)
    assert said.code in {0, 1}, said.err
    assert "Traceback" not in said.out + said.err


MISSHAPEN = (
    "42", "[1]", "null", '"text"', '{"servers": 5, "mcpServers": 5}', '{"servers": null, "mcpServers": null}',
    '{"servers": [1], "mcpServers": [[]]}', '{"servers": {"files": 5}, "mcpServers": {"files": null}}',
    '{"servers": {"files": {"command": 5}}, "mcpServers": {"files": {"command": []}}}',
    '{"servers": {"files": {"args": "x"}}, "mcpServers": {"files": {"command": "x", "env": [1], "headers": 5}}}',
    '{"servers": {"files": {"command": "x"}}, "profiles": 5, "inputs": [1], "defaults": []}',
    "servers = 5", "[servers]\nfiles = 5", "[servers.files]\ncommand = 1979-05-27", "[tool]\nmcpctl = 5",
    "mcpServers: [5, {name: 5}, null]", "mcpServers:\n  - {name: files, command: [], args: {a: b}}",
)  # fmt: skip
"""What parses in one format or another, and is no configuration."""


@pytest.mark.parametrize(
    "name",
    [
        ".mcp.json",
        ".vscode/mcp.json",
        "mcpctl.json",
        "mcpctl.toml",
        "pyproject.toml",
        ".continue/config.yaml",
    ],
)
@pytest.mark.parametrize("text", [*MISSHAPEN, "", "{", "\0", '{"a": 1, "a": 2}'])
def test_no_verb_that_reads_a_file_stumbles_over_what_stands_in_it(
    name: str, text: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    for argv in (
        ("validate", name),
        ("config", "convert", name, "--to", "codex"),
        ("config", "view", name),
        ("config", "add", "a", "--file", name, "--", "x"),
        ("config", "set", "files", "command", "x", "--file", name),
        ("config", "import"),
        ("--config", name, "ls"),
    ):
        path.write_text(text)
        said = mcpctl(tmp_path, *argv)
        assert said.code in {0, 1, 2, 3}, (argv, said.err)


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("file", ["mcpctl.toml", ".continue/config.yaml"])
def test_what_breaks_one_format_breaks_none_of_the_others(name: str, file: str, tmp_path: Path) -> None:
    content = BROKEN[name]
    (tmp_path / ".continue").mkdir()
    (tmp_path / file).write_bytes(content[0] if isinstance(content, tuple) else content)
    assert validate(tmp_path, file).code in {0, 1}
    assert mcpctl(tmp_path, "config", "convert", file, "--to", "codex").code in {0, 2, 3}


JSON = """{
  "mcpServers": {
    "files": {
      "command": "npx",
      "args": ["-y", "@acme/files@1.2.3"],
      "env": {"A": "${B}"}
    },
    "docs": {"type": "http", "url": "https://docs.example.com/mcp"}
  }
}
"""
JSONC = """{ // servers
  "servers": { "a": { "command": "x", "args": ["${input:t}"], }, },
  "inputs": [{"id": "t"}]
}"""
TOML = """[mcp_servers.files]
command = "npx"
args = ["-y", "a@1"]
env = { A = "b" }

[mcp_servers.docs]
url = "https://x.y/mcp"
"""
YAML = """mcpServers:
  - name: files
    command: npx
    args: ['-y', a]
  - name: docs
    url: https://x.y/mcp
"""
OWN = """[servers.files]
command = "x"
fallback = ["y"]
[profiles.p.servers.files]
call_timeout = "3s"
"""
SEEDS = (JSON, JSONC, TOML, YAML, OWN)
NAMES = (".mcp.json", ".vscode/mcp.json", ".codex/config.toml", ".continue/mcpServers/x.yaml", "mcpctl.toml")
PLAN = Plan()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_splices_of_valid_files_never_break_the_checks(data: st.DataObject) -> None:
    which = data.draw(st.integers(0, len(SEEDS) - 1))
    text = SEEDS[which]
    for _ in range(data.draw(st.integers(1, 3))):
        donor = SEEDS[data.draw(st.integers(0, len(SEEDS) - 1))]
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 40)))
        cut = data.draw(st.integers(0, len(donor)))
        text = text[:start] + donor[cut : cut + data.draw(st.integers(0, 25))] + text[end:]
    subject = read_subject(NAMES[which], text.encode())
    for rule, finding in check(subject, PLAN):
        diagnostic = locate(subject, finding, rule)
        lines = subject.text.splitlines() or [""]
        assert 1 <= diagnostic.line <= len(lines) + 1
        assert (diagnostic.line, diagnostic.column) <= (diagnostic.end_line, diagnostic.end_column)
        json.dumps(diagnostic.data())
