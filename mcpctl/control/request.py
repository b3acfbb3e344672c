"""What a client sends: its command line, where it stands, what it looks at, and then its three streams.

The streams come when they are asked for. Sooner they would wait in the queue of a supervisor that was stopped, and keep
whoever reads them from seeing their end.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from mcpctl.control.client import READY
from mcpctl.model.world import World
from mcpctl.wire.readable import readable

PATIENCE: Final = 10.0
"""Seconds that a client may take to say what it wants."""

LARGEST: Final = 256 << 20
"""Bytes of one request; what somebody pipes in can be large."""

_FIRST: Final = 1 << 16
"""Bytes read at first: a whole request, but for what was piped in."""


class Broken(Exception):  # noqa: N818 - reads as what it is, and never leaves this room
    """No client of ours speaks like this."""


@dataclass(slots=True, kw_only=True)
class Client:
    version: str
    cwd: str
    terminals: str
    columns: int
    rows: int
    facts: Mapping[str, str]
    argv: list[str]
    stdin: bytes
    descriptors: list[int] = field(default_factory=list)

    @property
    def outputs(self) -> list[int]:
        """Stdout and stderr; whoever takes them closes them."""
        taken, self.descriptors = self.descriptors[1:], self.descriptors[:1]
        return taken

    def close(self) -> None:
        for descriptor in self.descriptors:
            with contextlib.suppress(OSError):
                os.close(descriptor)
        self.descriptors = []

    def world(self, env: Mapping[str, str], stdout: io.RawIOBase, stderr: io.RawIOBase) -> World:
        """The client's world: its folder, its terminal, its streams; for the rest, the supervisor's environment."""
        stdin: io.IOBase = io.BytesIO(self.stdin)
        if not self.stdin and (
            self.terminals[0] == "1" or "--stdio" in self.argv
        ):  # a host is there to be heard
            stdin = open(self.descriptors[0], "rb", buffering=0, closefd=False)  # noqa: SIM115 - a descriptor, closed by `close`
        kept = {
            name: value
            for name, value in env.items()
            if name not in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TERM")
        }
        return World(
            stdin=cast("io.BytesIO", stdin),
            stdout=cast("io.BytesIO", stdout),
            stderr=cast("io.BytesIO", stderr),
            folder=self.cwd,
            env={**kept, **self.facts},
            stdin_tty=self.terminals[0] == "1",
            stdout_tty=self.terminals[1] == "1",
            stderr_tty=self.terminals[2] == "1",
            columns=_number(self.facts.get("COLUMNS")) or self.columns or 80,
            rows=_number(self.facts.get("LINES")) or self.rows or 24,
        )


async def read_client(line: socket.socket) -> Client:
    """Raises `Broken` for what is no request."""
    try:
        async with asyncio.timeout(PATIENCE):
            data = await asyncio.get_running_loop().sock_recv(line, _FIRST)
            return _understood(*await _whole(line, data))
    except (TimeoutError, OSError, ValueError) as error:
        raise Broken from error


async def take_streams(client: Client, line: socket.socket) -> None:
    """Raises `Broken` for a client that does not hand them over."""
    try:
        line.send(READY)
        async with asyncio.timeout(PATIENCE):
            await readable(line.fileno())
        _, client.descriptors, _, _ = socket.recv_fds(line, len(READY), 3)
    except (TimeoutError, OSError) as error:
        raise Broken from error
    if len(client.descriptors) != 3:
        raise Broken


async def _whole(line: socket.socket, data: bytes) -> tuple[bytes, bytes]:
    """The command line and what was piped in, each as long as the first line says."""
    head, _, rest = data.partition(b"\n")
    size, more = (int(word) for word in head.split())
    missing = size + more - len(rest)
    if min(size, more) < 0 or size + more > LARGEST:
        raise ValueError
    parts = [rest]
    loop = asyncio.get_running_loop()
    while missing > 0:
        part = await loop.sock_recv(line, min(missing, 1 << 20))
        if not part:
            raise ValueError
        parts.append(part)
        missing -= len(part)
    whole = b"".join(parts)
    return whole[:size], whole[size:]


def _understood(body: bytes, stdin: bytes) -> Client:
    version, cwd, terminals, columns, rows, count, *rest = os.fsdecode(body).split("\0")
    number = int(count)
    if len(terminals) != 3:
        raise ValueError
    return Client(
        version=version,
        cwd=cwd,
        terminals=terminals,
        columns=int(columns),
        rows=int(rows),
        facts=dict(fact.split("=", 1) for fact in rest[:number]),
        argv=rest[number:],
        stdin=stdin,
    )


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 6 else 0
