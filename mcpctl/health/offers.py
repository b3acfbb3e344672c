"""What is wrong with the lists of a server, seen without calling anything. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from mcpctl.health.findings import found
from mcpctl.model.health import Check, CheckStatus
from mcpctl.model.protocol import JsonObject
from mcpctl.session.schemas import UnusableSchema, compile_schema

MAX_NAME = 128
"""Characters of a tool's name, says the specification."""

TOLD = 5
"""Findings of one kind that are told one by one; the rest is a number."""

NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")

_IDENTITY = {"tools/list": "name", "prompts/list": "name", "resources/list": "uri"}
"""What must be unique in which list."""


def judge(method: str, items: Sequence[JsonObject], faults: Sequence[str] = ()) -> list[Check]:
    checks = list(_few("H305", (f"{fault}" for fault in faults), warning=False))
    checks += _few("H302", _duplicates(method, items), warning=False)
    if method == "tools/list":
        checks += _few("H303", _unusable(items), warning=False)
        checks += _few("H304", _odd_names(items), warning=True)
    return checks


def _duplicates(method: str, items: Sequence[JsonObject]) -> Iterator[str]:
    key = _IDENTITY.get(method)
    if key is not None:
        counted = Counter(str(item[key]) for item in items)
        yield from (f"`{name}` is listed {count} times" for name, count in counted.items() if count > 1)


def _unusable(tools: Sequence[JsonObject]) -> Iterator[str]:
    known: set[str] = set()
    for tool in tools:
        for part in ("inputSchema", "outputSchema"):
            if part not in tool and part == "outputSchema":
                continue
            schema = tool.get(part)
            if not isinstance(schema, dict):
                yield f"`{tool['name']}` has no usable `{part}`: it must be an object"
            elif (same := _spelled(schema)) not in known:
                known.add(same)  # servers with thousands of tools have few schemas
                yield from _fault(tool["name"], part, schema)


def _spelled(schema: JsonObject) -> str:
    try:
        return repr(schema)
    except RecursionError:
        return str(id(schema))


def _fault(name: str, part: str, schema: JsonObject) -> Iterator[str]:
    if part == "inputSchema" and schema.get("type") != "object":
        yield f"the `{part}` of `{name}` is not of the type `object`"
        return
    try:
        compile_schema(schema)
    except UnusableSchema as error:
        yield f"the `{part}` of `{name}` cannot be used: {error}"


def _odd_names(tools: Sequence[JsonObject]) -> Iterator[str]:
    for tool in tools:
        name = tool["name"]
        if not name or len(name) > MAX_NAME or not NAME.issuperset(name):
            yield f"`{name[:MAX_NAME]}` is not a name that every client takes"


def _few(code: str, messages: Iterator[str], *, warning: bool) -> Iterator[Check]:
    status: CheckStatus = "warning" if warning else "failed"
    rest = 0
    for at, message in enumerate(messages):
        if at < TOLD:
            yield found(code, "list", message, status=status)
        else:
            rest += 1
    if rest:
        yield found(code, "list", f"and {rest} more of the same kind", status=status)
