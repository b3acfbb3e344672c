"""From a measured run to the report that is rendered: numbers in the units people read, and the exit code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from mcpctl.errors import ConnectError, McpctlError
from mcpctl.loadtest.comparison import overall
from mcpctl.loadtest.encoding import encode
from mcpctl.loadtest.histogram import Histogram
from mcpctl.loadtest.results import Moment, Run, Tally
from mcpctl.loadtest.stored import StoredRun
from mcpctl.loadtest.thresholds import Threshold
from mcpctl.loadtest.verdict import judge_generator, judge_thresholds, own_waiting
from mcpctl.model.load import Model, OperationKind, Validity
from mcpctl.model.load_report import (
    Checked,
    Ending,
    GeneratorFacts,
    LimitFound,
    LoadProgressed,
    LoadReport,
    MetricComparison,
    OperationReport,
    Second,
    Spread,
    ThresholdOutcome,
)

INTERRUPTED = 130


def report_on(
    stored: StoredRun,
    thresholds: Sequence[Threshold] = (),
    *,
    comparison: tuple[MetricComparison, ...] = (),
    limit: LimitFound | None = None,
) -> LoadReport:
    about, run = stored.about, stored.run
    model = cast("Model", about.model)
    whole = run.whole()
    outcomes = judge_thresholds(thresholds, run)
    judged = bool(comparison) or any(threshold.is_latency for threshold in thresholds)
    judgement = judge_generator(run, model=model, judged=judged, workers=run.effort.workers)
    return LoadReport(
        exit_code=_exit_code(run, whole, judgement.validity, outcomes, comparison),
        errors=_errors(run),
        server=about.server,
        tool=about.tool,
        protocol_version=about.protocol_version,
        transport=about.transport,
        model=model,
        sessions=about.sessions,
        concurrency=about.level,
        requests=whole.requests,
        ok=whole.ok,
        errors_by_kind=dict(whole.errors),
        error_samples=run.error_samples,
        dropped=run.dropped,
        duration=run.duration,
        rps=whole.within / run.duration if run.duration else 0.0,
        latency=spread(whole.latency),
        service=spread(whole.service),
        connect=spread(run.connect),
        connects=run.connect.count,
        restarts=run.restarts,
        operations=tuple(_operation(tally, run) for tally in run.tallies.values()),
        thresholds=outcomes,
        comparison=comparison,
        verdict=judgement.validity,
        reasons=(*judgement.reasons, *_remarks(run)),
        generator=_generator(run, model),
        checked=Checked(sampled=run.sampled, failed=run.failed_samples, faults=tuple(run.faults)),
        seconds=tuple(second(moment) for moment in run.moments),
        processes=tuple(run.processes),
        histogram=encode(whole.latency),
        service_histogram=encode(whole.service),
        connect_histogram=encode(run.connect),
        ended=cast("Ending", run.ended),
        started_at=run.started_at,
        environment=about.environment,
        limit=limit,
    )


def reached(report: LoadReport, level: str) -> LoadProgressed:
    """One run of several, as it is told while the others go on."""
    return LoadProgressed(
        server=report.server,
        elapsed=report.duration,
        planned=None,
        share=None,
        phase="load",
        sent=report.requests,
        ok=report.ok,
        errors=report.errors_by_kind,
        in_flight=0,
        dropped=report.dropped,
        rps=report.rps,
        now=report.latency,
        total=report.latency,
        level=level,
    )


def spread(histogram: Histogram) -> Spread:
    p50, p90, p95, p99, p999 = (value / 1e6 for value in histogram.percentiles((50, 90, 95, 99, 99.9)))
    return Spread(
        min=histogram.minimum / 1e6,
        mean=histogram.mean / 1e6,
        p50=p50,
        p90=p90,
        p95=p95,
        p99=p99,
        p999=p999,
        max=histogram.maximum / 1e6,
    )


def second(moment: Moment) -> Second:
    latency = moment.latency()
    found = (*latency.percentiles((50, 90, 99)), latency.maximum)
    p50, p90, p99, most = (value / 1e6 if latency.count else None for value in found)
    return Second(
        at=float(moment.index),
        span=moment.span,
        sent=moment.sent,
        ok=moment.ok,
        errors=moment.errors,
        in_flight=moment.in_flight,
        dropped=moment.dropped,
        rps=moment.rps,
        p50=p50,
        p90=p90,
        p99=p99,
        max=most,
    )


def _operation(tally: Tally, run: Run) -> OperationReport:
    return OperationReport(
        name=tally.name,
        kind=cast("OperationKind", tally.kind),
        requests=tally.requests,
        ok=tally.ok,
        errors=dict(tally.errors),
        rps=tally.within / run.duration if run.duration else 0.0,
        latency=spread(tally.latency),
        service=spread(tally.service),
        histogram=encode(tally.latency),
        service_histogram=encode(tally.service),
    )


def _generator(run: Run, model: Model) -> GeneratorFacts:
    effort = run.effort
    slip_half, slip_tail = effort.slip.percentiles((50, 99))
    lag_half, lag_tail = effort.lag.percentiles((50, 99))
    return GeneratorFacts(
        cpu_pct=effort.cpu_share * 100,
        starved_pct=effort.starved_share * 100,
        slip_us_p50=slip_half / 1e3,
        slip_us_p99=slip_tail / 1e3,
        queue_ms_p50=own_waiting(effort, model) / 1e6,
        lag_us_p50=lag_half / 1e3,
        lag_us_p99=lag_tail / 1e3,
        gc_ms=effort.pauses / 1e6,
        gc_ms_max=effort.longest_pause / 1e6,
        cap_hits=run.dropped,
        late=effort.late_answers,
        workers=effort.workers,
        dead_workers=tuple(run.dead),
    )


def _exit_code(
    run: Run,
    whole: Tally,
    validity: Validity,
    outcomes: Sequence[ThresholdOutcome],
    comparison: Sequence[MetricComparison],
) -> int:
    if run.ended == "interrupted":
        return INTERRUPTED
    if run.lost:
        return ConnectError.exit_code
    missed = any(not outcome.passed for outcome in outcomes)
    worse = bool(comparison) and overall(comparison) == "regression"
    return int(missed or worse or validity == "invalid" or (not whole.ok and whole.requests > 0))


def _errors(run: Run) -> tuple[McpctlError, ...]:
    if not run.lost:
        return ()
    return (ConnectError(f"{run.lost}, in the middle of the load", code="connect.lost"),)


def _remarks(run: Run) -> list[str]:
    remarks = []
    if run.dropped:
        remarks.append(
            f"{run.dropped} requests were due while the cap of requests in flight was reached, and were dropped"
        )
    if run.requests and not run.ok:
        remarks.append("not one request succeeded")
    if run.effort.late_answers:
        remarks.append(f"{run.effort.late_answers} answers came after their request had run out of time")
    return remarks
