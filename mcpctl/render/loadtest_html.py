"""A load test as one HTML page that needs nothing else: charts over time, distribution, tables, and what was measured with.

Charts are plotly's, drawn in the browser from figures in the page; the library is part of the page.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from html import escape
from importlib import import_module
from math import log10
from typing import Any

from mcpctl import __version__
from mcpctl.loadtest.encoding import decode
from mcpctl.loadtest.histogram import Histogram, highest_of
from mcpctl.loadtest.live import coarse
from mcpctl.loadtest.thresholds import show_milliseconds
from mcpctl.model.load_report import LoadReport, Spread
from mcpctl.render.loadtest_words import VERDICTS, level_text, show_value

_NINES = 6
"""The spectrum reaches to 99.9999 % where there are enough requests."""

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; margin: .5rem 0; } td, th { padding: .2rem .8rem .2rem 0; text-align: right; }
td:first-child, th:first-child { text-align: left; } th { border-bottom: 1px solid #8888; }
.good { color: #2a8f3c; } .warn { color: #b07900; } .bad { color: #c62828; font-weight: 600; }
.chart { height: 340px; } code { font-size: .95em; }
"""

_DRAW = """
for (const [name, figure] of Object.entries(JSON.parse(document.getElementById("figures").textContent)))
  Plotly.newPlot(name, figure.data, figure.layout, {responsive: true, displaylogo: false});
document.body.dataset.drawn = "yes";
"""


def page(report: LoadReport) -> str:
    figures = dict(_figures(report))
    # A closing tag inside the data would end the script early.
    data = json.dumps(figures, separators=(",", ":")).replace("</", "<\\/")
    library = import_module("plotly.offline").get_plotlyjs()
    title = f"{report.server} {report.tool or ''}".strip()
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>mcpctl loadtest: {escape(title)}</title><style>{_STYLE}</style></head><body>",
            *_head(report, title),
            *_tables(report),
            *(f'<h2>{escape(_TITLES[name])}</h2><div class="chart" id="{name}"></div>' for name in figures),
            *_environment(report),
            f'<script type="application/json" id="figures">{data}</script>',
            f"<script>{library}</script>",
            f"<script>{_DRAW}</script>",
            "</body></html>",
            "",
        ]
    )


_TITLES = {
    "latency": "Latency over time, from the intended start",
    "throughput": "Requests per second",
    "errors": "Errors per second",
    "distribution": "Distribution of latency",
    "spectrum": "Latency by percentile",
    "processes": "Processes of the server",
}


def _head(report: LoadReport, title: str) -> Iterator[str]:
    began = datetime.fromtimestamp(report.started_at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    yield f"<h1>{escape(title)}</h1>"
    yield (
        f"<p>{escape(report.transport)}, {escape(report.protocol_version)}; {report.model} model, "
        f"{escape(level_text(report))}; {report.duration:.1f} s from {began}</p>"
    )
    yield f'<p>Verdict: <span class="{VERDICTS[report.verdict]}">{report.verdict}</span></p>'
    for reason in report.reasons:
        yield f"<p>{escape(reason)}</p>"


def _tables(report: LoadReport) -> Iterator[str]:
    share = f"{report.ok / report.requests:.3%}" if report.requests else "-"
    yield _table(
        ("requests", "ok", "rps", "dropped", "sessions opened"),
        [(str(report.requests), share, f"{report.rps:.1f}", str(report.dropped), str(report.connects))],
    )
    yield "<h2>Latency</h2>"
    yield _table(
        ("ms", "mean", "p50", "p90", "p95", "p99", "p99.9", "max"),
        [("from the intended start", *_row(report.latency)), ("from the write", *_row(report.service))],
    )
    if len(report.operations) > 1:
        yield "<h2>Operations</h2>"
        rows = [
            (each.name, str(each.ok), str(sum(each.errors.values())), f"{each.rps:.1f}", *_row(each.latency))
            for each in report.operations
        ]
        yield _table(
            ("operation", "ok", "errors", "rps", "mean", "p50", "p90", "p95", "p99", "p99.9", "max"), rows
        )
    if report.errors_by_kind:
        yield "<h2>Errors</h2>"
        found = report.errors_by_kind.items()
        yield _table(
            ("kind", "count", "sample"),
            [(kind, str(count), report.error_samples.get(kind, "")) for kind, count in found],
        )
    yield from _judged(report)


def _judged(report: LoadReport) -> Iterator[str]:
    if report.thresholds:
        yield "<h2>Thresholds</h2>"
        rows = [
            (each.expr, each.shown, _marked("passed", "good") if each.passed else _marked("missed", "bad"))
            for each in report.thresholds
        ]
        yield _table(("threshold", "value", "outcome"), rows)
    if report.comparison:
        yield "<h2>Against the baseline</h2>"
        compared = [
            (
                one.metric if one.operation is None else f"{one.operation}:{one.metric}",
                show_value(one.metric, one.before),
                show_value(one.metric, one.after),
                f"{one.ratio:.3f}",
                f"{one.low:.3f} - {one.high:.3f}",
                _marked(one.verdict, VERDICTS[one.verdict]),
            )
            for one in report.comparison
        ]
        yield _table(("metric", "baseline", "now", "ratio", "95 %", "verdict"), compared)


def _environment(report: LoadReport) -> Iterator[str]:
    generator = report.generator
    yield "<h2>Measured with</h2>"
    facts = {
        "mcpctl": __version__,
        **{name: str(value) for name, value in report.environment.items() if name != "mcpctl"},
        "generators": str(generator.workers),
        "generator CPU": f"{generator.cpu_pct:.0f} %",
        "own waiting": show_milliseconds(generator.queue_ms_p50),
        "timer slip p99": show_milliseconds(generator.slip_us_p99 / 1000),
        "answers validated in full": f"{report.checked.sampled}, {report.checked.failed} failed",
    }
    yield _table(("", ""), list(facts.items()))


def _figures(report: LoadReport) -> Iterator[tuple[str, dict[str, Any]]]:
    seconds = report.seconds
    at = [each.at for each in seconds]
    names = (("p50", "p50"), ("p90", "p90"), ("p99", "p99"), ("max", "max"))
    yield (
        "latency",
        _figure(
            [_line(label, at, [getattr(each, name) for each in seconds]) for name, label in names], "s", "ms"
        ),
    )
    kinds = list(dict.fromkeys(kind for each in seconds for kind in each.errors))
    ok = _line("ok", at, [each.ok / each.span for each in seconds])
    bad = _line("errors", at, [sum(each.errors.values()) / each.span for each in seconds])
    yield "throughput", _figure([ok, bad] if kinds else [ok], "s", "1/s")
    if kinds:
        yield (
            "errors",
            _figure(
                [
                    _line(kind, at, [each.errors.get(kind, 0) / each.span for each in seconds])
                    for kind in kinds
                ],
                "s",
                "1/s",
            ),
        )
    histogram = decode(report.histogram)
    if histogram.count:
        bars = coarse(histogram)
        distribution = {
            "type": "bar",
            "x": [show_milliseconds(edge) for edge, _ in bars],
            "y": [n for _, n in bars],
        }
        yield "distribution", _figure([distribution], "up to", "requests")
        yield "spectrum", _spectrum(histogram, decode(report.service_histogram))
    if report.processes:
        yield "processes", _processes(report)


def _spectrum(latency: Histogram, service: Histogram) -> dict[str, Any]:
    """Each percentile as far from 100 % as its logarithm: every further nine takes the same room."""
    lines = []
    for name, histogram in (("from the intended start", latency), ("from the write", service)):
        places, values = _points(histogram)
        lines.append(_line(name, places, values))
    figure = _figure(lines, "percentile", "ms")
    ticks = list(range(_NINES + 1))
    labels = ["0", "90", *(f"99.{'9' * nines}".rstrip(".") for nines in range(_NINES - 1))]
    figure["layout"]["xaxis"] |= {"tickvals": ticks, "ticktext": labels}
    return figure


def _points(histogram: Histogram) -> tuple[list[float], list[float]]:
    places: list[float] = []
    values: list[float] = []
    seen = 0
    for bucket in sorted(histogram.counts):
        places.append(min(_NINES, -log10(1 - seen / histogram.count)) if seen < histogram.count else _NINES)
        values.append(min(highest_of(bucket), histogram.maximum) / 1e6)
        seen += histogram.counts[bucket]
    step = max(1, len(places) // 2000)
    return places[::step], values[::step]


def _processes(report: LoadReport) -> dict[str, Any]:
    lines = []
    for pid in dict.fromkeys(sample.pid for sample in report.processes):
        samples = [sample for sample in report.processes if sample.pid == pid]
        at = [sample.at for sample in samples]
        name = f"{samples[0].server} {pid}"
        lines.append(_line(f"{name}, CPU %", at, [sample.cpu_pct for sample in samples]))
        memory = _line(f"{name}, MB", at, [sample.memory_mb for sample in samples])
        lines.append(memory | {"yaxis": "y2", "line": {"dash": "dot"}})
    figure = _figure(lines, "s", "CPU %")
    figure["layout"]["yaxis2"] = {
        "overlaying": "y",
        "side": "right",
        "title": {"text": "MB"},
        "rangemode": "tozero",
    }
    return figure


def _figure(data: list[dict[str, Any]], across: str, up: str) -> dict[str, Any]:
    layout = {
        "margin": {"t": 20, "r": 60, "b": 50, "l": 70},
        "xaxis": {"title": {"text": across}},
        "yaxis": {"title": {"text": up}, "rangemode": "tozero"},
        "showlegend": any("name" in trace for trace in data),
        "legend": {"orientation": "h", "y": 1.15},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(128,128,128,0.06)",
        "font": {"color": "#777"},
    }
    return {"data": data, "layout": layout}


def _line(name: str, x: Sequence[float], y: Sequence[float | None]) -> dict[str, Any]:
    """None is a gap."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": list(x),
        "y": [None if value is None else round(value, 6) for value in y],
    }


def _row(spread: Spread) -> Iterator[str]:
    for value in (spread.mean, spread.p50, spread.p90, spread.p95, spread.p99, spread.p999, spread.max):
        yield f"{value:.3f}"


class _Marked(str):
    """HTML that is already escaped."""

    __slots__ = ()


def _marked(text: str, style: str) -> _Marked:
    return _Marked(f'<span class="{style}">{escape(text)}</span>')


def _table(heads: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    body = "".join(f"<tr>{''.join(_cell(each) for each in row)}</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _cell(text: str) -> str:
    return f"<td>{text if isinstance(text, _Marked) else escape(text)}</td>"
