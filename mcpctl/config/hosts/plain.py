"""Small questions about a server in the words of mcpctl's own format. Knows no host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcpctl.config.hosts.facts import Kind


def kind_of(raw: Mapping[str, Any]) -> Kind:
    """What a server in our own words is reached over."""
    transport = raw.get("transport")
    if transport in {"stdio", "http", "sse"}:
        return transport  # type: ignore[no-any-return]
    if raw.get("url") is None:
        return "stdio"
    from mcpctl.config.lookup import guess_transport

    return guess_transport(str(raw["url"]))


def seconds_of(value: Any) -> float:
    """A time in our own words."""
    if isinstance(value, int | float):
        return float(value)
    from mcpctl.model.duration import parse_duration

    return parse_duration(str(value))


def without_null(table: Mapping[str, Any]) -> tuple[dict[str, Any], list[tuple[str, ...]]]:
    """A table without the values that are `null` or lists with one, and where those were."""
    kept: dict[str, Any] = {}
    gone: list[tuple[str, ...]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            kept[key], below = without_null(value)
            gone += [(key, *path) for path in below]
        elif value is None or (isinstance(value, list) and _has_null(value)):
            gone.append((key,))
        else:
            kept[key] = value
    return kept, gone


def _has_null(value: Any) -> bool:
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is None or any(_has_null(each) for each in below)
