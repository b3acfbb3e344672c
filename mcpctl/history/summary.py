"""From spans to what people want to know: totals, rows, a line over time, and what deserves attention. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from mcpctl.history.reading import Span
from mcpctl.history.spans import HOUR, MINUTE
from mcpctl.history.store import Happening
from mcpctl.model.stats import Figures, Grouping, Moment, StatsAlert, StatsRow
from mcpctl.policy import alerts
from mcpctl.policy.alerts import Alert
from mcpctl.policy.metrics import Series

POINTS = 60
"""Of a line over time: what fits a plot."""

BARS = 12
"""Of a sparkline in a table."""

SHOWN_ALERTS = 10
"""The last ones: what is older stands in the history."""

FEW_CALLS = 20
"""Calls below which nothing is unusual."""

_ALERT = "alert:"


def figures(series: Series) -> Figures:
    snapshot = series.snapshot()
    latency = {
        name: None if value is None else round(value * 1000, 3) for name, value in snapshot["latency"].items()
    }
    return Figures(
        calls=series.calls,
        ok=snapshot["ok"],
        errors=dict(sorted(series.errors.items(), key=lambda item: -item[1])),
        cached=series.cached,
        attempts=series.attempts,
        bytes_in=series.bytes_in,
        bytes_out=series.bytes_out,
        latency_ms=latency,
        score=alerts.score(calls=series.calls, errors=series.failed),
    )


class Summary:
    """Spans put together once, and looked at from several sides."""

    def __init__(self, spans: Iterable[Span], *, since: float, until: float) -> None:
        self.since, self.until = since, until
        self.whole = Series()
        self.servers: dict[str, Series] = defaultdict(Series)
        self._tools: dict[tuple[str, str], Series] = defaultdict(Series)
        self._starts: dict[int, Series] = defaultdict(Series)
        self._trends: dict[tuple[str, ...], Counter[int]] = defaultdict(Counter)
        self.finest = MINUTE
        for span in spans:
            self._add(span)
        # Each span was merged as seldom as possible: a month of a fleet has tens of thousands.
        for (server, _), series in self._tools.items():
            self.servers[server].merge(series)
        for series in self.servers.values():
            self.whole.merge(series)

    def rows(self, by: Grouping, happened: Sequence[Happening] = ()) -> tuple[StatsRow, ...]:
        if by == "hour":
            return tuple(
                StatsRow(hour=float(start), figures=figures(series))
                for start, series in sorted(self._hours().items())
            )
        if by == "tool":
            return self.tools()
        restarts = Counter(each.server for each in happened if each.kind == "restart")
        names = sorted(self.servers.keys() | restarts.keys())
        return tuple(
            StatsRow(
                server=name,
                figures=figures(self.servers[name]),
                restarts=restarts[name],
                trend=self._trend((name,)),
            )
            for name in names
        )

    def tools(self) -> tuple[StatsRow, ...]:
        """The busiest first."""
        ordered = sorted(self._tools.items(), key=lambda item: (-item[1].calls, item[0]))
        return tuple(
            StatsRow(server=server, tool=tool, figures=figures(series), trend=self._trend((server, tool)))
            for (server, tool), series in ordered
        )

    def moments(self) -> tuple[Moment, ...]:
        """A line over time of at most `POINTS` pieces; pieces without calls are there too."""
        step = max(-(-(self.until - self.since) // POINTS), self.finest)
        step = -(-step // self.finest) * self.finest
        began = self.since // self.finest * self.finest
        pieces: dict[int, Series] = defaultdict(Series)
        for start, series in self._starts.items():
            pieces[int(max(start - began, 0) // step)].merge(series)
        count = int((self.until - began) // step) + 1
        return tuple(_moment(began + at * step, pieces.get(at)) for at in range(count))

    def alerts(
        self, happened: Sequence[Happening], usual_p95: dict[str, float | None]
    ) -> tuple[StatsAlert, ...]:
        """What was told while it happened, and what the figures say as a whole; the latest last.

        Only servers in `usual_p95` are judged: a handful of calls says nothing as a whole.
        """
        told = [
            StatsAlert(
                at=each.at,
                server=each.server,
                severity=each.kind.removeprefix(_ALERT),
                message=each.detail,
            )
            for each in happened
            if each.kind.startswith(_ALERT)
        ][-SHOWN_ALERTS:]
        for name in sorted(usual_p95):
            told += [
                StatsAlert(at=each.at, server=name, severity=each.severity, message=each.message)
                for each in self.judged(name, usual_p95.get(name))
            ]
        return tuple(told)

    def busy(self) -> Iterator[str]:
        """Servers with so many calls that something may be unusual about them."""
        return (name for name, series in self.servers.items() if series.calls >= FEW_CALLS)

    def judged(self, server: str, usual_p95: float | None) -> tuple[Alert, ...]:
        """What is wrong with the figures of one server as a whole."""
        return alerts.judge(server, _judged(self.servers[server], usual_p95), at=self.until)

    def _add(self, span: Span) -> None:
        self.finest = max(self.finest, span.width)
        span.pour(self._tools[span.server, span.tool], self._starts[span.start])
        bar = self._bar(span.start)
        self._trends[span.server,][bar] += span.calls
        self._trends[span.server, span.tool][bar] += span.calls

    def _bar(self, start: float) -> int:
        share = (max(start, self.since) - self.since) / max(self.until - self.since, 1.0)
        return min(int(share * BARS), BARS - 1)

    def _trend(self, key: tuple[str, ...]) -> tuple[int, ...]:
        counted = self._trends[key]
        return tuple(counted[bar] for bar in range(BARS))

    def _hours(self) -> dict[int, Series]:
        hours: dict[int, Series] = defaultdict(Series)
        for start, series in self._starts.items():
            hours[start - start % HOUR].merge(series)
        return hours


def happenings(happened: Sequence[Happening]) -> tuple[StatsAlert, ...]:
    """What is no alert: restarts and changes of state, the last ones."""
    told = [
        StatsAlert(at=each.at, server=each.server, severity=each.kind, message=each.detail)
        for each in happened
        if not each.kind.startswith(_ALERT)
    ]
    return tuple(told[-SHOWN_ALERTS:])


def p95_of(spans: Iterable[Span]) -> dict[str, float | None]:
    """By server, in seconds."""
    servers: dict[str, Series] = defaultdict(Series)
    for span in spans:
        span.pour(servers[span.server])
    return {name: series.latency.percentile(95.0) for name, series in servers.items()}


def _judged(series: Series, usual: float | None) -> alerts.Figures:
    latency = series.latency.percentiles(50.0, 95.0, 99.0)
    return alerts.Figures(
        calls=series.calls,
        errors=series.failed,
        p50=latency[50.0],
        p95=latency[95.0],
        p99=latency[99.0],
        usual_p95=usual,
    )


def _moment(at: float, series: Series | None) -> Moment:
    if series is None:
        return Moment(at=at)
    latency = series.latency.percentiles(50.0, 95.0)
    return Moment(
        at=at,
        calls=series.calls,
        failed=series.failed,
        p50_ms=_milliseconds(latency[50.0]),
        p95_ms=_milliseconds(latency[95.0]),
    )


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000
