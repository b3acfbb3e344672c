"""Plots as inline SVG: lines over time, bars over time, bars by name. No script, nothing loaded from anywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from math import ceil, floor, log10

from mcpctl.model.value import NamedTuple

WIDTH, HEIGHT = 720, 220
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 12, 28
BAR = 22
"""Height of one bar by name."""

LABEL = 34
"""Characters of a name beside its bar."""


class Curve(NamedTuple):
    label: str
    values: Sequence[float | None]
    """One for each moment; a gap where nothing was measured."""


def lines(curves: Sequence[Curve], times: Sequence[str], unit: Callable[[float], str]) -> str:
    top = _nice(max((value for curve in curves for value in curve.values if value is not None), default=0))
    body = [_axes(top, times, unit)]
    for number, curve in enumerate(curves, start=1):
        body += [_stroke(points, number) for points in _runs(curve.values, top)]
    return _svg(HEIGHT, "".join(body)) + _legend(curves)


def bars(curves: Sequence[Curve], times: Sequence[str], unit: Callable[[float], str]) -> str:
    """Stacked: the first curve is at the bottom."""
    count = max(len(times), 1)
    totals = [sum(curve.values[at] or 0 for curve in curves) for at in range(len(times))]
    # Half of it is written at the axis, and half a call is none.
    top = 2 * _nice(ceil(max(totals, default=0) / 2))
    step = (WIDTH - LEFT - RIGHT) / count
    body = [_axes(top, times, unit)]
    for at in range(len(times)):
        y = float(HEIGHT - BOTTOM)
        for number, curve in enumerate(curves, start=1):
            height = (curve.values[at] or 0) / top * (HEIGHT - TOP - BOTTOM)
            y -= height
            if height:
                told = f"{times[at]}: {curve.label} {unit(curve.values[at] or 0)}"
                body.append(
                    f'<rect class="c{number} fill" x="{LEFT + at * step:.1f}" y="{y:.1f}" '
                    f'width="{max(step - 1, 1):.1f}" height="{height:.1f}"><title>{escape(told)}</title></rect>'
                )
    return _svg(HEIGHT, "".join(body)) + _legend(curves)


def ranking(named: Sequence[tuple[str, float]], unit: Callable[[float], str]) -> str:
    top = max((value for _, value in named), default=0) or 1
    room = WIDTH - 260 - 80
    body = []
    for at, (name, value) in enumerate(named):
        y = at * BAR
        width = max(value / top * room, 1)
        shown = name if len(name) <= LABEL else f"{name[: LABEL - 1]}…"
        body.append(
            f'<text x="250" y="{y + 15}" text-anchor="end">{escape(shown)}<title>{escape(name)}</title></text>'
            f'<rect class="c1 fill" x="260" y="{y + 3}" width="{width:.1f}" height="{BAR - 7}"/>'
            f'<text x="{266 + width:.1f}" y="{y + 15}">{escape(unit(value))}</text>'
        )
    return _svg(max(len(named), 1) * BAR + 4, "".join(body))


def _axes(top: float, times: Sequence[str], unit: Callable[[float], str]) -> str:
    parts = []
    for share in (0.0, 0.5, 1.0):
        y = HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
        parts.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{escape(unit(top * share))}</text>'
        )
    if times:
        middle = times[len(times) // 2]
        ends = ((LEFT, "start", times[0]), ((LEFT + WIDTH - RIGHT) / 2, "middle", middle))
        for x, anchor, text in (*ends, (WIDTH - RIGHT, "end", times[-1])):
            parts.append(f'<text x="{x:.0f}" y="{HEIGHT - 8}" text-anchor="{anchor}">{escape(text)}</text>')
    return "".join(parts)


def _runs(values: Sequence[float | None], top: float) -> list[list[tuple[float, float]]]:
    """Stretches without gaps."""
    step = (WIDTH - LEFT - RIGHT) / max(len(values) - 1, 1)
    runs: list[list[tuple[float, float]]] = [[]]
    for at, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((LEFT + at * step, HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)))
    return [run for run in runs if run]


def _stroke(points: Sequence[tuple[float, float]], number: int) -> str:
    if len(points) == 1:
        ((x, y),) = points
        return f'<circle class="c{number} fill" cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>'
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline class="c{number} line" points="{path}"/>'


def _legend(curves: Sequence[Curve]) -> str:
    items = (
        f'<span><i class="c{number} dot"></i>{escape(curve.label)}</span>'
        for number, curve in enumerate(curves, start=1)
    )
    return f'<p class="legend">{"".join(items)}</p>'


def _svg(height: int, body: str) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img">{body}</svg>'


def _nice(value: float) -> float:
    """The next number that one would write at an axis."""
    if value <= 0:
        return 1.0
    size = 10.0 ** floor(log10(value))
    return next(step * size for step in (1, 2, 2.5, 5, 10) if step * size >= value * (1 - 1e-9)) or ceil(
        value
    )
