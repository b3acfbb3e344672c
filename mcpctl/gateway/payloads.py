"""Looks into JSON text for the few members that an endpoint must know, and exchanges them; the rest stays text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from mcpctl.errors import McpctlError
from mcpctl.model.protocol import JsonObject
from mcpctl.session.answers import decode

members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def member(text: bytes, name: str) -> bytes:
    """An empty object where there is none. Raises `msgspec.MsgspecError` for what is no object."""
    return bytes(members(text).get(name, msgspec.Raw(b"{}")))


def text_of(text: bytes, name: str) -> str | None:
    raw = members(text or b"{}").get(name)
    value = None if raw is None else msgspec.json.decode(raw)
    return value if isinstance(value, str) else None


def with_meta(params: bytes, name: str, value: Any) -> dict[str, Any]:
    return {**members(params), "_meta": {**members(member(params, "_meta")), name: value}}


def raw(params: bytes | None) -> Mapping[str, Any] | None:
    """JSON text goes through the encoder as it is."""
    return None if params is None else cast("Mapping[str, Any]", msgspec.Raw(params))


def as_dict(params: bytes | None) -> JsonObject:
    """Empty for what is no object."""
    try:
        value = decode(params or b"{}")
    except McpctlError:
        return {}
    return value if isinstance(value, dict) else {}
