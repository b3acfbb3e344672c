"""The quick way and the thorough way find the same: no rule is skipped that had something to say."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpctl.config.hosts.table import rows
from mcpctl.lint.catalogue import all_rules
from mcpctl.lint.engine import Plan, check
from mcpctl.lint.examples import written
from mcpctl.lint.reading import read_subject
from mcpctl.lint.registry import Rule
from mcpctl.lint.subject import Subject
from tests.lint.examples import file_name
from tests.support import SHARED

PLAN = Plan()
CORPUS = SHARED / "corpus"


def both_ways(make: object) -> None:
    assert callable(make)
    quick = sorted(f"{rule.code} {finding}" for rule, finding in check(make(), PLAN))
    thorough = sorted(f"{rule.code} {finding}" for rule, finding in check(make(), PLAN, thorough=True))
    assert quick == thorough


@pytest.mark.parametrize("rule", all_rules().values(), ids=lambda rule: rule.code)
def test_examples_are_found_either_way(rule: Rule) -> None:
    for example in (rule.bad, rule.good):
        data = written(example).encode("utf-8", "surrogateescape")

        def make(data: bytes = data, example: object = example) -> Subject:
            return read_subject(
                file_name(example),  # type: ignore[arg-type]
                data,
                host=example.host,  # type: ignore[attr-defined]
                target=example.target,  # type: ignore[attr-defined]
                mode=example.mode,  # type: ignore[attr-defined]
            )

        both_ways(make)


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of real files is not here")
def test_real_files_are_judged_the_same_either_way() -> None:
    with (CORPUS / "index.tsv").open(newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            data = (CORPUS / row["file"]).read_bytes()
            path = row["path"]
            both_ways(lambda path=path, data=data: read_subject(path, data))


WORDS = st.sampled_from(
    [
        "npx", "-y", "uvx", "docker", "run", "-i", "-it", "--privileged", "@acme/x", "@acme/x@1.2.3", "@acme/x@latest", "/",
        "~/notes", "${TOKEN}", "${env:TOKEN}", "$TOKEN", "%TOKEN%", "{env:TOKEN}", "YOUR_KEY", "/home/ada/x", "./server.py",
        "https://mcp.example.com/sse", "http://mcp.example.com/mcp", "https://u:p4ssw0rd@h.example.com", "--token", "cmd",
        "ghp_Ab3dEf6hIj9kLmNoPqRsTuVwXyZ0a4C7e1G5", "C:\\Users\\ada\\x.exe", "sh", "-c", "curl x | sh", "a b", "", "\u202e",
        "mcp-remote", "--network=host", "@21st-dev/magic", "x@^1.2", "a==1.0", "a[b]@2.0", "--from=git", "-v", "/:/x", "--api-key=Zx9kQ2mW7pL4",
        "Zx9kQ2mW7pL4vB8n", "Authorization: Bearer Zx9kQ2mW7pL4vB8n", "PASSWORD", "hunter2secret", "bad header", "postgres://u:p4ss@h/d", "git+https://github.com/a/b", "LD_PRELOAD", "PATH", "API_KEY", "\\u0041",
    ]
)  # fmt: skip
KEYS = st.sampled_from(
    [
        "command", "args", "env", "url", "headers", "type", "timeout", "disabled", "enabled", "cwd", "envFile", "serverUrl",
        "httpUrl", "environment", "description", "autoApprove", "trust", "headersHelper", "argz", "name", "transport",
    ]
)  # fmt: skip
VALUES = st.one_of(
    WORDS,
    st.lists(WORDS, max_size=4),
    st.dictionaries(WORDS, st.one_of(WORDS, st.integers(), st.booleans()), max_size=3),
    st.integers(-1, 100_000),
    st.booleans(),
    st.none(),
)
ENTRIES = st.dictionaries(KEYS, VALUES, max_size=5)
ROOTS = st.sampled_from(["mcpServers", "servers", "mcp", "context_servers", "extensions"])
HOSTS = st.sampled_from(
    sorted(name for name, host in rows().items() if host.syntax in {"json", "jsonc", "json5"})
)


@settings(max_examples=150, deadline=None)
@given(host=HOSTS, root=ROOTS, servers=st.dictionaries(WORDS, ENTRIES, max_size=3), ascii_only=st.booleans())
def test_invented_files_are_judged_the_same_either_way(
    host: str, root: str, servers: dict[str, object], ascii_only: bool
) -> None:
    import json

    data = json.dumps({root: servers}, ensure_ascii=ascii_only).encode()
    both_ways(lambda: read_subject(str(Path("x") / "some.json"), data, host=host))
