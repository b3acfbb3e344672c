"""What a command works with: the outside world, the configuration, the sessions, and somebody to tell.

Everything costly is made when first asked for, so that a verb pays only for what it uses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mcpctl.errors import UsageError
from mcpctl.model.events import Emit, ignore
from mcpctl.model.options import GlobalOptions
from mcpctl.model.world import World
from mcpctl.policy.redaction import Redactor

if TYPE_CHECKING:
    from mcpctl.control.host import Host, Perform
    from mcpctl.model.server import ServerSpec
    from mcpctl.model.settings import Settings
    from mcpctl.session.launch import Launches
    from mcpctl.session.manager import SessionManager

Tap = Callable[[str, str, bytes], None]
"""Told the server, the direction and the bytes of every message on the wire."""


class HandOver(BaseException):
    """A server wants to be kept alive: a supervisor in the background shall do this command."""

    def __init__(self, ctx: Context, spec: ServerSpec) -> None:
        super().__init__(spec.name)
        self.ctx = ctx
        self.spec = spec


class Context:
    def __init__(
        self,
        world: World,
        *,
        options: GlobalOptions,
        redactor: Redactor,
        emit: Emit = ignore,
        tap: Tap | None = None,
        settings: Settings | None = None,
        host: Host | None = None,
        perform: Perform | None = None,
        hands_over: bool = False,
    ) -> None:
        """Inside a supervisor `host` is what it keeps; `perform` is how it runs the commands of its clients."""
        self.world = world
        self.options = options
        self.redactor = redactor
        self.emit = emit
        self._tap = tap
        self.host = host
        self.endless = False
        """Said by a command that goes on until somebody stops it: then an interrupt is its normal end."""
        self.perform = perform
        self._hands_over = hands_over
        self._settings = settings
        self._launches: Launches | None = None
        self._sessions: SessionManager | None = None

    @property
    def settings(self) -> Settings:
        """The configuration. Raises `ConfigError` with every fault of it."""
        if self.host is not None:
            return self.host.fleet.settings
        if self._settings is None:
            inputs = _inputs(self.options.input)
            from mcpctl.config import load

            self._settings = load(
                self.world, paths=self.options.config, profile=self.options.profile, inputs=inputs
            )
        return self._settings

    @property
    def launches(self) -> Launches:
        """For verbs that know their server before the event loop runs; see `session.launch`."""
        if self._launches is None:
            from mcpctl.session.launch import Launches

            ask = None
            if self.settings.inputs:
                from mcpctl.commands.inputs import asker

                ask = asker(self.world)
            self._launches = Launches(self.settings, self.world, self.redactor.add, ask)
        return self._launches

    def meant(self, spec: ServerSpec) -> ServerSpec:
        """A server of the configuration that the command is about. One that is to be kept alive is left to others."""
        if self._hands_over and spec.lifecycle == "keep-alive":
            raise HandOver(self, spec)
        return spec

    def launch(self, spec: ServerSpec) -> None:
        """Let a server boot while the rest of mcpctl is loaded; a supervisor has it running."""
        if self.host is None:
            self.launches.start(spec)

    @property
    def supervisor(self) -> Host:
        """The supervisor that this command runs in. Raises `ConnectError` where there is none."""
        if self.host is None:
            from mcpctl.commands.own_place import place
            from mcpctl.control.server import nobody_took_it

            raise nobody_took_it(place(self.world, self.options))
        return self.host

    @property
    def sessions(self) -> SessionManager:
        """The one way to reach a server."""
        if self.host is not None:
            return self.host.fleet.sessions
        if self._sessions is None:
            from mcpctl.session.manager import SessionManager

            self._sessions = SessionManager(
                self.settings, self.world, emit=self.emit, launches=self.launches, tap=self._tap
            )
        return self._sessions

    async def aclose(self) -> None:
        """End every server that was started, in bounded time."""
        if self._sessions is not None:
            await self._sessions.aclose()
        elif self._launches is not None:
            await self._launches.aclose()

    def abandon(self) -> None:
        """End them at once, whatever they are doing."""
        if self._launches is not None:
            from mcpctl.transports.process import kill_all

            kill_all()


def _inputs(texts: tuple[str, ...]) -> dict[str, str]:
    given = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(
                "`--input` wants `ID=VALUE`", code="usage.invalid_value", hint="give it as `--input id=VALUE`"
            )
        given[name] = value
    return given
