"""The schemas that editors get accept what hosts accept, and the compiled checker agrees with jsonschema."""

from __future__ import annotations

import csv
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import validators

from mcpctl.config.hosts.manifests import MCPB_VERSIONS, REGISTRY_VERSIONS, mcpb_schema, registry_schema
from mcpctl.config.hosts.schemas import entry_schema, schema_of
from mcpctl.config.hosts.table import rows
from mcpctl.lint.checker import compile_schema
from mcpctl.lint.engine import Plan, check
from mcpctl.lint.reading import read_subject
from tests.support import SHARED

CORPUS = SHARED / "corpus"

SCHEMAS: dict[str, dict[str, Any]] = {
    **{f"entry {host.id}": entry_schema(host) for host in rows().values() if host.fields},
    **{f"file {host.id}": schema_of(host) for host in rows().values() if host.roots},
    **{f"registry {version}": registry_schema(version) for version in REGISTRY_VERSIONS},
    **{f"mcpb {version}": mcpb_schema(version) for version in MCPB_VERSIONS},
}

KEYS = st.sampled_from(
    [
        "mcpServers", "servers", "command", "args", "env", "url", "type", "timeout", "name", "description", "version",
        "packages", "remotes", "transport", "identifier", "registryType", "registry_type", "manifest_version", "server",
        "author", "mcp_config", "entry_point", "inputs", "id", "headers", "oauth", "enabled",
    ]
)  # fmt: skip
WORDS = st.sampled_from(
    [
        "stdio",
        "http",
        "https://a.b/c",
        "a/b",
        "0.3",
        "x",
        "",
        "local",
        "promptString",
        "python",
        "streamable-http",
        "1.0",
    ]
)
VALUES = st.recursive(
    st.one_of(WORDS, st.integers(-2, 5000), st.booleans(), st.none(), st.floats(0, 9)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=6)),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(sorted(SCHEMAS)), value=VALUES)
def test_the_compiled_checker_says_what_jsonschema_says(name: str, value: Any) -> None:
    schema = SCHEMAS[name]
    validator = validators.validator_for(schema)(schema)
    assert compile_schema(schema)(value) == validator.is_valid(value)


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_schema_is_one(name: str) -> None:
    schema = SCHEMAS[name]
    validators.validator_for(schema).check_schema(schema)
    assert compile_schema(schema)(42) is False


def test_a_schema_with_a_keyword_that_nobody_checks_is_refused() -> None:
    with pytest.raises(ValueError, match="contains"):
        compile_schema({"type": "array", "contains": {"type": "string"}})


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of real files is not here")
def test_real_files_without_errors_keep_to_the_schema_of_their_host() -> None:
    plan, count = Plan(("MCP0", "MCP1")), 0
    with (CORPUS / "index.tsv").open(newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            subject = read_subject(row["path"], (CORPUS / row["file"]).read_bytes())
            severities = {finding.severity or rule.severity for rule, finding in check(subject, plan)}
            host = subject.host
            if "error" in severities or not host.roots or host.bare_ok or host.manifest:
                continue
            assert compile_schema(schema_of(host))(subject.value), row["file"]
            count += 1
    assert count > 90


def test_a_schema_says_where_its_facts_are_from() -> None:
    for host in rows().values():
        assert host.source
        assert host.checked.startswith("2026-")
    assert "checked" in json.dumps(schema_of(rows()["vscode"]))
