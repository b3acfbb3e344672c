"""Finds the `[lint]` table of the project, without reading the rest of its configuration: that may be what is broken."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from mcpctl.lint.suppress import LintSettings, lint_settings
from mcpctl.model.world import World

_NAMES = ("mcpctl.toml", "mcpctl.json", "pyproject.toml")


def find_settings(world: World, named: Sequence[str]) -> LintSettings:
    """From the files named by `--config`, else from the nearest folder upwards that has some."""
    if named:
        for name in reversed(named):
            found = _table(os.path.join(world.folder, name))
            if found is not None:
                return lint_settings(found, name)
        return LintSettings()
    folder = world.folder
    while True:
        for name in _NAMES:
            found = _table(os.path.join(folder, name))
            if found is not None:
                return lint_settings(found, name)
        parent = os.path.dirname(folder)
        if parent == folder or os.path.exists(os.path.join(folder, ".git")):
            return LintSettings()
        folder = parent


def _table(path: str) -> Any:
    try:
        with open(path, "rb") as file:
            data = file.read()
    except (OSError, ValueError):
        return None
    if b"lint" not in data:
        return None
    from mcpctl.lint.reading import NotPlainError, plain_value

    try:
        value = plain_value(data, "toml" if path.endswith(".toml") else "json")
    except NotPlainError:
        return None
    if path.endswith("pyproject.toml"):
        value = value.get("tool", {}).get("mcpctl", {}) if isinstance(value.get("tool"), dict) else {}
    return value.get("lint") if isinstance(value, dict) else None
