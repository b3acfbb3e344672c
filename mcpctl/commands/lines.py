"""One line from stdin, without keeping the event loop from being stopped meanwhile."""

from __future__ import annotations

import os

from mcpctl.model.world import World
from mcpctl.wire.readable import readable

MAX_LINE = 64 << 10
"""Bytes; an address that a browser ends at is a few hundred."""


async def read_line(world: World) -> str:
    """Up to the end of the line; empty at the end of input."""
    try:
        descriptor = world.stdin.fileno()
    except (OSError, ValueError):  # a stream in memory, as tests have
        return world.stdin.readline(MAX_LINE).decode("utf-8", "replace")
    text = b""
    while b"\n" not in text and len(text) < MAX_LINE:
        await readable(descriptor)
        chunk = os.read(descriptor, MAX_LINE)
        if not chunk:
            break
        text += chunk
    return text.partition(b"\n")[0].decode("utf-8", "replace")
