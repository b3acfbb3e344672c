"""Real files by other people: nothing crashes, everything is found at its place, no error is false.

Each error that is found in them stands in `corpus_errors.tsv` and was judged by hand:
MCP101 OpenCode reads `mcp`; MCP103 VS Code wants an object; MCP110 Claude Code's loader skips a remote server without
a type; MCP115 its schema has no `enabled`; MCP118 `workspace` is reserved; MCP201 and MCP202 are tokens and passwords
in the open; MCP216 is a home folder or whole drives; MCP221 is a cloud's metadata service; MCP303 Claude Desktop
expands no variables.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator

import pytest

from mcpctl.lint.engine import Plan, check
from mcpctl.lint.finding import Finding
from mcpctl.lint.places import locate, span_of
from mcpctl.lint.reading import read_subject
from mcpctl.lint.registry import Rule
from mcpctl.lint.subject import Subject
from mcpctl.model.keypath import value_at
from tests.support import ROOT, SHARED

CORPUS = SHARED / "corpus"

pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of real files is not here")

PLAN = Plan()


def found() -> Iterator[tuple[str, Subject, Rule, Finding]]:
    with (CORPUS / "index.tsv").open(newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            subject = read_subject(row["path"], (CORPUS / row["file"]).read_bytes())
            for rule, finding in check(subject, PLAN):
                yield row["file"], subject, rule, finding


def test_every_finding_underlines_what_it_names() -> None:
    count = 0
    for file, subject, rule, finding in found():
        span = span_of(subject, finding)
        written = subject.text[span.offset_start : span.offset_end]
        where = f"{file}: {rule.code} at {finding.at}"
        if finding.span is not None or not finding.at:
            continue
        count += 1
        if finding.part == "key":
            assert _decoded(written) == str(finding.at[-1]), where
        elif finding.within is not None:
            assert finding.within in {written, _decoded(written), _decoded(f'"{written}"')}, where
        elif finding.part == "value" and isinstance(value := value_at(subject.value, finding.at), str):
            assert _decoded(written) == value, where
    assert count > 250


def test_errors_are_those_that_were_judged_by_hand() -> None:
    expected = {tuple(line.split("\t")) for line in _table().splitlines()}
    actual = set()
    for file, subject, rule, finding in found():
        diagnostic = locate(subject, finding, rule)
        if diagnostic.severity == "error":
            actual.add((file, diagnostic.code, str(diagnostic.line)))
    assert actual == expected


def test_no_secret_of_the_corpus_is_shown() -> None:
    for _, subject, rule, finding in found():
        if rule.code not in {"MCP201", "MCP202"}:
            continue
        diagnostic = locate(subject, finding, rule)
        assert finding.within
        shown = repr(diagnostic._replace(fix=None))
        assert finding.within not in shown


def test_files_that_allow_comments_are_not_blamed_for_them() -> None:
    codes = {(file, rule.code) for file, _, rule, _ in found()}
    assert not {each for each in codes if each[1] in {"MCP003", "MCP004", "MCP006"}}


def _table() -> str:
    return (ROOT / "tests" / "lint" / "corpus_errors.tsv").read_text()


def _decoded(written: str) -> str:
    """The value of a literal in JSON or TOML; a bare key is itself."""
    if written[:1] == '"':
        try:
            return str(json.loads(written))
        except ValueError:
            return written
    return written[1:-1] if written[:1] == "'" else written
