"""What servers offered when they were last asked: names for the shell's completion, never believed for a call.

Written after the answer was shown, read without starting anything. A shelf that cannot be used is an empty one.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcpctl.model.server import ServerSpec
from mcpctl.session.memory import fingerprint
from mcpctl.session.private import write_private

if TYPE_CHECKING:  # the shell waits for this module, and needs no protocol
    from mcpctl.model.protocol import JsonObject

MAX_FILES = 500
"""Oldest leave first."""

MAX_VALUES = 200
"""Of one enumeration: nobody reads more in a shell."""

Offers = dict[str, dict[str, list[str]]]
"""Tool name -> argument name -> the values it may have, empty where it may have any."""


class Shelf:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(
        self, spec: ServerSpec, *, tools: Sequence[JsonObject], others: Mapping[str, Sequence[str]]
    ) -> None:
        """`others` are names by kind: prompts, resources, templates."""
        content = json.dumps({"tools": {tool["name"]: _arguments(tool) for tool in tools}, **others})
        path = self._path(spec)
        with contextlib.suppress(OSError):
            if path.exists() and path.read_bytes() == content.encode():
                return
            write_private(path, content)
            self._drop_oldest()

    def tools(self, spec: ServerSpec) -> Offers:
        found = self._read(spec).get("tools")
        return found if isinstance(found, dict) else {}

    def names(self, spec: ServerSpec, kind: str) -> list[str]:
        found = self._read(spec).get(kind)
        return [str(name) for name in found] if isinstance(found, list) else []

    def _read(self, spec: ServerSpec) -> dict[str, Any]:
        try:
            value = json.loads(self._path(spec).read_bytes())
        except (OSError, ValueError):
            return {}
        return value if isinstance(value, dict) else {}

    def _path(self, spec: ServerSpec) -> Path:
        return self._folder / f"{fingerprint(spec)}.json"

    def _drop_oldest(self) -> None:
        files = sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
        for path in files[:-MAX_FILES]:
            path.unlink(missing_ok=True)


def _arguments(tool: JsonObject) -> dict[str, list[str]]:
    schema = tool.get("inputSchema")
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict):
        return {}
    return {name: _values(declared) for name, declared in properties.items()}


def _values(declared: Any) -> list[str]:
    if not isinstance(declared, dict):
        return []
    if declared.get("type") == "boolean":
        return ["true", "false"]
    values = declared.get("enum")
    if not isinstance(values, list):
        return []
    return [value if isinstance(value, str) else json.dumps(value) for value in values[:MAX_VALUES]]
