"""The way to a value inside a file: a module of its own, because whoever only names places needs no settings."""

from __future__ import annotations

KeyPath = tuple[str | int, ...]
"""Such as `("servers", "files", "args", 0)`."""
