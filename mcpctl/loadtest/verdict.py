"""May the figures be believed, and are they good enough: thresholds, and the judgement on the generator itself.

Pure. A closed load at full speed that is limited by the generator is worth something (a lower bound); an open load that
fell behind its schedule is worth nothing, and neither is a latency that is mostly our own waiting.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mcpctl.errors import UsageError
from mcpctl.loadtest.results import Effort, Run, Tally
from mcpctl.loadtest.thresholds import PERCENTILES, Threshold, show_milliseconds
from mcpctl.model.load import Model, Validity
from mcpctl.model.load_report import ThresholdOutcome

_BUSY = 0.9
"""Share of one core from which on a generator is the limit itself."""

_STARVED = 0.05
"""Share of the time spent waiting for a processor from which on it is worth a word."""

_OWN_SHARE = 0.1
"""Of the median: own waiting beyond it is no longer noise in a figure but part of it."""

_UNAVOIDABLE = 50_000
"""Nanoseconds of own waiting that are not held against a run: a scheduler adds as much whoever measures."""

_LATE = 1_000_000
"""Nanoseconds of median lateness from which on a schedule was not kept, however slow the server is."""

_LATE_TAIL = 10_000_000
"""The same for one request in ten."""

_FEW = 10
"""Values beyond a percentile under which it is said that the percentile rests on few."""


@dataclass(frozen=True, slots=True)
class Judgement:
    validity: Validity
    reasons: tuple[str, ...]


def check_names(thresholds: Iterable[Threshold], names: Sequence[str]) -> None:
    """Raises `UsageError` for a threshold on something that is not part of the load."""
    for threshold in thresholds:
        if threshold.tool is not None and threshold.tool not in names:
            known = ", ".join(f"`{name}`" for name in names)
            raise UsageError(
                f"threshold `{threshold.expr}`: `{threshold.tool}` is not part of this load",
                code="usage.threshold",
                hint=f"name one of {known}",
                column=1,
            )
        if threshold.tool is not None and threshold.metric == "dropped":
            raise UsageError(
                f"threshold `{threshold.expr}`: what is dropped is counted for the whole load only",
                code="usage.threshold",
                hint="leave out the tool",
                column=1,
            )


def judge_thresholds(thresholds: Iterable[Threshold], run: Run) -> tuple[ThresholdOutcome, ...]:
    whole = run.whole()
    return tuple(_outcome(threshold, run, whole) for threshold in thresholds)


def judge_generator(run: Run, *, model: Model, judged: bool, workers: int = 1) -> Judgement:
    """`judged` tells that a latency threshold or a baseline rests on the figures."""
    whole = run.whole()
    effort = run.effort
    median = whole.latency.percentile(50)
    waiting = own_waiting(effort, model)
    mine = whole.latency.count > 0 and waiting > _UNAVOIDABLE and waiting > _OWN_SHARE * median
    more = f"use `--workers {max(2, 2 * workers)}`"
    if run.dead:
        return Judgement(
            "invalid", (f"no result came from {', '.join(run.dead)}: the load was not the one asked for",)
        )
    if model == "open":
        late = _lateness(run)
        if late is not None:
            return Judgement("invalid", (f"the generator could not keep its schedule: {late}; {more}",))
    own = (
        f"own waiting of {show_milliseconds(waiting / 1e6)} is "
        f"{waiting / max(1, median):.0%} of the median of {show_milliseconds(median / 1e6)}"
    )
    if mine and judged:
        return Judgement("invalid", (f"latencies are judged that are not the server's alone: {own}; {more}",))
    if model == "closed" and (mine or effort.cpu_share + effort.starved_share > _BUSY):
        busy = f"it used {effort.cpu_share:.0%} of a core"
        if effort.starved_share > _STARVED:
            busy += f" and waited {effort.starved_share:.0%} of the time for one"
        why = f"{busy}, {own}" if mine else busy
        return Judgement(
            "generator_bound", (f"the generator is the limit ({why}): throughput is a lower bound; {more}",)
        )
    return Judgement("valid", (own,) if mine else ())


def own_waiting(effort: Effort, model: Model) -> int:
    """Nanoseconds, of the median request: before it was written, and before its answer was read.

    What the machine needs to wake up is left out, where a timer had to wake it.
    """
    written = effort.slip.percentile(50)
    if model == "open":
        written = max(0, written - effort.wake_up)
    return written + effort.lag.percentile(50)


def value_of(threshold: Threshold, run: Run, tally: Tally) -> float:
    match threshold.metric:
        case "errors":
            share = min(1.0, tally.failed / max(1, tally.requests))
            return share if threshold.unit == "share" else tally.failed
        case "dropped":
            due = tally.requests + run.dropped
            return run.dropped / max(1, due) if threshold.unit == "share" else run.dropped
        case "rps":
            return tally.within / run.duration if run.duration else 0.0
        case "mean":
            return tally.latency.mean / 1e6
        case "max":
            return tally.latency.maximum / 1e6
        case metric:
            return tally.latency.percentile(PERCENTILES[metric]) / 1e6


def _outcome(threshold: Threshold, run: Run, whole: Tally) -> ThresholdOutcome:
    tally = whole if threshold.tool is None else run.tallies.get(threshold.tool, whole)
    value = value_of(threshold, run, tally)
    nothing = threshold.is_latency and not tally.latency.count
    return ThresholdOutcome(
        expr=threshold.expr,
        value=value,
        shown=threshold.show(value),
        passed=not nothing and threshold.holds(value),
        note="nothing was measured" if nothing else _note(threshold, tally.latency.count),
    )


def _note(threshold: Threshold, count: int) -> str | None:
    percent = PERCENTILES.get(threshold.metric)
    if percent is None:
        return None
    beyond = count * (100 - percent) / 100
    return None if beyond >= _FEW else f"{count} requests: {threshold.metric} rests on few of them"


def _lateness(run: Run) -> str | None:
    if run.missed:
        return f"{run.missed} requests were due and never sent"
    slip = run.effort.slip
    half, tenth = slip.percentiles((50, 90))
    median = run.whole().service.percentile(50)
    if half > max(_LATE, _OWN_SHARE * median):
        return f"half of the requests were sent {show_milliseconds(half / 1e6)} late or more"
    if tenth > max(_LATE_TAIL, _OWN_SHARE * median):
        return f"one in ten was sent {show_milliseconds(tenth / 1e6)} late or more"
    return None
