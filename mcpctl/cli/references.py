"""Writes the help pages that are lists: every key of a configuration from its schema, every host from the table of hosts.

Guides are written by hand and stand beside them in `mcpctl/help`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from mcpctl.cli.helptext import WIDTH

UNTOLD = {"$schema"}
"""Keys that are for editors alone."""

NAMED = {
    "servers": "NAME",
    "features": "NAME",
    "inputs": "ID",
    "profiles": "NAME",
    "tools": "TOOL",
    "classes": "CLASS",
}
"""What stands for the keys that people choose themselves."""


def references() -> dict[str, str]:
    """Pages by the names of their files."""
    return {"settings.txt": _joined(_settings()), "hosts.txt": _joined(_hosts())}


def keys(table: str) -> list[tuple[str, str, str]]:
    """Of one table of the schema, such as `server`: each key, what it holds and what it means."""
    from mcpctl.config.schema import load

    shared = load()["$defs"]
    properties = shared[table]["properties"]
    return [(key, _kind(each, shared), each.get("description", "")) for key, each in properties.items()]


def _joined(lines: Iterator[str]) -> str:
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _settings() -> Iterator[str]:
    from mcpctl.config.schema import load

    schema = load()
    yield "Settings: every key of a configuration, and what it means"
    yield ""
    yield from textwrap.wrap(
        "Written as in `mcpctl.toml`; `mcpctl.json` has the same keys, and in `pyproject.toml` they stand under "
        "`tool.mcpctl`. `mcpctl config schema` prints the JSON Schema for editors, and "
        "`sample-configs/everything.toml` is a file that has all of them.",
        WIDTH,
    )
    for heading, node in _tables(schema, "", schema["$defs"]):
        yield from ("", f"[{heading}]" if heading else "At the top")
        yield from _keys(node, schema["$defs"])


def _tables(node: dict[str, Any], path: str, shared: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each table that keys can stand in, once: a shape that was told already is only named where it comes again."""
    told = set()
    waiting = [(path, node)]
    while waiting:
        path, node = waiting.pop(0)
        yield path, node
        for key, each in node.get("properties", {}).items():
            inner, shape = _table_of(each, shared)
            if inner is None or shape in told:
                continue
            told.add(shape)
            name = f".{NAMED.get(key, 'NAME')}" if inner is not _resolved(each, shared) else ""
            waiting.append((f"{path}.{key}{name}".lstrip("."), inner))


def _table_of(node: dict[str, Any], shared: dict[str, Any]) -> tuple[dict[str, Any] | None, object]:
    """The table that a key leads to, its own or that of each name below it, and what it is called in the schema."""
    for _ in range(2):
        node = node.get("else", node)  # one, or a list of them
        shape = node.get("$ref") or id(node)
        node = _resolved(node, shared)
        if "properties" in node:
            return node, shape
        below = node.get("additionalProperties", node.get("items"))
        if not isinstance(below, dict):
            break
        node = below
    return None, None


def _keys(node: dict[str, Any], shared: dict[str, Any]) -> Iterator[str]:
    for key, each in node["properties"].items():
        if key in UNTOLD:
            continue
        yield f"  {key}  ({_kind(each, shared)})"
        about = textwrap.wrap(each.get("description", ""), WIDTH - 6, break_on_hyphens=False)
        yield from (f"      {line}" for line in about)


def _kind(node: dict[str, Any], shared: dict[str, Any]) -> str:
    if "else" in node:
        return f"{_kind(node['else'], shared)} or list of them"
    title = str(_resolved(node, shared).get("title", ""))
    if title:
        return title.partition(" such as ")[0].removeprefix("a ")
    node = _resolved(node, shared)
    if "enum" in node:
        return " | ".join(f'"{choice}"' for choice in node["enum"])
    kinds = node.get("type", "")
    words = {
        "string": "text",
        "array": "list",
        "object": "table",
        "boolean": "true | false",
        "integer": "whole number",
    }
    if "items" in node and "enum" in node["items"]:
        return "list of " + " | ".join(f'"{choice}"' for choice in node["items"]["enum"])
    return " or ".join(words.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds))


def _resolved(node: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
    """Where one may also be a list of them, what one is like."""
    node = node.get("else", node)
    target = node.get("$ref")
    return shared[target.rpartition("/")[2]] if target else node


def _hosts() -> Iterator[str]:
    from mcpctl.config.hosts.table import rows

    yield "Hosts: whose configurations are understood, and where those are"
    yield ""
    yield from textwrap.wrap(
        "The word in front is what `--host` takes. A file that is found by its name needs no `--host`. "
        "Files of a project come first, then those that a host keeps for one person.",
        WIDTH,
    )
    for row in rows().values():
        yield from ("", f"{row.id}  ({row.title}, {row.syntax})")
        for place in (*row.project, *row.user):
            yield from _path(place)


def _path(place: str) -> Iterator[str]:
    """Broken behind a slash where it is too long for a line."""
    room = WIDTH - 4
    place = place.replace("{appdata}", "%APPDATA%")
    if len(place) > room:
        cut = place.rindex("/", 0, room) + 1
        yield f"  {place[:cut]}"
        yield f"    {place[cut:]}"
    else:
        yield f"  {place}"
