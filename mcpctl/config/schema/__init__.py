"""The JSON Schema of mcpctl's own format, for `config schema`, for editors and for the messages of broken files."""

from __future__ import annotations

from typing import Any


def load() -> dict[str, Any]:
    """The schema, as it is printed."""
    import json
    from importlib import resources

    text = resources.files(__package__).joinpath("mcpctl.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
