"""What all slots of one manager share, and how long a server may take to start."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from mcpctl.model.events import Emit
from mcpctl.model.server import ServerSpec
from mcpctl.model.settings import Settings
from mcpctl.model.value import dataclass
from mcpctl.model.world import World
from mcpctl.session.connection import Connection
from mcpctl.session.launch import Launches
from mcpctl.session.memory import Memory
from mcpctl.session.turns import Turns
from mcpctl.transports.channel import Channel, Inbox

START_TIMEOUT = 30.0
"""Seconds from spawn to a finished handshake."""

INSTALL_TIMEOUT = 120.0
"""The same for commands that may download the server first."""

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
    turns: Turns
    memory: Memory
    emit: Emit
    tap: Callable[[str, str, bytes], None] | None = None
    on_stderr: Callable[[str, str], None] | None = None
    """Told the server and each line of its stderr, by whoever keeps logs."""


def start_limit(spec: ServerSpec) -> float:
    if spec.start_timeout is not None:
        return spec.start_timeout
    program = (spec.command or "").replace("\\", "/").rpartition("/")[2]
    return INSTALL_TIMEOUT if program in _INSTALLERS else START_TIMEOUT
