"""The stdio face of an endpoint: one line, one message, until the host closes our stdin."""

from __future__ import annotations

import asyncio
import os
from typing import Final

from mcpctl.control.outlet import Outlet
from mcpctl.gateway.party import Party
from mcpctl.gateway.relay import Relay
from mcpctl.model.server import DEFAULT_MAX_MESSAGE
from mcpctl.wire.lines import LineSplitter

CHUNK: Final = 1 << 16


async def serve_stdio(party: Party, stdin: int, stdout: int) -> None:
    """Serve the host at these descriptors; returns when it has gone. Whoever took the party gives it back."""
    gone = asyncio.Event()
    outlet = Outlet(os.dup(stdout), gone.set)

    def send(message: bytes) -> None:
        try:
            outlet.write(message + b"\n")
        except OSError:
            gone.set()

    relay = Relay(party, send)
    splitter = LineSplitter(relay.receive, lambda *_, **__: None, limit=DEFAULT_MAX_MESSAGE)
    reading = asyncio.create_task(_read(stdin, splitter))
    ended = asyncio.create_task(gone.wait())
    try:
        await asyncio.wait({reading, ended}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (reading, ended):
            task.cancel()
        await asyncio.gather(reading, ended, return_exceptions=True)
        relay.close()
        outlet.release()


async def _read(descriptor: int, splitter: LineSplitter) -> None:
    loop = asyncio.get_running_loop()
    while True:
        chunk = await _chunk(loop, descriptor)
        if not chunk:
            return
        splitter.feed(chunk)


async def _chunk(loop: asyncio.AbstractEventLoop, descriptor: int) -> bytes:
    ready: asyncio.Future[None] = loop.create_future()
    try:
        loop.add_reader(descriptor, _settle, ready)
    except OSError:  # a regular file is always ready
        return os.read(descriptor, CHUNK)
    try:
        await ready
    finally:
        loop.remove_reader(descriptor)
    return os.read(descriptor, CHUNK)


def _settle(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
