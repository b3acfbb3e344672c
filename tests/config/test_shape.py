from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mcpctl.config import shape, shape_health
from mcpctl.config.converters import SurpriseError
from mcpctl.config.schema import load
from mcpctl.model import server as model
from mcpctl.model.health_spec import CanarySpec, CheckSpec, ExpectSpec, HealthSpec
from mcpctl.model.settings import InputSpec

SCHEMA = load()
VALIDATOR = Draft202012Validator(SCHEMA)

RECORDS = [
    ("server", model.ServerSpec, shape.SERVER),
    ("retry", model.RetrySpec, shape.RETRY),
    ("breaker", model.BreakerSpec, shape.BREAKER),
    ("rate_limit", model.RateLimitSpec, shape.RATE_LIMIT),
    ("cache", model.CacheSpec, shape.CACHE),
    ("oauth", model.OAuthSpec, shape.OAUTH),
    ("truncate", model.TruncateSpec, shape.TRUNCATE),
    ("limits", model.LimitsSpec, shape.LIMITS),
    ("input", InputSpec, shape.INPUT),
    ("health", HealthSpec, shape_health.HEALTH),
    ("canary", CanarySpec, shape_health.CANARY),
    ("check", CheckSpec, shape_health.CHECK),
    ("expect", ExpectSpec, shape_health.EXPECT),
]
SAID_OTHERWISE = {
    "server": {"name", "tool_truncate", "tools"},
    "input": {"id"},
    "health": {"canary", "canaries", "command", "url", "status"},
    "expect": {"schema", "json_schema", "has_equals"},
}
"""The name is the key of the table, and `tools.NAME.truncate` says `tool_truncate`; one check needs no table."""

NEEDED: dict[tuple[str, ...], dict[str, Any]] = {
    ("classes", "x"): {"limit": 1},
    ("health", "canary"): {"tool": "t"},
    ("checks", "x"): {"command": "c"},
    ("expect",): {"pointer": "/a"},
    ("health",): {"url": "u"},
}
"""Keys that a table with others must have too."""

VALUES: list[Any] = [
    *("", "x", "30s", "250ms", "5 parsecs", "1.5h", "-1s", "32MiB", "10 kB", "9", "1e3", "inf", ".5m", "."),
    *("stdio", "lazy", "swap", "bucket", "preview", "file", "client_credentials"),
    *(0, 1, 2, -1, 1.5, 5.0, 0.5, 70000, 10**30, True, False, None),
    *(
        [],
        ["a"],
        [1],
        ["timeout"],
        {},
        {"a": "b"},
        {"a": 1},
        {"a": True},
        {"a": {}},
        {"a": ["b"]},
        {"a": "30s"},
    ),
    *({"limit": 1}, {"a": {"limit": 1}}, {"a": {"truncate": {"head": 1}}}, {"attempts": 2}, {"a": None}),
]


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    return SCHEMA["$defs"][reference.removeprefix("#/$defs/")] if reference else schema


def _paths(
    schema: dict[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Every key that the schema knows, with `x` for a name."""
    if path:
        yield path, schema
    inner = _resolved(schema)
    inner = _resolved(inner.get("else", inner))  # one of what may also be a list
    for key, below in inner.get("properties", {}).items():
        yield from _paths(below, (*path, key))
    below = inner.get("additionalProperties")
    if isinstance(below, dict) and inner is not SCHEMA["$defs"]["plain"]:
        yield from _paths(below, (*path, "/x" if "propertyNames" in inner else "x"))


PATHS = list(_paths(SCHEMA))


@pytest.mark.parametrize(("name", "record", "table"), RECORDS)
def test_model_decoder_and_schema_have_the_same_keys(name: str, record: Any, table: dict[str, Any]) -> None:
    fields = {field.name for field in dataclasses.fields(record)} ^ SAID_OTHERWISE.get(name, set())
    assert set(table) == fields
    assert set(SCHEMA["$defs"][name]["properties"]) == fields


def test_the_smaller_tables_agree_too() -> None:
    classes = SCHEMA["$defs"]["rate_limit"]["properties"]["classes"]["additionalProperties"]
    assert set(shape.RATE_CLASS) == set(classes["properties"])
    assert set(shape.RATE_CLASS) == {field.name for field in dataclasses.fields(model.RateClass)}
    assert set(shape.ROOT) == set(SCHEMA["properties"])
    assert set(shape.PROFILE) == set(SCHEMA["$defs"]["profile"]["properties"])


def test_the_schema_is_one_and_describes_every_key() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    without = [
        path for path, schema in PATHS if not schema.get("description") and path[-1] not in ("x", "/x")
    ]
    assert without == []
    assert len(PATHS) > 100


def test_decoder_and_schema_accept_and_refuse_the_same() -> None:
    for path, _ in PATHS:
        for value in VALUES:
            if value == 0 and (path[-1] == "per" or "health" in path):
                continue  # no time at all: the schema has no words for it
            root = _rooted(path, value)
            valid = VALIDATOR.is_valid(root)
            surprise = refusal(root)
            assert valid == (surprise is None), (path, value)
            if surprise is not None:
                assert surprise.path[: len(path)] == path


def _rooted(path: tuple[str, ...], value: Any) -> Any:
    """A whole file that says this one thing, and what cannot be missing beside it."""
    for at in reversed(range(len(path))):
        beside = next((keys for end, keys in NEEDED.items() if path[:at][-len(end) :] == end), {})
        alone = path[at] in ("command", "url", "pointer")
        value = {path[at]: value} if alone else {**beside, path[at]: value}
    return value


def refusal(root: Any) -> SurpriseError | None:
    try:
        shape.check_root(root)
    except SurpriseError as surprise:
        return surprise
    return None


def decoded(raw: dict[str, Any]) -> model.ServerSpec:
    return shape.decode_server("x", {"command": "c", **raw})


def test_times_are_seconds_and_sizes_bytes() -> None:
    spec = decoded(
        {
            "start_timeout": "250ms",
            "call_timeout": "1.5m",
            "idle_timeout": 3,
            "retry": {"initial": "1h"},
            "limits": {"max_message": "32 MiB", "memory": "1.5kB", "write_timeout": ".5s"},
            "cache": {"tools": {"t": "5m"}},
        }
    )
    assert (spec.start_timeout, spec.call_timeout, spec.idle_timeout) == (0.25, 90.0, 3.0)
    assert spec.retry == model.RetrySpec(initial=3600.0)
    assert spec.limits == model.LimitsSpec(max_message=32 << 20, memory=1500, write_timeout=0.5)
    assert spec.cache == model.CacheSpec(tools={"t": 300.0})


def test_an_empty_table_is_a_policy_with_its_defaults() -> None:
    spec = decoded({"retry": {}, "breaker": {}, "rate_limit": {}})
    assert (spec.retry, spec.breaker, spec.rate_limit) == (
        model.RetrySpec(),
        model.BreakerSpec(),
        model.RateLimitSpec(),
    )


def test_every_other_field_arrives_where_it_belongs() -> None:
    spec = decoded(
        {
            "inherit_env": ["A"],
            "tools": {"t": {"truncate": {"head": 1, "preset": "recent"}}, "u": {}},
            "rate_limit": {"classes": {"bulk": {"limit": 9, "per": "1h", "burst": 2, "algorithm": "window"}}},
            "health": {"level": "list", "canary": {"tool": "t"}},
            "oauth": {"scopes": ["a"], "grant": "client_credentials", "redirect_port": 80},
        }
    )
    assert spec.inherit_env == ("A",)
    assert spec.tool_truncate == {"t": model.TruncateSpec(head=1, preset="recent"), "u": model.TruncateSpec()}
    assert spec.rate_limit is not None
    assert spec.rate_limit.classes["bulk"] == model.RateClass(
        limit=9, per=3600.0, burst=2, algorithm="window"
    )
    assert spec.health == HealthSpec(level="list", canaries=(CanarySpec(tool="t"),))
    assert spec.oauth == model.OAuthSpec(scopes=("a",), grant="client_credentials", redirect_port=80)


@pytest.mark.parametrize(
    ("raw", "transport"),
    [
        ({"command": "c"}, "stdio"),
        ({"url": "http://h/mcp"}, "http"),
        ({"url": "http://h/sse"}, "sse"),
        ({"url": "http://h/sse", "transport": "http"}, "http"),
    ],
)
def test_the_transport_follows_from_how_a_server_is_reached(raw: dict[str, Any], transport: str) -> None:
    assert shape.decode_server("x", raw).transport == transport


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({}, "has neither `command` nor `url`"),
        ({"command": "c", "url": "u"}, "has both `command` and `url`"),
        ({"command": "c", "transport": "http"}, "is `http`, which needs `url`"),
        ({"url": "u", "transport": "stdio"}, "is `stdio`, which needs `command`"),
        ({"command": "c", "call_timeout": float("nan")}, "must be a duration such as"),
        (
            {"command": "c", "rate_limit": {"classes": {"a": {"limit": 1, "per": 0}}}},
            "must be more than nothing",
        ),
    ],
)
def test_what_the_schema_cannot_say_is_refused_all_the_same(raw: dict[str, Any], message: str) -> None:
    with pytest.raises(SurpriseError) as raised:
        shape.decode_server("x", raw)
    assert raised.value.message.startswith(message)
