"""Folders of configuration files for tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mcpctl.config import load
from mcpctl.errors import ConfigError
from mcpctl.model.settings import Settings
from tests.support import world


def write(root: Path, files: Mapping[str, str]) -> Path:
    """A project: its folder is a repository, so that the search ends there."""
    (root / ".git").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def loaded(
    root: Path,
    files: Mapping[str, str] | None = None,
    *,
    env: Mapping[str, str] | None = None,
    **options: Any,
) -> Settings:
    write(root, files or {})
    return load(world(root, env=env), **options)


def refused(
    root: Path,
    files: Mapping[str, str] | None = None,
    *,
    env: Mapping[str, str] | None = None,
    **options: Any,
) -> list[ConfigError]:
    """Every fault, in the order they are told."""
    with pytest.raises(ConfigError) as raised:
        loaded(root, files, env=env, **options)
    faults = [raised.value, *raised.value.related]
    assert all(isinstance(fault, ConfigError) for fault in faults)
    return faults  # type: ignore[return-value] # the line above says so


def place(root: Path, fault: ConfigError) -> tuple[str, str, int | None, int | None]:
    name = str(Path(fault.file).relative_to(root)) if fault.file else ""
    return fault.code, name, fault.line, fault.column
