"""JSON Schemas of hosts' files, made from the table of facts: for editors, and for explaining faults of shape."""

from __future__ import annotations

from typing import Any

from mcpctl.config.hosts.facts import URL_NAMES, Field, HostFacts

JsonSchema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"

_TEXT: JsonSchema = {"type": "string"}
_SHAPES: dict[str, JsonSchema] = {
    "text": _TEXT,
    "texts": {"type": "array", "items": _TEXT},
    "text or texts": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]},
    "texts map": {"type": "object", "additionalProperties": _TEXT},
    "scalars map": {
        "type": "object",
        "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
    },
    "flag": {"type": "boolean"},
    "whole": {"type": "integer"},
    "number": {"type": "number"},
    "object": {"type": "object"},
    "flag or object": {"anyOf": [{"type": "boolean"}, {"type": "object"}]},
    "objects": {"type": "array", "items": {"type": "object"}},
    "any": {},
}


def schema_of(host: HostFacts) -> JsonSchema:
    """The schema of a whole file of this host."""
    from mcpctl.config.hosts import manifests

    if host.manifest:
        return manifests.schema_of(host.manifest)
    entry = {**entry_schema(host), **_ways_to_reach(host)}
    if host.strict_keys:
        entry["additionalProperties"] = False
    servers: JsonSchema = (
        {"type": "array", "items": entry}
        if host.listed
        else {"type": "object", "additionalProperties": entry}
    )
    schema = _nested(servers, host)
    about = {
        "$schema": DRAFT,
        "title": f"MCP servers of {host.title}",
        "$comment": f"{host.source}; checked {host.checked}",
    }
    return {**about, **schema}


def entry_schema(host: HostFacts) -> JsonSchema:
    """The schema of one server."""
    properties: dict[str, JsonSchema] = {}
    for field in host.fields:
        _place(properties, field)
    schema: JsonSchema = {"type": "object", "properties": properties}
    required = [path[0] for name in host.required for path in (_path(host, name),)]
    if host.type_required:
        required.append(_path(host, "type")[0])
    if required:
        schema["required"] = required
    if host.closed:
        schema["additionalProperties"] = False
    return schema


def _ways_to_reach(host: HostFacts) -> JsonSchema:
    """A command or an address, with the word for the transport that goes with each: for editors, not for rules."""
    if host.brings_servers:
        return {}
    names = {field.name for field in host.fields}
    word = _path(host, "type")[0] if "type" in names and host.type_words else None
    ways: list[JsonSchema] = []
    if "stdio" in host.transports:
        ways.append(_way(host, "command", word, required=host.type_required, remote=False))
    if host.takes_remote:
        strict = host.url_alone in {"broken", "error"}
        ways += [_way(host, name, word, required=strict, remote=True) for name in URL_NAMES if name in names]
    return {"anyOf": ways}


def _way(host: HostFacts, name: str, word: str | None, *, required: bool, remote: bool) -> JsonSchema:
    key = _path(host, name)[0]
    way: JsonSchema = {"required": [key]}
    if word is not None:
        words = [said for said, kind in host.type_words if (kind != "stdio") == remote]
        way["properties"] = {word: {"enum": words}}
        if required:
            way["required"] = [key, word]
    return way


def field_schema(field: Field) -> JsonSchema:
    schema = dict(_SHAPES[field.shape])
    if field.choices:
        schema["enum"] = list(field.choices)
    if field.low is not None:
        schema["minimum"] = field.low
    if field.high is not None:
        schema["maximum"] = field.high
    notes = [field.note] if field.note else []
    if field.unit:
        notes.append("milliseconds" if field.unit == "ms" else "seconds")
    if notes:
        schema["description"] = "; ".join(notes)
    return schema


def _place(properties: dict[str, JsonSchema], field: Field) -> None:
    """A field of a nested object goes into that object's own properties."""
    for part in field.path[:-1]:
        outer = properties.setdefault(part, {"type": "object"})
        properties = outer.setdefault("properties", {})
    known = properties.get(field.path[-1], {})
    properties[field.path[-1]] = {
        **field_schema(field),
        **({"properties": known["properties"]} if "properties" in known else {}),
    }


def _path(host: HostFacts, name: str) -> tuple[str, ...]:
    return next((field.path for field in host.fields if field.name == name), (name,))


def _nested(servers: JsonSchema, host: HostFacts) -> JsonSchema:
    """The list of servers below the root keys of the host."""
    properties: dict[str, JsonSchema] = {}
    roots = [
        root for root in host.roots if not any(root[: len(other)] == other != root for other in host.roots)
    ]
    for root in roots:
        here = properties
        for part in root[:-1]:
            here = here.setdefault(str(part), {"type": "object", "properties": {}}).setdefault(
                "properties", {}
            )
            if part == "*":
                break
        else:
            here[str(root[-1])] = servers
    properties.pop("*", None)
    schema: JsonSchema = {"type": "object", "properties": {"$schema": _TEXT, **properties}}
    if host.asks_inputs:
        schema["properties"]["inputs"] = _INPUTS
    if host.beside_servers:
        schema["properties"] |= {name: {"type": "object"} for name in host.beside_servers}
        schema["additionalProperties"] = False
    if host.root_required:
        schema["required"] = [str(host.roots[0][0])]
    if host.schema_named:
        schema["properties"]["$schema"] = {"const": host.schema_named}
        schema["required"] = ["$schema", str(host.roots[0][0])]
        schema["additionalProperties"] = False
    return schema


_INPUTS: JsonSchema = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["type", "id"],
        "properties": {
            "type": {"enum": ["promptString", "pickString", "command"]},
            "id": {"type": "string", "minLength": 1},
            "description": _TEXT,
            "default": {},
            "password": {"type": "boolean"},
            "options": {"type": "array"},
            "command": _TEXT,
            "args": {},
        },
    },
}
