"""Reads what somebody points at, and never without an end: a device has none, and a pipe need not have one."""

from __future__ import annotations

import errno
import os
from typing import BinaryIO

LARGEST = 128 << 20
"""Bytes: many times what any server takes as arguments, and nobody writes such a configuration."""


def read_bounded(path: str | os.PathLike[str]) -> bytes:
    """Raises `OSError` for what is larger too."""
    with open(path, "rb") as file:  # noqa: PTH123 - pathlib is slow to load
        return read_stream(file)


def read_stream(stream: BinaryIO) -> bytes:
    parts: list[bytes] = []
    left = LARGEST + 1
    while left > 0 and (part := stream.read(min(left, 1 << 20))):
        parts.append(part)
        left -= len(part)
    if left <= 0:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return b"".join(parts)
