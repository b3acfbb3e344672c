"""Real calls, whoever made them, as part of what `health --watch` knows: read from the history a moment later.

A history that cannot be read costs this knowledge and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from mcpctl.errors import ConfigError
from mcpctl.health.monitor import Monitor
from mcpctl.history.reading import History
from mcpctl.history.summary import Summary, p95_of
from mcpctl.model.events import CallFinished, Emit, Noticed
from mcpctl.model.health import Alerted, instant

READ_EVERY = 1.0
"""Seconds; as often as it is written."""

JUDGED_EVERY = 60
"""Readings between two looks at the figures as a whole."""

HOUR, WEEK = 3600.0, 7 * 86400.0
"""What is looked at, and what it is compared with."""


class Passive:
    def __init__(
        self,
        history: History,
        monitor: Monitor,
        servers: frozenset[str],
        *,
        emit: Emit,
        now: Callable[[], float],
    ) -> None:
        self._history = history
        self._monitor = monitor
        self._servers = servers
        self._emit = emit
        self._now = now
        self._last = 0
        self._told: frozenset[tuple[str, str]] = frozenset()

    async def run(self) -> None:
        try:
            self._last = self._history.last_call()
            readings = 0
            while True:
                if readings % JUDGED_EVERY == 0:
                    self.judge()
                readings += 1
                await asyncio.sleep(READ_EVERY)
                self.read()
        except ConfigError as error:
            self._emit(Noticed(message=f"calls are not seen: {error.message}", hint=error.hint))

    def read(self) -> None:
        """Feed the calls that were written since the last time."""
        for number, call in self._history.calls_after(self._last):
            self._last = number
            if call.server in self._servers:
                finished = CallFinished(
                    server=call.server,
                    tool=call.tool,
                    arguments={},
                    ok=call.error is None,
                    seconds=call.seconds,
                    error=call.error,
                    cached=call.cached,
                )
                for event in self._monitor.called(finished):
                    self._emit(event)

    def judge(self) -> None:
        """Tell what the last hour looks like beside the week before; once, until it is well again."""
        until = self._now()
        since = until - HOUR
        summary = Summary(self._history.spans(since, until), since=since, until=until)
        usual = p95_of(self._history.spans(since - WEEK, since))
        enough = {name: usual.get(name) for name in summary.busy() if name in self._servers}
        found = {(name, alert.rule): alert for name in enough for alert in summary.judged(name, enough[name])}
        for (name, rule), alert in found.items():
            if (name, rule) not in self._told:
                self._emit(
                    Alerted(
                        server=name,
                        at=instant(until),
                        severity=alert.severity,
                        rule=rule,
                        message=alert.message,
                        value=alert.value,
                        limit=alert.limit,
                    )
                )
        self._told = frozenset(found)
