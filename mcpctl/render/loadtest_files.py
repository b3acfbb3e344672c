"""A load test for machines: JUnit for the CI, CSV by the second for a spreadsheet, Markdown for a step summary."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mcpctl.loadtest.thresholds import show_milliseconds
from mcpctl.model.duration import format_duration
from mcpctl.model.load_report import LoadReport, MetricComparison
from mcpctl.render.junit import document, holdable

_COLUMNS = (
    "second",
    "sent",
    "ok",
    "errors",
    "dropped",
    "in_flight",
    "rps",
    "p50_ms",
    "p90_ms",
    "p99_ms",
    "max_ms",
)


def junit(report: LoadReport) -> str:
    """A test case for each threshold and each comparison, and one for the generator."""
    from xml.etree import ElementTree as ET

    cases = list(_cases(report))
    failures = sum(failure is not None for _, failure in cases)
    suites = ET.Element("testsuites")
    suite = ET.SubElement(
        suites,
        "testsuite",
        name=holdable(f"mcpctl loadtest {report.server}"),
        tests=str(len(cases) + len(report.errors)),
        failures=str(failures),
        errors=str(len(report.errors)),
        time=f"{report.duration:.3f}",
    )
    for name, failure in cases:
        case = ET.SubElement(
            suite, "testcase", classname=holdable(f"mcpctl.loadtest.{report.server}"), name=holdable(name)
        )
        if failure is not None:
            ET.SubElement(case, "failure", message=holdable(failure))
    for error in report.errors:
        case = ET.SubElement(suite, "testcase", classname="mcpctl.loadtest", name=holdable(error.code))
        ET.SubElement(case, "error", type=error.code, message=holdable(error.message))
    return document(suites)


def csv(report: LoadReport) -> str:
    rows = [",".join(_COLUMNS)]
    for second in report.seconds:
        failed = sum(second.errors.values())
        counts = (second.at, second.sent, second.ok, failed, second.dropped, second.in_flight)
        latencies = (second.p50, second.p90, second.p99, second.max)
        rows.append(
            ",".join(
                [
                    *(f"{count:g}" for count in counts),
                    f"{second.rps:.3f}",
                    *("" if each is None else f"{each:.6f}" for each in latencies),
                ]
            )
        )
    return "\n".join(rows) + "\n"


def summary(report: LoadReport) -> str:
    """Added to what other steps wrote."""
    assert report.files.summary is not None
    return _present(report.files.summary) + "\n".join([*_summary(report), ""])


def _present(path: Path) -> str:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    return text if text.endswith("\n") or not text else text + "\n"


def _cases(report: LoadReport) -> Iterator[tuple[str, str | None]]:
    reason = report.reasons[0] if report.reasons else report.verdict
    yield "the figures are valid", reason if report.verdict == "invalid" else None
    for outcome in report.thresholds:
        yield outcome.expr, None if outcome.passed else f"it is {outcome.shown}"
    for one in report.comparison:
        yield f"{_name(one)} against the baseline", _worse(one) if one.verdict == "regression" else None
    if report.requests and not report.ok:
        yield "requests succeed", "not one request succeeded"


def _summary(report: LoadReport) -> Iterator[str]:
    tool = f" `{report.tool}`" if report.tool else ""
    yield f"### mcpctl loadtest `{report.server}`{tool}: {'passed' if report.exit_code == 0 else 'failed'}"
    yield ""
    yield "| requests | errors | rps | p50 | p95 | p99 | max | verdict |"
    yield "|---|---|---|---|---|---|---|---|"
    latency = report.latency
    figures = " | ".join(
        show_milliseconds(each) for each in (latency.p50, latency.p95, latency.p99, latency.max)
    )
    failed = sum(report.errors_by_kind.values())
    yield f"| {report.requests} in {format_duration(report.duration)} | {failed} | {report.rps:.1f} | {figures} | {report.verdict} |"
    for reason in report.reasons:
        yield f"\n> {reason}"
    if report.thresholds:
        yield ""
        yield "| threshold | value | outcome |"
        yield "|---|---|---|"
        for outcome in report.thresholds:
            yield f"| `{outcome.expr}` | {outcome.shown} | {'passed' if outcome.passed else '**missed**'} |"
    if report.comparison:
        yield ""
        yield "| metric | ratio | 95 % | verdict |"
        yield "|---|---|---|---|"
        for one in report.comparison:
            yield f"| {_name(one)} | {one.ratio:.3f} | {one.low:.3f}-{one.high:.3f} | {one.verdict} |"


def _name(one: MetricComparison) -> str:
    return one.metric if one.operation is None else f"{one.operation}:{one.metric}"


def _worse(one: MetricComparison) -> str:
    return f"worse by {one.ratio - 1:.1%}, 95 % interval {one.low - 1:.1%} to {one.high - 1:.1%}"
