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
from mcpctl.wire.readable import readable

CHUNK: Final = 1 << 16
"""Bytes read at a time: what a pipe holds."""


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
    while True:
        await readable(descriptor)
        chunk = os.read(descriptor, CHUNK)
        if not chunk:
            return
        splitter.feed(chunk)
