"""How the servers of a fleet are, without asking them: by their state, by real calls, and by looks where there are any.

What is not running now is not healthy, whatever was seen of it before.
"""

from __future__ import annotations

from collections.abc import Callable

from mcpctl.health.checkup import skipped
from mcpctl.health.findings import found
from mcpctl.health.monitor import Monitor
from mcpctl.health.traffic import traffic
from mcpctl.health.verdicts import UP, overall, ready
from mcpctl.model.events import CallFinished, Event
from mcpctl.model.health import Check, HealthReport, ServerHealth, Verdict
from mcpctl.model.health_spec import HealthSpec
from mcpctl.model.running import ServerStatus, StateChanged
from mcpctl.model.server import ServerSpec
from mcpctl.model.value import replace
from mcpctl.policy.hysteresis import severity
from mcpctl.supervisor.fleet import Fleet

STEP = "state"


class Standing:
    def __init__(
        self,
        fleet: Fleet,
        monitor: Monitor,
        *,
        now: Callable[[], float],
        only: frozenset[str] | None = None,
    ) -> None:
        """`only` are those that were chosen to run; all of the configuration otherwise."""
        self._fleet = fleet
        self._monitor = monitor
        self._now = now
        self._only = only
        self._plans: dict[str, HealthSpec | None] = {}
        self.reconfigured()

    @property
    def specs(self) -> list[ServerSpec]:
        return [
            spec
            for name, spec in self._fleet.settings.servers.items()
            if self._only is None or name in self._only
        ]

    @property
    def unseen(self) -> tuple[str, ...]:
        """A supervisor always knows what runs."""
        return ()

    @property
    def ready(self) -> bool:
        return ready(self.servers())

    def servers(self) -> tuple[ServerHealth, ...]:
        looked = {each.name: each for each in self._monitor.servers()}
        return tuple(
            self._standing(spec, looked[spec.name]) if spec.enabled else skipped(spec, "it is switched off")
            for spec in self.specs
        )

    def report(self) -> HealthReport:
        servers = self.servers()
        names = {each.name for each in servers}
        return HealthReport(
            status=overall(servers),
            checked_at=self._now(),
            servers=servers,
            traffic=traffic(each for each in self._fleet.metrics.each() if each[0] in names),
        )

    def heard(self, event: Event) -> tuple[Event, ...]:
        """Take calls and new processes into account; what is thought differently because of them comes back."""
        if event.server not in self._plans:
            return ()
        if isinstance(event, CallFinished):
            return self._monitor.called(event)
        if isinstance(event, StateChanged) and event.state == "starting":
            self._monitor.restarted(event.server)
        return ()

    def reconfigured(self) -> None:
        """What the configuration expects may have changed; whoever is to be judged as before keeps his past."""
        plans = {spec.name: spec.health for spec in self.specs}
        for name in self._plans.keys() - plans.keys():
            self._monitor.forget(name)
        for name, plan in plans.items():
            if name not in self._plans or self._plans[name] != plan:
                self._monitor.expect(name, plan)
        self._plans = plans

    def _standing(self, spec: ServerSpec, looked: ServerHealth) -> ServerHealth:
        status = self._fleet.status(spec.name)
        latency = self._monitor.latency(spec.name)
        connection = self._fleet.keeper(spec.name).current
        seen = replace(
            _by_state(status),
            latency_ms=None if latency is None else latency * 1000,
            protocol_version=status.protocol_version,
            tools=status.tools,
            required=looked.required,
            noise_lines=None if connection is None else connection.channel.facts.noise_lines,
            restarts=status.restarts,
            uptime=status.uptime,
        )
        if seen.status not in UP:
            return replace(seen, last_success=looked.last_success)
        checks = (*seen.checks, *looked.checks)
        success = max(looked.last_success or 0.0, status.since)
        worse = severity(looked.status) > severity(seen.status)
        return replace(
            seen,
            status=looked.status if worse else seen.status,
            level=looked.level if looked.checks else seen.level,
            checks=checks,
            last_success=success,
        )


def _by_state(status: ServerStatus) -> ServerHealth:
    said = f"it is {status.state}" + (f": {status.reason}" if status.reason else "")
    verdict: Verdict
    match status.state:
        case "running":
            verdict, check = "healthy", Check(name=STEP, status="ok", message=said)
        case "degraded":
            hint = f"see which with `mcpctl stats {status.name}`"
            verdict, check = "degraded", found("H408", STEP, said, hint=hint, status="warning")
        case _:
            hint = f"see `mcpctl logs {status.name}`"
            verdict, check = "unreachable", found("H201", STEP, said, hint=hint)
    return ServerHealth(name=status.name, status=verdict, level="start", checks=(check,))
