"""One line from stdin, without keeping the event loop from being stopped meanwhile."""

from __future__ import annotations

import asyncio
import os

from mcpctl.model.world import World

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
        chunk = await _some(descriptor)
        if not chunk:
            break
        text += chunk
    return text.partition(b"\n")[0].decode("utf-8", "replace")


async def _some(descriptor: int) -> bytes:
    loop = asyncio.get_running_loop()
    readable: asyncio.Future[None] = loop.create_future()
    try:
        loop.add_reader(descriptor, _tell, readable)
    except OSError:  # a file never keeps anybody waiting
        return os.read(descriptor, MAX_LINE)
    try:
        await readable
    finally:
        loop.remove_reader(descriptor)
    return os.read(descriptor, MAX_LINE)


def _tell(readable: asyncio.Future[None]) -> None:
    if not readable.done():
        readable.set_result(None)
