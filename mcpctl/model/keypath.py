"""The way to a value inside a file: a module of its own, because whoever only names places needs no settings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

KeyPath = tuple[str | int, ...]
"""Such as `("servers", "files", "args", 0)`."""


def value_at(value: Any, path: Iterable[str | int]) -> Any:
    """What stands there inside a value; None where nothing does."""
    try:
        for part in path:
            value = value[part]
    except (KeyError, IndexError, TypeError):
        return None
    return value
