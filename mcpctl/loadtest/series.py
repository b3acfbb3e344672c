"""Several stored runs: shards put together, a run against its baseline, many runs against many."""

from __future__ import annotations

from collections.abc import Sequence

from mcpctl.errors import UsageError
from mcpctl.loadtest.comparison import MIN_RUNS, Question, Rules, RunValues, compare, floors_from
from mcpctl.loadtest.histogram import Histogram
from mcpctl.loadtest.results import Moment, Run, Tally, merged
from mcpctl.loadtest.stored import About, StoredRun
from mcpctl.model.load import Comparison
from mcpctl.model.load_report import MetricComparison
from mcpctl.model.value import replace

_SKIPPED_SECONDS = 1
"""Seconds at either end of a run that make no block: the first starts cold, the last is cut off."""


def merge(shards: Sequence[StoredRun]) -> StoredRun:
    """One run made by several generators. Shards that are missing are named, and spoil its verdict.

    Raises `UsageError` for files that do not belong together.
    """
    first = shards[0].about
    for shard in shards[1:]:
        _require_same(first, shard.about, shard.file, what="shards of one load")
        if shard.about.shards != first.shards:
            raise _mismatch(shard.file, f"it is one of {shard.about.shards} shards, not of {first.shards}")
    seen: dict[int, StoredRun] = {}
    for shard in shards:
        twin = seen.setdefault(shard.about.shard, shard)
        if twin is not shard and (first.shards > 1 or _is_same(twin, shard)):
            raise _mismatch(shard.file, f"shard {shard.about.shard + 1} is already in `{twin.file}`")
    whole = merged(shard.run for shard in shards)
    if first.shards > 1:
        absent = [number for number in range(first.shards) if number not in seen]
        whole.dead += [f"shard {number + 1}/{first.shards}" for number in absent]
    return StoredRun(about=replace(first, shard=0, shards=1), run=whole)


def apart(shards: Sequence[StoredRun]) -> str | None:
    """A word of warning where the load was never made by all of them at once."""
    begun = max(shard.run.started_at for shard in shards)
    ended = min(shard.run.started_at + shard.run.duration for shard in shards)
    if begun < ended:
        return None
    return (
        "the runs were not made at the same time: the throughput is one that no server saw; use `--start-at`"
    )


def require_comparable(baseline: StoredRun, planned: About) -> None:
    """Before a load: whether its result can be held against this one. Raises `UsageError`."""
    _require_same(planned, baseline.about, baseline.file, what="runs of one load")


def against_baseline(
    run: StoredRun, baseline: StoredRun, *, max_regression: float
) -> tuple[MetricComparison, ...]:
    """One run against one, second by second: blocks of a second are far less alike than runs, but than requests far more.

    Where there are too few seconds, only the size of the change speaks.
    """
    _require_same(baseline.about, run.about, baseline.file, what="runs of one load")
    floors = floors_from(max_regression)
    before, after = _blocks(baseline.run), _blocks(run.run)
    metrics = ("p50", "p95", "p99", "errors") if run.about.model == "open" else _ALL
    whole = Question(
        before=[values_of(baseline.run.whole(), baseline.run)], after=[values_of(run.run.whole(), run.run)]
    )
    if min(len(before), len(after)) >= MIN_RUNS:
        # A second without one good answer makes no block: errors are those of the whole run.
        timed = Rules(
            paired=False, metrics=tuple(each for each in metrics if each != "errors"), floors=floors
        )
        failed = Rules(paired=False, metrics=("errors",), floors=floors)
        return (*compare([Question(before=before, after=after)], timed), *compare([whole], failed))
    found = compare([whole], Rules(paired=False, metrics=metrics, floors=floors))
    return tuple(_by_size(one) for one in found)


def against_runs(
    before: Sequence[StoredRun], after: Sequence[StoredRun], *, paired: bool, floor: float | None = None
) -> tuple[MetricComparison, ...]:
    """Runs against runs, for the whole and, where there are several, for each operation."""
    first = before[0].about
    for stored in (*before, *after):
        _require_same(first, stored.about, stored.file, what="runs of one load")
    metrics = tuple(metric for metric in _ALL if metric != "rps" or first.model == "closed")
    floors = floors_from(floor) if floor is not None else Rules(paired=paired).floors
    return compare(_questions(before, after), Rules(paired=paired, metrics=metrics, floors=floors))


def values_of(tally: Tally, run: Run) -> RunValues:
    p50, p95, p99 = (value / 1e6 for value in tally.latency.percentiles((50, 95, 99)))
    rps = tally.within / run.duration if run.duration else 0.0
    values = {"p50": p50, "p95": p95, "p99": p99, "rps": rps}
    return RunValues(requests=tally.requests, errors=min(tally.failed, tally.requests), values=values)


_ALL = ("p50", "p95", "p99", "rps", "errors")


def _questions(before: Sequence[StoredRun], after: Sequence[StoredRun]) -> list[Question]:
    names = list(before[0].run.tallies)
    questions = [
        Question(
            before=[values_of(each.run.whole(), each.run) for each in before],
            after=[values_of(each.run.whole(), each.run) for each in after],
        )
    ]
    if len(names) > 1:
        questions += [
            Question(
                before=[values_of(each.run.tallies[name], each.run) for each in before],
                after=[values_of(each.run.tallies[name], each.run) for each in after],
                operation=name,
            )
            for name in names
        ]
    return questions


def _blocks(run: Run) -> list[RunValues]:
    whole = [moment for moment in run.moments if moment.span >= 0.9]
    inner = whole[_SKIPPED_SECONDS:]
    return [_block(moment, moment.latency()) for moment in inner if moment.ok]


def _block(moment: Moment, latency: Histogram) -> RunValues:
    p50, p95, p99 = (value / 1e6 for value in latency.percentiles((50, 95, 99)))
    failed = sum(moment.errors.values())
    values = {"p50": p50, "p95": p95, "p99": p99, "rps": moment.rps}
    return RunValues(requests=moment.ok + failed, errors=failed, values=values)


def _by_size(one: MetricComparison) -> MetricComparison:
    """A verdict where nothing tells noise from change: the size alone, and a word of warning."""
    if one.metric == "errors" or (one.note is not None and "judged from" in one.note):
        return one
    over = one.ratio > 1 + one.floor
    under = one.ratio < 1 / (1 + one.floor)
    verdict: Comparison = "regression" if over else "improvement" if under else "pass"
    note = f"judged by size alone: runs of {MIN_RUNS + 1} seconds and more tell noise from change"
    return replace(one, verdict=verdict, note=note)


def _is_same(one: StoredRun, other: StoredRun) -> bool:
    """One run under two names: no two of them begin in the same microsecond."""
    return one.run.started_at == other.run.started_at > 0


def _require_same(expected: About, found: About, file: str | None, *, what: str) -> None:
    if found.load != expected.load or found.model != expected.model:
        raise _mismatch(file, f"it is not one of {what}: other calls, another level or another shape of load")


def _mismatch(file: str | None, why: str) -> UsageError:
    return UsageError(
        f"`{file or 'the run'}` does not belong to the others: {why}",
        code="usage.mismatch",
        hint="compare and merge runs that were made with the same options",
    )
