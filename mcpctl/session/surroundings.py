"""What all slots of one manager share, and how long a server may take to start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol

from mcpctl.model.events import Emit
from mcpctl.model.server import ServerSpec
from mcpctl.model.settings import Settings
from mcpctl.model.value import dataclass
from mcpctl.model.world import World
from mcpctl.session.connection import Connection
from mcpctl.session.launch import Launches
from mcpctl.session.memory import Memory
from mcpctl.transports.channel import Channel, Inbox

START_TIMEOUT = 30.0
"""Seconds from spawn to a finished handshake."""

INSTALL_TIMEOUT = 120.0
"""The same for commands that may download the server first."""

TURN_PATIENCE = 5.0
"""Seconds that a start waits for those before it: what takes longer than this hangs, and needs no processor."""

_INSTALLERS = ("npx", "uvx", "bunx", "pnpx", "pipx", "docker", "podman")


class Dial(Protocol):
    """Opens a channel: the one seam through which tests hand in other servers."""

    def __call__(
        self,
        spec: ServerSpec,
        inbox: Inbox,
        *,
        env: Mapping[str, str],
        process: Any = None,
        tap: Any = None,
        **more: Any,
    ) -> Awaitable[Channel]: ...


class Keeper(Protocol):
    """Whoever keeps a server running decides when it starts, and holds calls back while it cannot take any."""

    async def connection(self) -> Connection: ...

    async def rest(self) -> None:
        """End the server; the next call starts it."""

    def released(self) -> None:
        """Somebody has let go of the server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all slots of one manager share."""

    settings: Settings
    world: World
    launches: Launches
    dial: Dial
    gate: asyncio.Semaphore
    memory: Memory
    emit: Emit
    tap: Callable[[str, str, bytes], None] | None = None
    on_stderr: Callable[[str, str], None] | None = None
    """Told the server and each line of its stderr, by whoever keeps logs."""


@asynccontextmanager
async def its_turn(gate: asyncio.Semaphore) -> AsyncIterator[None]:
    """Few servers start at once, but none waits for long for others that do not come up."""
    held = False
    with suppress(TimeoutError):
        async with asyncio.timeout(TURN_PATIENCE):
            held = await gate.acquire()
    try:
        yield
    finally:
        if held:
            gate.release()


def start_limit(spec: ServerSpec) -> float:
    if spec.start_timeout is not None:
        return spec.start_timeout
    program = (spec.command or "").replace("\\", "/").rpartition("/")[2]
    return INSTALL_TIMEOUT if program in _INSTALLERS else START_TIMEOUT
