"""Waiting for a descriptor without asyncio's streams, which would read ahead: whoever waits reads by itself."""

from __future__ import annotations

import asyncio


async def readable(descriptor: int) -> None:
    """Return as soon as a read does not wait: at once for a file, which never keeps anybody waiting."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()

    def settle() -> None:
        if not ready.done():
            ready.set_result(None)

    try:
        loop.add_reader(descriptor, settle)
    except OSError:  # it is a file
        return
    try:
        await ready
    finally:
        loop.remove_reader(descriptor)
