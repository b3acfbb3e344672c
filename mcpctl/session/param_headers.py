"""`x-mcp-header`: arguments that a tool's schema wants repeated as `Mcp-Param-…` headers, for routers on the way.

A schema whose annotations break the protocol's rules is a fault of the server: such a tool must not be called blindly.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from typing import Any

from mcpctl.model.protocol import JsonObject
from mcpctl.session.dialect import header_value

KEYWORD = "x-mcp-header"

_TOKEN = frozenset(string.ascii_letters + string.digits + "!#$%&'*+-.^_`|~")
_MIRRORED = ("string", "integer", "boolean")
# Where the values of a schema's keywords are schemas themselves: one, a list, a map of them.
_ONE = frozenset(
    "items contains unevaluatedItems additionalProperties propertyNames unevaluatedProperties not if then else "
    "contentSchema".split()
)
_LIST = frozenset("allOf anyOf oneOf prefixItems".split())
_MAP = frozenset("patternProperties dependentSchemas $defs definitions".split())


def headers_for(schema: JsonObject, arguments: Mapping[str, Any]) -> dict[str, str] | None:
    headers: dict[str, str] = {}
    for path, part in _positions(schema):
        token = part.get(KEYWORD)
        value = _at(arguments, path) if path and isinstance(token, str) else None
        if value is not None and (text := _rendered(value)) is not None:
            headers[f"mcp-param-{token}"] = header_value(text)
    return headers or None


def tokens_of(schema: JsonObject) -> list[str]:
    """What the annotations of a schema name; nothing where they break the rules, since no client follows those."""
    if annotation_fault(schema) is not None:
        return []
    return [part[KEYWORD] for path, part in _positions(schema) if path and KEYWORD in part]


def annotation_fault(schema: Any) -> str | None:
    """What is wrong with the header annotations of a schema, in words; None where nothing is."""
    seen: dict[str, str] = {}
    for path, part in _positions(schema):
        if KEYWORD not in part:
            continue
        token, where = part[KEYWORD], ".".join(path or ())
        if not path:
            return f"`{KEYWORD}` stands where no argument is"
        if not isinstance(token, str) or not token or not _TOKEN.issuperset(token):
            return f"`{KEYWORD}` of `{where}` is not a header name"
        if part.get("type") not in _MIRRORED:
            return f"`{KEYWORD}` of `{where}` needs a type that fits a header: {', '.join(_MIRRORED)}"
        if token.lower() in seen:
            return f"`{KEYWORD}` of `{where}` is the one of `{seen[token.lower()]}` again"
        seen[token.lower()] = where
    return None


def _positions(schema: Any) -> Iterator[tuple[tuple[str, ...] | None, JsonObject]]:
    """Every subschema with its path of property names; None once any other keyword lies between."""
    stack: list[tuple[tuple[str, ...] | None, Any]] = [((), schema)]
    while stack:
        path, node = stack.pop()
        if not isinstance(node, dict):
            continue
        yield path, node
        for keyword, value in node.items():
            if keyword == "properties" and isinstance(value, dict):
                stack.extend(
                    ((*path, name) if path is not None else None, each) for name, each in value.items()
                )
            elif keyword in _ONE:
                stack.append((None, value))
            elif keyword in _LIST and isinstance(value, list):
                stack.extend((None, each) for each in value)
            elif keyword in _MAP and isinstance(value, dict):
                stack.extend((None, each) for each in value.values())


def _at(arguments: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = arguments
    for step in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value


def _rendered(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        return None
    try:
        return str(value)
    except ValueError:  # an integer of more digits than Python is willing to print
        return None
