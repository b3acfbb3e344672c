"""The state of every server as many looks and many real calls agree on it. Pure: the clock is given, nothing is asked.

Looks and calls have a machine each, and the worse one counts: calls that succeed do not prove that a canary would, and
a quiet server is judged by its looks alone. Memory stays the same however long it runs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from mcpctl.health.objectives import missed
from mcpctl.health.verdicts import UP, overall, ready
from mcpctl.model.events import CallFinished, Event
from mcpctl.model.health import (
    Alerted,
    HealthChanged,
    HealthReport,
    ServerHealth,
    Verdict,
    WatchRow,
    instant,
)
from mcpctl.model.health_spec import HealthSpec
from mcpctl.model.value import replace
from mcpctl.policy.alerts import Alert, AlertBook, Thresholds
from mcpctl.policy.hysteresis import HealthState, HysteresisSpec, severity

QUIET = 30.0
"""Seconds without a call after which the calls say nothing any more: whoever avoids a bad server makes none."""

WINDOW = 20
"""Latencies that objectives are held against: enough for a p95, and forgotten soon."""

KEPT_LATENCIES = 60
KEPT_CHANGES = 200

OUTAGES = ("connect.", "deadline.", "auth.", "protocol.malformed")
"""Beginnings of codes that say something about the server, and not about the caller's words."""


class Monitor:
    def __init__(
        self,
        clock: Callable[[], float],
        now: Callable[[], float],
        *,
        thresholds: Thresholds | None = None,
    ) -> None:
        """`clock` never jumps, `now` is the time of day."""
        self._clock = clock
        self._now = now
        self._watched: dict[str, _Watched] = {}
        self._book = AlertBook(now, thresholds)
        self.changes: deque[HealthChanged] = deque(maxlen=KEPT_CHANGES)
        self.recent: deque[HealthChanged | Alerted] = deque(maxlen=KEPT_CHANGES)
        """Changes and alerts in the order in which they came."""
        self.probes = 0

    def expect(self, server: str, plan: HealthSpec | None = None) -> None:
        """Know a server before anything was seen of it, and by which rules it is judged."""
        self._watched[server] = _Watched(plan or HealthSpec(), self._clock)

    def forget(self, server: str) -> None:
        self._watched.pop(server, None)

    def restarted(self, server: str) -> None:
        """A new process owes nothing to the old one: the next observation decides."""
        if server in self._watched:
            self._watched[server].clear()

    def probed(self, seen: ServerHealth) -> tuple[Event, ...]:
        """Feed what one look found; what changed because of it comes back, to be told."""
        watched = self._of(seen.name)
        self.probes += 1
        before = watched.verdict
        watched.look(seen, self._clock())
        if seen.status in UP:
            watched.last_success = self._now()
        return self._changed(seen.name, watched, before)

    def called(self, event: CallFinished) -> tuple[Event, ...]:
        """Feed a real call; what changed because of it comes back."""
        if event.server is None or event.cached:
            return ()
        watched = self._of(event.server)
        alerts = self._book.observe(
            event.server, event.tool, ok=event.ok, seconds=event.seconds, objective=watched.plan.objective
        )
        before = watched.verdict
        watched.call(event, self._clock())
        if event.ok:
            watched.last_success = self._now()
        changed = self._changed(event.server, watched, before)
        if not alerts:
            return changed
        told = tuple(_alerted(alert) for alert in alerts)
        self.recent.extend(told)
        return (*changed, *told)

    def verdict(self, server: str) -> Verdict | None:
        """None until something was observed."""
        watched = self._watched.get(server)
        return None if watched is None else watched.verdict

    def latency(self, server: str) -> float | None:
        """Seconds of the last answer."""
        watched = self._watched.get(server)
        return watched.latencies[-1] if watched is not None and watched.latencies else None

    @property
    def unseen(self) -> tuple[str, ...]:
        """Servers of which nothing is known yet."""
        return tuple(
            name for name, watched in self._watched.items() if watched.verdict is None and not watched.skipped
        )

    @property
    def complete(self) -> bool:
        return not self.unseen

    @property
    def ready(self) -> bool:
        return self.complete and ready(self.servers())

    @property
    def healthy(self) -> bool:
        states = [watched.verdict for watched in self._watched.values() if not watched.skipped]
        return bool(states) and all(state == "healthy" for state in states)

    def servers(self) -> tuple[ServerHealth, ...]:
        """The last look at each, with the verdict that many agree on."""
        return tuple(
            replace(
                watched.seen,
                status=watched.verdict or watched.seen.status,
                last_success=watched.last_success,
            )
            if watched.seen is not None
            else ServerHealth(
                name=name,
                status=watched.verdict or "skipped",
                level="config",
                required=watched.plan.required,
                last_success=watched.last_success,
            )
            for name, watched in self._watched.items()
        )

    def report(self) -> HealthReport:
        servers = self.servers()
        return HealthReport(
            status=overall(servers),
            checked_at=self._now(),
            servers=servers,
            changes=tuple(self.changes),
            probes=self.probes,
        )

    def rows(self) -> tuple[WatchRow, ...]:
        now = self._clock()
        return tuple(
            WatchRow(
                name=name,
                state="skipped" if watched.skipped else watched.verdict,
                latencies_ms=tuple(seconds * 1000 for seconds in watched.latencies),
                since=None if watched.since is None else now - watched.since,
                last_error=watched.last_error,
            )
            for name, watched in self._watched.items()
        )

    def _of(self, server: str) -> _Watched:
        watched = self._watched.get(server)
        if watched is None:
            self.expect(server)
            watched = self._watched[server]
        return watched

    def _changed(self, server: str, watched: _Watched, before: Verdict | None) -> tuple[Event, ...]:
        after = watched.verdict
        if after is None or severity(after) == severity(before):
            return ()
        watched.since = self._clock()
        change = HealthChanged(
            server=server, at=instant(self._now()), before=before, after=after, reason=watched.reason
        )
        self.changes.append(change)
        self.recent.append(change)
        return (change,)


class _Watched:
    def __init__(self, plan: HealthSpec, clock: Callable[[], float]) -> None:
        spec = HysteresisSpec(fall=plan.fall, rise=plan.rise)
        self.plan = plan
        self.seen: ServerHealth | None = None
        self.since: float | None = None
        self.last_error = ""
        self.last_success: float | None = None
        """Time of day."""
        self.skipped = False
        self.latencies: deque[float] = deque(maxlen=KEPT_LATENCIES)
        self._window: deque[float] = deque(maxlen=WINDOW)
        self._looks = HealthState(spec, clock)
        self._calls = HealthState(spec, clock)
        self._called_at = 0.0

    @property
    def verdict(self) -> Verdict | None:
        looks, calls = self._looks.verdict, self._calls.verdict
        return calls if severity(calls) > severity(looks) else looks

    @property
    def reason(self) -> str:
        worse = severity(self._calls.verdict) > severity(self._looks.verdict)
        return (self._calls if worse else self._looks).reason

    def clear(self) -> None:
        self._looks.clear()
        self._calls.clear()
        self._window.clear()

    def look(self, seen: ServerHealth, now: float) -> None:
        self.seen = seen
        self.skipped = seen.status == "skipped"
        if now - self._called_at > QUIET:
            self._calls.clear()
        if seen.latency_ms is not None and seen.status in UP:
            self._took(seen.latency_ms / 1000)
        status, reason = seen.status, seen.reason
        if status == "healthy" and (slow := self._slow()):
            status, reason = "degraded", slow
        if seen.trouble is not None:
            self.last_error = seen.reason
        self._looks.observe(status, reason=reason)

    def call(self, event: CallFinished, now: float) -> None:
        if event.error is not None and event.error.startswith(OUTAGES):
            self._called_at = now
            said = f"`{event.tool}` failed: {event.error}"
            self.last_error = said
            down: Verdict = "auth_required" if event.error.startswith("auth.") else "unhealthy"
            self._calls.observe(down, reason=said)
        elif event.ok or event.error == "is_error":
            self._called_at = now
            self._took(event.seconds)
            slow = self._slow()
            self._calls.observe("degraded" if slow else "healthy", reason=slow)

    def _took(self, seconds: float) -> None:
        self.latencies.append(seconds)
        self._window.append(seconds)

    def _slow(self) -> str:
        if not self.plan.latency:
            return ""
        found = missed(self.plan.latency, tuple(self._window))
        return (found[0].message or "") if found else ""


def _alerted(alert: Alert) -> Alerted:
    return Alerted(
        server=alert.server,
        tool=alert.tool,
        at=instant(alert.at),
        severity=alert.severity,
        rule=alert.rule,
        message=alert.message,
        value=alert.value,
        limit=alert.limit,
    )
