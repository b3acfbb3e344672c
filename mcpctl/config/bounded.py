"""Reads what somebody points at, and never without an end: a device has none, and a pipe need not have one."""

from __future__ import annotations

import errno
import os
import stat
from typing import BinaryIO

LARGEST = 128 << 20
"""Bytes: many times what any server takes as arguments, and nobody writes such a configuration."""

TURN = 500
"""Milliseconds of waiting for a pipe at a time."""


def read_bounded(path: str | os.PathLike[str]) -> bytes:
    """Raises `OSError` for what is larger too."""
    with open(path, "rb") as file:  # noqa: PTH123 - pathlib is slow to load
        return read_stream(file)


def read_stream(stream: BinaryIO) -> bytes:
    wait = _blocks(stream)
    parts: list[bytes] = []
    left = LARGEST + 1
    while left > 0 and (part := _part(stream, min(left, 1 << 20), wait=wait)):
        parts.append(part)
        left -= len(part)
    if left <= 0:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return b"".join(parts)


def _blocks(stream: BinaryIO) -> bool:
    try:
        return not stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except OSError:  # in memory, without a descriptor
        return False


def _part(stream: BinaryIO, most: int, *, wait: bool) -> bytes:
    """Waits in turns: a signal that comes right before a read that blocks would be noticed only behind it."""
    if not wait:
        return stream.read(most)
    import select

    readable = select.poll()
    readable.register(stream, select.POLLIN)
    while not readable.poll(TURN):
        pass
    return os.read(stream.fileno(), most)
