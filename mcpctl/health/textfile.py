"""A text that others read at any moment: written beside its place and moved there, never seen half."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def write(path: Path, text: str) -> str | None:
    """What is to be said where it did not work: a full disk is no reason to stop watching."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        return f"`{path}` cannot be written: {(error.strerror or str(error)).lower()}"
    return None
