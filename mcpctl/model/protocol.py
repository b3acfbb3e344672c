"""What a server offers and answers, read leniently from its JSON; `raw` is always what it really said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from mcpctl.model.value import dataclass, field

Json = Any
JsonObject = dict[str, Any]

MODERN_VERSION = "2026-07-28"
HANDSHAKE_VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
"""Newest first. The first one is what we propose."""

Era = Literal["handshake", "stateless"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    name: str | None
    version: str | None
    protocol_version: str
    era: Era
    capabilities: JsonObject = field(default_factory=dict)
    instructions: str | None = None
    raw: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    name: str
    title: str | None = None
    description: str | None = None
    input_schema: JsonObject = field(default_factory=dict)
    output_schema: JsonObject | None = None
    annotations: JsonObject = field(default_factory=dict)
    raw: JsonObject = field(default_factory=dict)

    @property
    def read_only(self) -> bool:
        return self.annotations.get("readOnlyHint") is True

    @property
    def idempotent(self) -> bool:
        return self.read_only or self.annotations.get("idempotentHint") is True


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One list of a server, all pages; `faults` are the entries that were left out, and why."""

    items: tuple[JsonObject, ...]
    pages: int = 1
    faults: tuple[str, ...] = ()
    ttl: float | None = None
    """Seconds that the server says it stays true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    content: tuple[JsonObject, ...]
    structured: Json = None
    has_structured: bool = False
    is_error: bool = False
    raw: bytes = b""
    attempts: int = 1
    cached: bool = False
    served_by: str | None = None
    duration: float = 0.0
    schema_faults: tuple[str, ...] = ()
    """How the structured content breaks the tool's own output schema."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A server said that something of its own changed."""

    kind: Literal["tools", "resources", "prompts", "resource"]
    uri: str | None = None
    extra: Mapping[str, Json] = field(default_factory=dict)
