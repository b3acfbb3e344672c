"""Fixes: only what is safe unless asked, nothing else touched, and running again changes nothing."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from mcpctl.lint.catalogue import all_rules
from mcpctl.lint.examples import written
from mcpctl.lint.registry import Rule
from tests.commands.places import mcpctl
from tests.lint.command import codes, validate
from tests.lint.examples import file_name
from tests.support import SHARED

CORPUS = SHARED / "corpus"

FIXABLE = [rule for rule in all_rules().values() if rule.scope in {"syntax", "file", "server"}]


def fix(folder: Path, name: str, *more: str) -> str:
    validate(folder, name, "--fix", *more)
    return (folder / name).read_bytes().decode("utf-8", "surrogateescape")


def test_a_type_is_added_and_everything_else_stays(tmp_path: Path) -> None:
    text = '{\n  "mcpServers": {\n    "docs": {\n      "url": "https://docs.example.com/mcp"\n    }\n  }\n}\n'
    (tmp_path / ".mcp.json").write_text(text)
    assert fix(tmp_path, ".mcp.json") == text.replace('/mcp"\n', '/mcp",\n      "type": "http"\n')


def test_several_faults_of_one_server_are_all_mended(tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_text(
        '{"mcpServers": {"a": {"command": "npx x@1.0.0", "environment": {"PORT": "1"}, "timeout": 5000}}}'
    )
    fix(tmp_path, ".mcp.json")
    value = json.loads((tmp_path / ".mcp.json").read_text())
    assert value["mcpServers"]["a"] == {
        "command": "npx",
        "env": {"PORT": "1"},
        "timeout": 5000,
        "args": ["-y", "x@1.0.0"],
    }


def test_comments_and_commas_go_where_the_host_refuses_them(tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_bytes(
        b'\xef\xbb\xbf{\n  // ours\n  "mcpServers": {\n    "a": { "command": "x", }, // first\n  },\n}\n'
    )
    assert fix(tmp_path, ".mcp.json") == '{\n  "mcpServers": {\n    "a": { "command": "x" }\n  }\n}\n'


def test_a_missing_comma_is_added(tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_text(
        '{\n  "mcpServers": {\n    "a": {\n      "command": "x"\n      "args": []\n    }\n  }\n}'
    )
    assert '"x",\n' in fix(tmp_path, ".mcp.json")


def test_a_secret_is_moved_only_when_that_was_asked_for(tmp_path: Path) -> None:
    token = "ghp_Ab3dEf6hIj9kLmNoPqRsTuVwXyZ0a4C7e1G5"
    text = f'{{"mcpServers": {{"a": {{"command": "x", "env": {{"GITHUB_TOKEN": "{token}"}}}}}}}}'
    (tmp_path / ".mcp.json").write_text(text)
    assert fix(tmp_path, ".mcp.json") == text
    assert fix(tmp_path, ".mcp.json", "--unsafe-fixes") == text.replace(token, "${GITHUB_TOKEN}")


def test_a_diff_changes_nothing_and_exits_with_one(tmp_path: Path) -> None:
    text = '{"mcpServers": {"docs": {"url": "https://docs.example.com/mcp"}}}'
    (tmp_path / ".mcp.json").write_text(text)
    said = mcpctl(tmp_path, "validate", ".mcp.json", "--diff", "--fail-on", "never")
    assert said.code == 1
    assert "+++ b/.mcp.json" in said.out
    assert (tmp_path / ".mcp.json").read_text() == text


def test_suppressed_findings_are_not_fixed(tmp_path: Path) -> None:
    text = '{"mcpServers": {"docs": {"url": "https://docs.example.com/mcp"}}}'
    (tmp_path / ".mcp.json").write_text(text)
    assert fix(tmp_path, ".mcp.json", "--ignore", "MCP110") == text
    (tmp_path / "mcpctl.toml").write_text('[lint]\nignore = ["MCP110:docs"]\n')
    assert fix(tmp_path, ".mcp.json") == text


def test_a_link_stays_a_link_and_the_mode_stays(tmp_path: Path) -> None:
    real = tmp_path / "real.json"
    real.write_text('{"mcpServers": {"docs": {"url": "https://docs.example.com/mcp"}}}')
    real.chmod(0o600)
    (tmp_path / ".mcp.json").symlink_to(real)
    fix(tmp_path, ".mcp.json")
    assert (tmp_path / ".mcp.json").is_symlink()
    assert '"type"' in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("rule", FIXABLE, ids=lambda rule: rule.code)
def test_fixing_twice_changes_nothing_more_and_breaks_nothing(rule: Rule, tmp_path: Path) -> None:
    name = file_name(rule.bad)
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(written(rule.bad).encode("utf-8", "surrogateescape"))
    host = ("--host", rule.bad.host)
    before = codes(validate(tmp_path, name, *host))
    once = fix(tmp_path, name, "--unsafe-fixes", *host)
    after = codes(validate(tmp_path, name, *host))
    assert fix(tmp_path, name, "--unsafe-fixes", *host) == once
    assert sum(code < "MCP1" for code in after) <= sum(code < "MCP1" for code in before)


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of real files is not here")
def test_real_files_are_fixed_without_damage(tmp_path: Path) -> None:
    with (CORPUS / "index.tsv").open(newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    for number, row in enumerate(rows):
        folder = tmp_path / str(number)
        path = folder / row["path"]
        path.parent.mkdir(parents=True)
        path.write_bytes((CORPUS / row["file"]).read_bytes())
    validate(tmp_path, ".", "--fix", "--unsafe-fixes")
    once = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    said = validate(tmp_path, ".", "--fix", "--unsafe-fixes")
    assert said.data["summary"]["fixed"] == 0
    assert {path: path.read_bytes() for path in once} == once
    assert not [code for code in codes(said) if code < "MCP1"]
