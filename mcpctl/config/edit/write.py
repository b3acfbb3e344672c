"""Puts a changed file in the place of the old one: whole or not at all, with its mode, through symlinks."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from mcpctl.errors import ConfigError


def write_text(path: Path, text: str, *, bom: bool = False) -> None:
    """Replace a file's content; the file behind a symlink is replaced, and the link stays."""
    data = (b"\xef\xbb\xbf" if bom else b"") + text.encode()
    try:
        target = _behind_links(path)
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, data, mode)
    except (OSError, RuntimeError) as error:
        reason = (
            error.strerror if isinstance(error, OSError) and error.strerror else "its links go in a circle"
        )
        raise ConfigError(
            f"cannot write `{path}`: {reason.lower()}", code="config.write", file=str(path)
        ) from error


def _behind_links(path: Path) -> Path:
    """Raises `RuntimeError` where they go in a circle, as older versions of Python do by themselves."""
    target = path.resolve(strict=False)
    if target.is_symlink():
        raise RuntimeError
    return target


def _replace(target: Path, data: bytes, mode: int | None) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode if mode is not None else 0o600)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
