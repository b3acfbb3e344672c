"""How a load test is shown: the answer as a table, and what makes it doubtful beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mcpctl.loadtest.thresholds import show_milliseconds
from mcpctl.model.duration import format_duration
from mcpctl.model.load_report import (
    ERROR_KINDS,
    LimitFound,
    LoadProgressed,
    LoadReport,
    MetricComparison,
    Spread,
)
from mcpctl.render.blocks import Block, Cell, Fields, Line, Table, Words
from mcpctl.render.loadtest_data import data
from mcpctl.render.loadtest_live import live
from mcpctl.render.loadtest_words import VERDICTS, level_text, show_value
from mcpctl.render.view import View

_QUANTITIES = {"rate": "requests/s", "sessions": "sessions", "concurrency": "requests in flight"}


def human(report: LoadReport) -> Iterator[Block]:
    if report.limit is not None:
        yield from limit_blocks(report.limit)
    yield Fields(_facts(report))
    yield ""
    yield Table(("MS", "MEAN", "P50", "P90", "P95", "P99", "P99.9", "MAX"), _latency_rows(report))
    if len(report.operations) > 1:
        yield ""
        yield Table(("OPERATION", "OK", "ERRORS", "RPS", "P50", "P95", "P99", "MAX"), _operation_rows(report))
    if report.errors_by_kind:
        yield ""
        yield Table(("ERROR", "COUNT", "SAMPLE"), _error_rows(report))
    if report.thresholds:
        yield ""
        yield Table(("THRESHOLD", "VALUE", "OUTCOME"), _threshold_rows(report))
    if report.comparison:
        yield ""
        yield from comparison_blocks(report.comparison, "BASELINE", "NOW")


def talk(report: LoadReport) -> Iterator[Block]:
    if report.verdict == "invalid":
        yield Line(
            (Cell("INVALID:", "bad"), f" {report.reasons[0] if report.reasons else 'see the generator'}")
        )
    for outcome in report.thresholds:
        if not outcome.passed:
            yield Line((Cell("missed:", "bad"), f" {outcome.expr}, it is {outcome.shown}"))


def notes(report: LoadReport) -> Iterator[Block]:
    for reason in report.reasons[report.verdict == "invalid" :]:
        yield _note(reason)
    for outcome in report.thresholds:
        if outcome.note is not None:
            yield _note(outcome.note)
    for fault in report.checked.faults:
        yield _note(f"an answer is not what its server promises: {fault}")
    if report.ended == "interrupted":
        yield _note("the load was interrupted: this is what was measured until then")
    elif report.ended == "aborted":
        yield _note("the load was ended because a threshold was missed")


def files(report: LoadReport) -> Iterator[tuple[str, str]]:
    from mcpctl.render import loadtest_files as made

    wanted = report.files
    if wanted.junit is not None:
        yield str(wanted.junit), made.junit(report)
    if wanted.csv is not None:
        yield str(wanted.csv), made.csv(report)
    if wanted.summary is not None:
        yield str(wanted.summary), made.summary(report)
    if wanted.html is not None:
        from mcpctl.render.loadtest_html import page

        yield str(wanted.html), page(report)


def comparison_blocks(metrics: Iterable[MetricComparison], before: str, after: str) -> Iterator[Block]:
    yield Table(
        ("METRIC", before, after, "RATIO", "95 %", "VERDICT", "COULD SEE"),
        [_comparison_row(one) for one in metrics],
    )


def limit_blocks(limit: LimitFound) -> Iterator[Block]:
    what = _QUANTITIES[limit.quantity]
    if limit.highest is None:
        yield Line((Cell("no level", "bad"), f" holds {limit.expr}"))
    else:
        yield Line(
            (
                Cell(f"{limit.highest:.4g} {what}", "strong"),
                f" is the highest level found that holds {limit.expr}",
            )
        )
    yield Table(
        (what.upper(), "VALUE", "RPS", "OUTCOME"),
        [
            (
                f"{step.level:.4g}",
                step.shown,
                f"{step.rps:.1f}",
                Cell("holds", "good") if step.held else Cell(step.note or "does not hold", "bad"),
            )
            for step in limit.steps
        ],
    )
    yield ""


def _facts(report: LoadReport) -> list[tuple[str, Words]]:
    share = f"{report.ok / report.requests:.2%} ok" if report.requests else "none"
    generator = report.generator
    facts: list[tuple[str, Words]] = [
        ("server", f"{report.server} ({report.transport}, {report.protocol_version})"),
        ("load", f"{report.model}, {level_text(report)}, {format_duration(report.duration)}"),
        ("requests", f"{report.requests} ({share}), {report.rps:.1f}/s"),
    ]
    if report.tool is not None:
        facts.insert(1, ("tool", report.tool))
    if report.dropped:
        facts.append(("dropped", Cell(str(report.dropped), "warn")))
    if report.connects:
        p50, p99 = show_milliseconds(report.connect.p50), show_milliseconds(report.connect.p99)
        again = f", {report.restarts} of them anew" if report.restarts else ""
        facts.append(("sessions", f"{report.connects} opened{again}, p50 {p50}, p99 {p99}"))
    for server, cpu, memory in _process_rows(report):
        facts.append((f"{server} process", f"CPU {cpu:.0f} %, memory {memory:.1f} MB at most"))
    waiting = show_milliseconds(generator.queue_ms_p50)
    slip = show_milliseconds(generator.slip_us_p99 / 1000)
    cost = f"CPU {generator.cpu_pct:.0f} %, own waiting {waiting}, timer slip p99 {slip}"
    facts.append(("generator", cost))
    facts.append(("verdict", Cell(report.verdict, VERDICTS[report.verdict])))
    return facts


def _process_rows(report: LoadReport) -> Iterator[tuple[str, float, float]]:
    """Of each local server, all its processes together: CPU on average, memory at most."""
    servers = dict.fromkeys(sample.server for sample in report.processes)
    for server in servers:
        samples = [sample for sample in report.processes if sample.server == server]
        moments = len({sample.at for sample in samples}) or 1
        memory: dict[float, float] = {}
        for sample in samples:
            memory[sample.at] = memory.get(sample.at, 0.0) + sample.memory_mb
        yield server, sum(sample.cpu_pct for sample in samples) / moments, max(memory.values())


def _latency_rows(report: LoadReport) -> list[tuple[str, ...]]:
    return [
        ("latency, from due time", *_numbers(report.latency)),
        ("service, from the write", *_numbers(report.service)),
    ]


def _numbers(spread: Spread) -> Iterator[str]:
    for value in (spread.mean, spread.p50, spread.p90, spread.p95, spread.p99, spread.p999, spread.max):
        yield f"{value:.3f}" if value < 100 else f"{value:.1f}"


def _operation_rows(report: LoadReport) -> list[tuple[Words, ...]]:
    return [
        (
            Cell(each.name, "name"),
            str(each.ok),
            str(sum(each.errors.values())),
            f"{each.rps:.1f}",
            *(
                f"{value:.3f}"
                for value in (each.latency.p50, each.latency.p95, each.latency.p99, each.latency.max)
            ),
        )
        for each in report.operations
    ]


def _error_rows(report: LoadReport) -> list[tuple[Words, ...]]:
    kinds = sorted(
        report.errors_by_kind, key=lambda kind: ERROR_KINDS.index(kind) if kind in ERROR_KINDS else 99
    )
    return [
        (Cell(kind, "bad"), str(report.errors_by_kind[kind]), report.error_samples.get(kind, ""))
        for kind in kinds
    ]


def _threshold_rows(report: LoadReport) -> list[tuple[Words, ...]]:
    return [
        (each.expr, each.shown, Cell("passed", "good") if each.passed else Cell("missed", "bad"))
        for each in report.thresholds
    ]


def _comparison_row(one: MetricComparison) -> tuple[Words, ...]:
    name = one.metric if one.operation is None else f"{one.operation}:{one.metric}"
    return (
        name,
        show_value(one.metric, one.before),
        show_value(one.metric, one.after),
        f"{one.ratio:.3f}",
        f"{one.low:.3f}-{one.high:.3f}" if one.low < one.high else "-",
        Cell(one.verdict, VERDICTS[one.verdict]),
        f"{one.detectable:.1%}" if one.detectable < 10 else "-",
    )


def _note(text: str) -> Line:
    return Line((Cell("note:", "warn"), f" {text}"))


LOADTEST = View(
    report=LoadReport,
    data=data,
    human=human,
    talk=talk,
    notes=notes,
    files=files,
    drawn={LoadProgressed: live},
)
