"""A command line that calls a tool correctly: made from its schema, and from whatever the user already typed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mcpctl.model.protocol import JsonObject, Tool

_FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "email": "someone@example.com",
    "uri": "https://example.com",
    "url": "https://example.com",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "ipv4": "192.0.2.1",
    "hostname": "example.com",
}


def example(server: str, tool: Tool, given: Mapping[str, Any] | None = None) -> str:
    """Every required argument, plus what was given and is known to the schema. The server is as `typed` says it."""
    import shlex

    schema = tool.input_schema
    properties = schema.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    required = schema.get("required")
    names = [name for name in (required if isinstance(required, list) else []) if isinstance(name, str)]
    given = given or {}
    names += [name for name in given if name in properties and name not in names]
    words = [tool.name]
    for name in names:
        declared = properties.get(name)
        value = given[name] if name in given and _fits(given[name], declared) else sample(declared, name)
        words.append(_item(name, value))
    return f"mcpctl call {server} {shlex.join(words)}"


def sample(declared: Any, name: str = "value") -> Any:
    """A value that fits a schema as far as can be told at a glance."""
    if not isinstance(declared, dict):
        return name
    for known in ("default", "const"):
        if known in declared:
            return declared[known]
    for several in ("examples", "enum"):
        values = declared.get(several)
        if isinstance(values, list) and values:
            return values[0]
    for keyword in ("anyOf", "oneOf"):
        options = declared.get(keyword)
        if isinstance(options, list) and options:
            return sample(options[0], name)
    kind = declared.get("type")
    return _of_kind(kind[0] if isinstance(kind, list) and kind else kind, declared, name)


def _of_kind(kind: Any, declared: JsonObject, name: str) -> Any:
    if kind in ("integer", "number"):
        low = declared.get("minimum", declared.get("exclusiveMinimum", 0))
        return low + 1 if isinstance(low, int | float) else 1
    if kind == "boolean":
        return True
    if kind == "array":
        return [sample(declared.get("items"), name)]
    if kind == "object":
        parts = declared.get("properties")
        required = declared.get("required", ())
        return {key: sample(part, key) for key, part in parts.items() if key in required} if parts else {}
    return None if kind == "null" else _FORMATS.get(str(declared.get("format")), name)


def _item(name: str, value: Any) -> str:
    key = name.replace("=", "\\=")
    if isinstance(value, str):
        return f"{key}={value}"
    compact = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return f"{key}:={compact}" if isinstance(value, dict | list) else f"{key}={compact}"


def _fits(value: Any, declared: Any) -> bool:
    """Cheap and cautious: what the user typed is repeated only if nothing speaks against it."""
    if not isinstance(declared, dict):
        return True
    from mcpctl.session.schemas import UnusableSchema, compile_schema

    try:
        return bool(compile_schema(declared).is_valid(value))
    except UnusableSchema:
        return True
