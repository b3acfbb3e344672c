"""A server's process started before there is an event loop: it boots while the rest of mcpctl is loaded.

Nothing here may import asyncio, or the head start is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mcpctl.config.variables import Resolved, resolve_server
from mcpctl.errors import ConnectError
from mcpctl.model.server import ServerSpec
from mcpctl.model.settings import InputSpec, Settings
from mcpctl.model.world import World

if TYPE_CHECKING:
    from mcpctl.transports.process import Process


class Launches:
    """Processes that nobody has taken over yet, by the name of their server."""

    def __init__(
        self,
        settings: Settings,
        world: World,
        keep_secret: Callable[[str], None],
        ask: Callable[[InputSpec], str] | None = None,
    ) -> None:
        self._settings = settings
        self._world = world
        self.keep_secret = keep_secret
        self._ask = ask
        self._answers: dict[str, str] = {}
        self._waiting: dict[str, Process] = {}

    def start(self, spec: ServerSpec) -> None:
        if spec.transport == "stdio" and spec.name not in self._waiting:
            from mcpctl.transports.dial import start_process

            resolved = self.resolve(spec)
            try:
                self._waiting[spec.name] = start_process(resolved.spec, resolved.env)
            except ConnectError:
                if not spec.fallback:  # else the session finds out again, and asks who stands in
                    raise

    def reconfigure(self, settings: Settings) -> None:
        """What is started from now on is resolved against a changed configuration."""
        self._settings = settings

    def take(self, name: str) -> Process | None:
        return self._waiting.pop(name, None)

    def resolve(self, spec: ServerSpec) -> Resolved:
        """Every variable filled in; what is secret is kept out of all output from here on."""
        ask = self._ask_once if self._ask is not None else None
        resolved = resolve_server(spec, self._settings, self._world, ask)
        for secret in resolved.secrets:
            self.keep_secret(secret)
        return resolved

    def _ask_once(self, wanted: InputSpec) -> str:
        """A server that is started again needs no second answer."""
        assert self._ask is not None
        if wanted.id not in self._answers:
            self._answers[wanted.id] = self._ask(wanted)
        return self._answers[wanted.id]

    async def aclose(self) -> None:
        """End what was started and never used."""
        from mcpctl.transports.process import stop

        while self._waiting:
            _, process = self._waiting.popitem()
            await stop(process)
            process.close_pipes()
