"""Small files that are nobody else's business: closed to others, and replaced in one step, so that nobody reads half."""

from __future__ import annotations

import os
from pathlib import Path


def write_private(path: Path, content: str) -> None:
    """Its folder is made where there is none. Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    with open(os.open(beside, flags, 0o600), "w", encoding="utf-8") as opened:  # noqa: PTH123 - Path.open takes no mode
        close_to_others(opened.fileno())
        opened.write(content)
    beside.replace(path)


def close_to_others(descriptor: int) -> None:
    if os.fstat(descriptor).st_mode & 0o077:
        os.fchmod(descriptor, 0o600)
