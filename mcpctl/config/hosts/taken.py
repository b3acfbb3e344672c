"""What has been taken over from one server's entry so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mcpctl.config.hosts.facts import Field
from mcpctl.model.settings import KeyPath


@dataclass(slots=True, kw_only=True)
class Taken:
    """`raw` is in the words of our own format; paths lead through the entry as it was written."""

    raw: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, KeyPath] = field(default_factory=dict)
    """Own key -> where its value stands."""
    extra: dict[str, Any] = field(default_factory=dict)
    notes: list[tuple[KeyPath, str]] = field(default_factory=list)
    faults: list[tuple[KeyPath, str]] = field(default_factory=list)
    unusable: str = ""
    """Why there is no such server for mcpctl."""

    words: dict[KeyPath, str] = field(default_factory=dict)
    """What was said about the transport."""
    speaks_sse: bool = False
    """The key of the address says so."""
    first_arguments: list[str] = field(default_factory=list)
    """Those that came with the command."""

    def set(self, own: str, value: Any, known: Field) -> None:
        self.raw[own] = value
        self.keys[own] = known.path
