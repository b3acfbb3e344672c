"""Runs before against runs after: `pass`, `improvement`, `regression` or `inconclusive`, metric by metric.

A change counts when the rank test sees it, the interval of the ratio leaves 1 out, and it is larger than the floor
under which nobody should care. What cannot be told is said to be so, with the smallest change that could have been.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mcpctl.loadtest import statistics
from mcpctl.model.load import Comparison
from mcpctl.model.load_report import MetricComparison
from mcpctl.model.value import dataclass, field, replace

FLOORS: Mapping[str, float] = {"p50": 0.05, "rps": 0.05, "p95": 0.10, "p99": 0.20, "errors": 0.0}
"""Changes smaller than these are of no practical weight; tails scatter more."""

SIGNIFICANCE = 0.05
"""How often a change may be told where there is none: one comparison in twenty, as everywhere."""
MIN_RUNS = 5
"""With fewer a side the exact test can hardly reach significance, or not at all."""

_TAIL_SAMPLES = 100
"""Values beyond a percentile that a run must have before the percentile is judged."""
_TAIL_SHARE = {"p95": 0.05, "p99": 0.01}
_LEADING = ("p50", "rps", "errors")
"""Metrics that must be conclusive. A tail that cannot be told apart is reported, and does not spoil the verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunValues:
    """One run, or one second of one, reduced to what is compared."""

    requests: int
    errors: int
    values: Mapping[str, float]
    """By metric; milliseconds, and requests a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One operation, or the whole when `operation` is empty, before and after."""

    before: Sequence[RunValues]
    after: Sequence[RunValues]
    operation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    paired: bool
    metrics: tuple[str, ...] = ("p50", "p95", "p99", "rps", "errors")
    floors: Mapping[str, float] = field(default_factory=lambda: FLOORS)


def floors_from(floor: float) -> dict[str, float]:
    """All floors in the proportions of the usual ones, `floor` being that of the median."""
    return {metric: floor * usual / FLOORS["p50"] for metric, usual in FLOORS.items()}


def compare(questions: Sequence[Question], rules: Rules) -> tuple[MetricComparison, ...]:
    """Every metric of every question; the more questions are asked at once, the more each answer must show."""
    found = []
    for metric in rules.metrics:
        asked = [_measured(question, metric, rules) for question in questions if _is_told(question, metric)]
        judged = [one for one in asked if one.p_value is not None]
        adjusted = dict(
            zip(map(id, judged), statistics.holm([one.p_value or 0.0 for one in judged]), strict=True)
        )
        found += [_judged(replace(one, p_value=adjusted.get(id(one)))) for one in asked]
    return tuple(found)


def overall(metrics: Sequence[MetricComparison]) -> Comparison:
    """One regression is enough; then doubt about what matters most; then any improvement."""
    if any(one.verdict == "regression" for one in metrics):
        return "regression"
    if any(one.verdict == "inconclusive" for one in metrics if one.metric in _LEADING):
        return "inconclusive"
    return "improvement" if any(one.verdict == "improvement" for one in metrics) else "pass"


def _is_told(question: Question, metric: str) -> bool:
    if metric == "errors":
        return any(one.errors for one in (*question.before, *question.after))
    return all(metric in one.values for one in (*question.before, *question.after))


def _measured(question: Question, metric: str, rules: Rules) -> MetricComparison:
    if metric == "errors":
        return _errors(question, rules)
    before = [one.values[metric] for one in question.before]
    after = [one.values[metric] for one in question.after]
    # Turned round for throughput, so that above 1 is worse everywhere.
    good, bad = (after, before) if metric == "rps" else (before, after)
    interval = statistics.paired_ratio_interval if rules.paired else statistics.unpaired_ratio_interval
    ratio, low, high = interval(good, bad)
    few = _too_few(question, metric)
    floor = rules.floors[metric]
    return MetricComparison(
        metric=metric,
        operation=question.operation,
        before=_middle(before),
        after=_middle(after),
        ratio=ratio,
        low=low,
        high=high,
        p_value=None if few else _p_value(before, after, paired=rules.paired),
        floor=floor,
        detectable=max(floor, statistics.smallest_detectable(before, after, paired=rules.paired)),
        verdict="inconclusive",
        note=few,
    )


def _p_value(before: Sequence[float], after: Sequence[float], *, paired: bool) -> float:
    """Of pairs, what either rank test sees: the one is blind to scatter, the other to drift, and the interval and the
    floor keep false alarms down.
    """
    p_value = statistics.mann_whitney(before, after)
    return min(p_value, statistics.signed_rank(before, after)) if paired else p_value


def _too_few(question: Question, metric: str) -> str | None:
    runs = min(len(question.before), len(question.after))
    if runs < MIN_RUNS:
        have = "1 run a side tells" if runs == 1 else f"{runs} runs a side tell"
        return f"{have} nothing apart; {MIN_RUNS} are the least"
    share = _TAIL_SHARE.get(metric)
    if share is None:
        return None
    fewest = min(one.requests for one in (*question.before, *question.after))
    wanted = round(_TAIL_SAMPLES / share)
    if fewest >= wanted:
        return None
    return f"{fewest} requests in the shortest run; {metric} is judged from {wanted} on"


def _errors(question: Question, rules: Rules) -> MetricComparison:
    """Counts over all runs, by Fisher's exact test: errors are too rare for ranks."""
    bad_before, all_before = _totals(question.before)
    bad_after, all_after = _totals(question.after)
    before, after = bad_before / max(1, all_before), bad_after / max(1, all_after)
    # Half an error added to both keeps the ratio finite.
    ratio = ((bad_after + 0.5) / max(1, all_after)) / ((bad_before + 0.5) / max(1, all_before))
    p_value = statistics.fisher(bad_before, all_before, bad_after, all_after)
    certain = p_value < SIGNIFICANCE
    return MetricComparison(
        metric="errors",
        operation=question.operation,
        before=before,
        after=after,
        ratio=ratio,
        low=ratio if certain else min(1.0, ratio),
        high=ratio if certain else min(1.0, ratio),
        p_value=p_value,
        floor=rules.floors["errors"],
        detectable=0.0,
        verdict="inconclusive",
    )


def _judged(one: MetricComparison) -> MetricComparison:
    return replace(one, verdict=_verdict(one))


def _verdict(one: MetricComparison) -> Comparison:
    if one.p_value is None:
        return "inconclusive"
    certain = one.p_value < SIGNIFICANCE
    if certain and one.low > 1 and one.ratio > 1 + one.floor:
        return "regression"
    if certain and one.high < 1 and one.ratio < 1 / (1 + one.floor):
        return "improvement"
    return "pass" if one.high <= 1 + one.floor else "inconclusive"


def _totals(runs: Sequence[RunValues]) -> tuple[int, int]:
    return sum(run.errors for run in runs), sum(run.requests for run in runs)


def _middle(values: Sequence[float]) -> float:
    from statistics import median

    return median(values) if values else 0.0
