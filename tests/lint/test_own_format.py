"""mcpctl's own format: a mistake is told once, whichever key it is made in and whatever is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mcpctl.config import schema as own
from mcpctl.lint.engine import check
from mcpctl.lint.finding import Finding
from mcpctl.lint.reading import read_subject
from tests.lint.examples import default_plan

SCHEMA = own.load()

WRONG: tuple[Any, ...] = (
    None, True, -1, 0, 1.5, 7e300, "", "no such word", "1 parsec", [], [1], [[]], {"nonsense": 1}
)  # fmt: skip

REMOTE = {"url", "headers", "header_env", "bearer_env", "oauth", "ca_file", "client_cert", "client_key"}

NEEDED = {
    ("classes", "name"): {"limit": 1},
    ("health", "canary"): {"tool": "read"},
    ("checks", "name"): {"command": "true"},
    ("servers", "name"): {"command": "files-server"},
}
"""Without these a table is wrong already."""

Path = tuple[str, ...]


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        target = SCHEMA
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = target
    return schema


def keys_below(schema: dict[str, Any], path: Path) -> Iterator[Path]:
    """Every key that a table may have, and the keys of the tables below it."""
    schema = resolved(schema)
    below = dict(schema.get("properties", {}))
    if isinstance(schema.get("additionalProperties"), dict):
        below["name"] = schema["additionalProperties"]
    for key, each in below.items():
        yield (*path, key)
        yield from keys_below(each, (*path, key))
    for each in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from keys_below(each, path)


KEYS = sorted({path for path in keys_below(SCHEMA, ()) if path[:2] != ("profiles", "name") or len(path) < 6})


def with_value(path: Path, value: Any) -> dict[str, Any]:
    """A file that is right but for what stands under one key."""
    root: dict[str, Any] = {"servers": {"name": {"command": "files-server"}}}
    if path[0] != "servers":
        root = {"servers": {"other": {"command": "files-server"}}}
    elif REMOTE.intersection(path[2:3]):
        root = {"servers": {"name": {"url": "https://mcp.example.com/mcp"}}}
    table = root
    for index, part in enumerate(path[:-1]):
        table = table.setdefault(part, {})
        if not {"url", "command"} & {*table, path[index + 1]}:
            table.update(NEEDED.get(path[max(index - 1, 0) : index + 1], {}))
    table[path[-1]] = {**NEEDED.get(path[-2:], {}), **value} if value and isinstance(value, dict) else value
    return root


def findings(value: dict[str, Any]) -> list[tuple[str, Finding]]:
    subject = read_subject("mcpctl.json", json.dumps(value).encode(), host="mcpctl-json")
    return [(rule.code, finding) for rule, finding in check(subject, default_plan())]


@pytest.mark.parametrize("path", KEYS, ids=".".join)
def test_a_key_that_is_wrong_in_one_way_is_told_once(path: Path) -> None:
    refuses = Draft202012Validator(SCHEMA)
    for wrong in WRONG:
        value = with_value(path, wrong)
        if refuses.is_valid(value):
            continue
        found = findings(value)
        assert len(found) == 1, (wrong, found)


@pytest.mark.parametrize(
    ("table", "at"),
    [
        ({"health": {"fall": 0}}, ("health", "fall")),
        ({"health": {"interval": 0}}, ("health", "interval")),
        ({"health": {"command": "a", "url": "https://a.example.com"}}, ("health",)),
        (
            {"health": {"canary": {"tool": "read", "expect": {"equals": 1}}}},
            ("health", "canary", "expect"),
        ),
        (
            {"rate_limit": {"classes": {"slow": {"limit": 1, "per": 0}}}},
            ("rate_limit", "classes", "slow", "per"),
        ),
        ({"transport": "http"}, ("transport",)),
        ({"transport": "websocket"}, ("transport",)),
        ({"call_timeout": "30 seconds"}, ("call_timeout",)),
        ({"command": ""}, ("command",)),
        ({"fallback": ["nobody"]}, ("fallback", 0)),
    ],
)
def test_what_mcpctl_would_refuse_is_told_once_and_where_it_stands(
    table: dict[str, Any], at: tuple[str | int, ...]
) -> None:
    found = findings({"servers": {"files": {"command": "files-server", **table}}})
    assert [finding.at for _, finding in found] == [("servers", "files", *at)]


def test_every_unknown_key_is_told_with_the_word_that_was_meant() -> None:
    wrong = {"argz": [], "disabled": True, "environment": {}, "type": "stdio", "timeout": 5}
    found = findings({"servers": {"files": {"command": "files-server", **wrong}}})
    assert {finding.at[-1]: finding.hint for _, finding in found} == {
        "argz": "did you mean `args`?",
        "disabled": "write `enabled = false` to switch the server off",
        "environment": "call it `env`",
        "type": "call it `transport`",
        "timeout": "call it `call_timeout` or `start_timeout`, and mind the unit: `30s`",
    }


@pytest.mark.parametrize(
    "value",
    [
        [],
        5,
        {"servers": 5},
        {"servers": []},
        {"servers": {"files": 5}},
        {"mcpServers": {"files": {"command": "x"}}},
    ],
)
def test_a_file_that_is_wrong_as_a_whole_is_told_once(value: Any) -> None:
    assert len(findings(value)) == 1
