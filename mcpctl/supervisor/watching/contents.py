"""What files held when they were last looked at: a file that was only touched has not changed."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Final

MOST: Final = 5000
"""Files whose contents are noted beforehand; of any other the first change counts, whatever it is."""

LARGEST: Final = 4 << 20
"""Bytes of a file that are read; of a larger one its size and time have to do."""


class Contents:
    def __init__(self) -> None:
        self._known: dict[Path, bytes] = {}

    def note(self, paths: Iterable[Path]) -> None:
        for path in paths:
            if len(self._known) >= MOST:
                return
            self._known[path] = _digest(path)

    def changed(self, path: Path) -> bool:
        digest = _digest(path)
        before = self._known.get(path)
        self._known[path] = digest
        return before != digest


def _digest(path: Path) -> bytes:
    """Empty for a file that is not there."""
    try:
        about = path.stat()
        if about.st_size > LARGEST:
            return f"{about.st_size} {about.st_mtime_ns}".encode()
        return blake2b(path.read_bytes(), digest_size=16).digest()
    except OSError:
        return b""
