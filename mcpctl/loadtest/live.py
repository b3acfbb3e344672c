"""The figures of now and of all so far, from the beats of every generator: a second is told once all have told theirs."""

from __future__ import annotations

from mcpctl.loadtest.histogram import Histogram, bucket_of, highest_of
from mcpctl.loadtest.messages import Beat
from mcpctl.loadtest.plan import Plan
from mcpctl.loadtest.profile import FOREVER
from mcpctl.loadtest.reporting import spread
from mcpctl.loadtest.results import Moment, Run, Tally
from mcpctl.model.events import Emit
from mcpctl.model.load_report import LoadProgressed, Phase

_BARS_PER_DOUBLING = 2
"""Of the histogram that is drawn."""

_OPENING = frozenset({"connecting", "waiting"})


class Live:
    def __init__(self, plan: Plan, generators: int, emit: Emit) -> None:
        self._plan = plan
        self._emit = emit
        self._generators = generators
        self._phases: dict[int, Phase] = {}
        self._in_flight: dict[int, int] = {}
        self._waiting: dict[int, list[Moment]] = {}
        self._told: set[str] = set()
        self._elapsed = 0.0
        self._sent = 0
        self.run = Run()
        """All that counts so far: tallies, and nothing that grows with time."""

    def hear(self, generator: int, beat: Beat) -> None:
        self._in_flight[generator] = beat.in_flight
        self._elapsed = max(self._elapsed, beat.elapsed)
        self._phases[generator] = beat.phase
        news = beat.phase not in self._told
        self._told.add(beat.phase)
        for tally in beat.growth:
            self.run.tallies.setdefault(tally.name, Tally(name=tally.name, kind=tally.kind)).merge(tally)
        if beat.moment is not None:
            self._second(beat.moment)
        elif (news or beat.phase == "warmup") and generator == min(self._phases):
            self._tell(None)

    def _second(self, moment: Moment) -> None:
        told = self._waiting.setdefault(moment.index, [])
        told.append(moment)
        if len(told) < self._generators:
            return
        whole = Moment(index=moment.index, span=moment.span)
        for each in self._waiting.pop(moment.index):
            whole.merge(each)
        self._sent += whole.sent
        self.run.dropped += whole.dropped
        self.run.duration = moment.index + moment.span
        for tally in self.run.tallies.values():
            tally.within = tally.requests
        self._tell(whole)

    def _tell(self, moment: Moment | None) -> None:
        whole = self.run.whole()
        phase = self._phases[min(self._phases)]
        now = moment.latency() if moment is not None else Histogram()
        end = self._plan.profile.end
        self._emit(
            LoadProgressed(
                elapsed=self._elapsed,
                planned=end if end < FOREVER else None,
                share=self._share(whole),
                phase=phase,
                sent=self._sent,
                ok=whole.ok,
                errors=dict(whole.errors),
                strays=dict(whole.strays),
                in_flight=0 if phase in _OPENING else sum(self._in_flight.values()),
                dropped=self.run.dropped,
                rps=moment.rps if moment is not None else 0.0,
                now=spread(now),
                total=spread(whole.latency),
                buckets=coarse(whole.latency),
            )
        )

    def _share(self, whole: Tally) -> float | None:
        """How much of the load is done."""
        plan = self._plan
        if plan.requests is not None:
            return min(1.0, whole.requests / plan.requests)
        return min(1.0, self._elapsed / plan.profile.end) if plan.profile.end < FOREVER else None


def coarse(histogram: Histogram) -> tuple[tuple[float, int], ...]:
    """Upper edge in milliseconds and count, two bars for every doubling."""
    if not histogram.count:
        return ()
    bars: dict[int, int] = {}
    for bucket, count in histogram.counts.items():
        bar = _bar_of(bucket)
        bars[bar] = bars.get(bar, 0) + count
    return tuple((_edge(bar) / 1e6, bars.get(bar, 0)) for bar in range(min(bars), max(bars) + 1))


def _bar_of(bucket: int) -> int:
    value = max(1, highest_of(bucket))
    power = value.bit_length() - 1
    return power * _BARS_PER_DOUBLING + (bucket_of(value) >= bucket_of(3 << power >> 1))


def _edge(bar: int) -> int:
    power, upper = divmod(bar, _BARS_PER_DOUBLING)
    return (2 << power) if upper else (3 << power) >> 1
