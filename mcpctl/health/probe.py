"""One look at one server, level by level, each step timed, through a session like any other verb's.

Every failure becomes a finding of the step it came in; after a server is lost, nothing more is asked of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

from mcpctl.config.variables import Resolved
from mcpctl.errors import McpctlError
from mcpctl.health import configured, custom
from mcpctl.health.blame import blamed
from mcpctl.health.calls import Calls
from mcpctl.health.endings import STOP, noisy, stopped
from mcpctl.health.greeting import Greeting, lost
from mcpctl.health.objectives import missed
from mcpctl.health.offers import judge
from mcpctl.health.verdicts import verdict_of
from mcpctl.model.health import LEVELS, Check, Level, ServerHealth
from mcpctl.model.health_spec import HealthSpec
from mcpctl.model.protocol import Identity, JsonObject
from mcpctl.model.server import ServerSpec
from mcpctl.model.value import replace
from mcpctl.model.world import World
from mcpctl.session import Session, SessionManager
from mcpctl.session.listing import collect
from mcpctl.transports.channel import METHOD_NOT_FOUND, ChannelFacts

DEFAULT: Level = "list"

TOOLS = "tools/list"
"""Always asked for, since some forget to say that they have any."""

LISTS = {
    "resources/list": "resources",
    "resources/templates/list": "resources",
    "prompts/list": "prompts",
}
"""And the capability without which it is not asked."""

_NOBODY_LEFT = frozenset({"H201", "H202", "H203", "H205", "H206", "H207", "H306", "H307", "H406"})
"""Findings after which there is nobody to ask; all others leave something to see."""


class Surroundings:
    """What all probes of a command share."""

    def __init__(
        self,
        manager: SessionManager,
        world: World,
        *,
        resolve: Callable[[ServerSpec], Resolved],
        folder: Path,
        starts: int,
    ) -> None:
        self.manager = manager
        self.world = world
        self.resolve = resolve
        self.folder = folder
        self.gate = asyncio.Semaphore(starts)


class Probe:
    """Looks at one server as often as it is told to. `keep` leaves it running for the next look."""

    def __init__(
        self, spec: ServerSpec, around: Surroundings, *, level: Level | None = None, keep: bool = False
    ) -> None:
        self.spec = spec
        self._around = around
        self._asked = level
        self._keep = keep
        self._was_up = False

    async def look(self) -> ServerHealth:
        clock = self._around.world.clock
        began = clock()
        checks: list[Check] = []
        plan = self.spec.health or HealthSpec()
        checks += configured.look(self.spec, self._around.resolve, self._around.folder)
        if not checks:
            checks.append(Check(name=configured.STEP, status="ok", duration_ms=(clock() - began) * 1000))
        level = self._asked or plan.level or DEFAULT
        if self._keep and level == "start":
            level = "handshake"  # what is started anew for every look is not what runs
        look = _Look(self.spec, plan, level, checks, self._around)
        if level != "config" and not look.failed:
            async with self._around.manager.open(self.spec) as session:
                slot = self._around.manager.slot(self.spec)
                if self._was_up and (gone := lost(slot)) is not None:
                    checks.append(gone)
                await look.at(session, keep=self._keep)
                self._was_up = slot.live is not None
        return look.health()


class _Look:
    """One look while it goes on: what was found so far."""

    def __init__(
        self, spec: ServerSpec, plan: HealthSpec, level: Level, checks: list[Check], around: Surroundings
    ) -> None:
        self._spec = spec
        self._plan = plan
        self._level = level
        self._checks = checks
        self._around = around
        self._clock = around.world.clock
        self._latency: float | None = None
        self._identity: Identity | None = None
        self._facts: ChannelFacts | None = None
        self._tools: list[JsonObject] | None = None

    @property
    def failed(self) -> bool:
        return any(check.status == "failed" for check in self._checks)

    async def at(self, session: Session, *, keep: bool) -> None:
        slot = self._around.manager.slot(self._spec)
        running, kept = slot.live is not None, keep or slot.keeper is not None
        _, others = await asyncio.gather(self._greet(session), self._custom())
        self._checks.extend(others)
        if self._asks("handshake") and running and kept:
            await self._ping(session)
        if self._asks("list"):
            await self._list(session)
        if self._asks("canary"):
            await self._call(session)
        if self._facts is not None and (noise := noisy(self._facts)) is not None:
            self._checks.append(noise)
        if self._reaches("soak") and self._identity is not None:
            await self._stop(session, kept=kept)

    def health(self) -> ServerHealth:
        checks = tuple(_named(check, self._spec.name) for check in self._checks)
        return ServerHealth(
            name=self._spec.name,
            status=verdict_of(checks),
            level=self._level,
            checks=checks,
            latency_ms=None if self._latency is None else self._latency * 1000,
            protocol_version=None if self._identity is None else self._identity.protocol_version,
            tools=None if self._tools is None else len(self._tools),
            required=self._plan.required,
            objective=self._plan.objective,
            noise_lines=None if self._facts is None else self._facts.noise_lines,
        )

    def _reaches(self, level: Level) -> bool:
        return LEVELS.index(self._level) >= LEVELS.index(level)

    def _asks(self, level: Level) -> bool:
        return self._reaches(level) and not any(check.code in _NOBODY_LEFT for check in self._checks)

    async def _greet(self, session: Session) -> None:
        slot = self._around.manager.slot(self._spec)
        greeting = Greeting(slot, self._clock, self._around.gate, only_start=self._level == "start")
        if self._spec.transport != "stdio":
            greeting.reach = self._open_connection
        self._identity = await greeting.exchange(session, self._checks)
        self._latency = greeting.seconds
        if greeting.connection is not None:
            self._facts = greeting.connection.channel.facts

    async def _open_connection(self) -> None:
        from mcpctl.health.web import reach

        await reach(self._around.resolve(self._spec).spec, env=self._around.world.env)

    async def _custom(self) -> list[Check]:
        check = partial(
            custom.check, world=self._around.world, folder=self._around.folder, limit=self._plan.timeout
        )
        return await asyncio.gather(*map(check, self._plan.checks))

    async def _ping(self, session: Session) -> None:
        """A server that is kept running was greeted long ago: ask it for a sign of life."""
        method = "ping" if self._identity is None or self._identity.era == "handshake" else "server/discover"
        clock = self._clock
        began = clock()
        try:
            await session.request(method, timeout=self._plan.timeout)
        except McpctlError as error:
            self._checks.append(blamed(error, "ping", duration_ms=(clock() - began) * 1000))
            return
        self._latency = clock() - began
        self._checks.append(Check(name="ping", status="ok", duration_ms=self._latency * 1000))

    async def _list(self, session: Session) -> None:
        """Asks the server, not the memory of it: a verdict is what was just seen."""
        clock = self._clock
        began = clock()
        capabilities = self._identity.capabilities if self._identity is not None else {}
        others = [method for method, capability in LISTS.items() if capability in capabilities]
        # By itself, because its time is the server's latency; the others wait for each other no longer than they must.
        read = [await self._tried(session, TOOLS)]
        if "tools" not in capabilities and _is_unknown(read[0]):
            read = []  # no tools, as it said
        if not any(isinstance(each, McpctlError) for each in read):
            read += await asyncio.gather(*(self._tried(session, each) for each in others))
        took = (clock() - began) * 1000
        findings: list[Check] = []
        for each in read:
            if isinstance(each, McpctlError):
                findings.append(blamed(each, "list", duration_ms=took))
                break
            findings += each
        self._checks.extend(findings or [Check(name="list", status="ok", duration_ms=took)])

    async def _tried(self, session: Session, method: str) -> list[Check] | McpctlError:
        try:
            return await self._read(session, method)
        except McpctlError as error:
            return error

    async def _read(self, session: Session, method: str) -> list[Check]:
        began = self._clock()

        async def fetch(params: JsonObject | None) -> bytes:
            return await session.request(method, params, timeout=self._plan.timeout)

        listing = await collect(method, fetch)
        if method == TOOLS:
            self._latency = self._clock() - began
            self._tools = list(listing.items)
        return judge(method, listing.items, listing.faults)

    async def _call(self, session: Session) -> None:
        calls = Calls(self._around.manager.slot(self._spec), self._plan, self._clock, self._tools or [])
        self._checks.extend(await calls.canaries())
        if self._reaches("soak") and not calls.failed:
            self._checks.extend(await calls.soak(session))
        self._checks.extend(missed(self._plan.latency, calls.samples))
        if calls.samples:
            self._latency = calls.samples[-1]

    async def _stop(self, session: Session, *, kept: bool) -> None:
        if kept:
            said = "it is kept running: `--cold` sees how it ends"
            self._checks.append(Check(name=STOP, status="skipped", message=said))
            return
        alive = self._around.manager.slot(self._spec).live is not None
        began = self._clock()
        await session.discard()
        took = (self._clock() - began) * 1000
        if self._facts is not None and alive and self._spec.transport == "stdio":
            self._checks.extend(stopped(self._facts, duration_ms=took))


def _is_unknown(error: object) -> bool:
    return getattr(error, "rpc_code", None) == METHOD_NOT_FOUND


def _named(check: Check, server: str) -> Check:
    """Hints are commands to paste."""
    if check.hint is None or "NAME" not in check.hint:
        return check
    return replace(check, hint=check.hint.replace("NAME", server))
