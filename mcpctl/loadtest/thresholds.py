"""The words of `--threshold`: `[TOOL:]METRIC OPERATOR LIMIT`, such as `p99<200ms`, `errors<1%`, `echo:rps>500`.

A latency needs a unit, because a bare number would be seconds here and milliseconds elsewhere. Whatever cannot be
parsed is refused with the column, before any load.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from operator import ge, gt, le, lt
from typing import Literal

from mcpctl.errors import UsageError
from mcpctl.model.value import dataclass

Unit = Literal["ms", "share", "count", "per_second"]

PERCENTILES = {"p50": 50.0, "p90": 90.0, "p95": 95.0, "p99": 99.0, "p999": 99.9}
LATENCIES = (*PERCENTILES, "max", "mean")
METRICS = (*LATENCIES, "errors", "rps", "dropped")

_MILLISECONDS = {"ns": 1e-6, "us": 1e-3, "µs": 1e-3, "μs": 1e-3, "ms": 1.0, "s": 1000.0, "m": 60_000.0}
_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9.]*")
_OPERATOR = re.compile(r"[<>]=?")
_NUMBER = re.compile(r"\d+(?:\.\d+)?|\.\d+")
_SPACE = re.compile(r"\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    expr: str
    tool: str | None
    metric: str
    operator: str
    limit: float
    unit: Unit

    @property
    def is_latency(self) -> bool:
        return self.metric in LATENCIES

    def holds(self, value: float) -> bool:
        return _OPERATORS[self.operator](value, self.limit)

    def show(self, value: float) -> str:
        match self.unit:
            case "ms":
                return show_milliseconds(value)
            case "share":
                return f"{value * 100:.3g}%"
            case "per_second":
                return f"{value:.1f}/s"
            case _:
                return f"{value:g}"


def parse_threshold(expr: str) -> Threshold:
    """One threshold, or an error that points at what is wrong with it."""
    text = expr.strip()
    tool, start = _tool_of(text)
    metric, position = _metric(text, start)
    operator, position = _operator(text, position)
    number, position = _limit(text, position)
    suffix = text[position:].strip()
    limit, unit = _scaled(text, metric, number, suffix, position)
    return Threshold(expr=text, tool=tool, metric=metric, operator=operator, limit=limit, unit=unit)


def parse_thresholds(expressions: tuple[str, ...]) -> tuple[Threshold, ...]:
    """All of them, or one error that carries every mistake."""
    found: list[Threshold] = []
    faults: list[UsageError] = []
    for expression in expressions:
        try:
            found.append(parse_threshold(expression))
        except UsageError as fault:
            faults.append(fault)
    if faults:
        faults[0].related = tuple(faults[1:])
        raise faults[0]
    return tuple(found)


def show_milliseconds(value: float) -> str:
    if value >= 10_000:
        return f"{value / 1000:.2f}s"
    if value >= 1:
        return f"{value:.3g}ms" if value < 1000 else f"{value:.0f}ms"
    return f"{value * 1000:.3g}us"


def _tool_of(text: str) -> tuple[str | None, int]:
    """A tool's name may hold nearly anything, so the last colon before the operator decides."""
    operator = _OPERATOR.search(text)
    colon = text.rfind(":", 0, operator.start() if operator else len(text))
    if colon < 0:
        return None, 0
    name = text[:colon].strip()
    if not name:
        raise _fault(text, 0, "the tool before `:` has no name")
    return name, colon + 1


def _metric(text: str, position: int) -> tuple[str, int]:
    position = _skip(text, position)
    word = _WORD.match(text, position)
    if not word:
        raise _fault(text, position, "a metric is missing", f"use one of {', '.join(METRICS)}")
    # What people type for the 99.9th percentile.
    name = {"p99.9": "p999", "avg": "mean"}.get(word[0].lower(), word[0].lower())
    if name not in METRICS:
        raise _fault(text, position, f"`{word[0]}` is not a metric", f"use one of {', '.join(METRICS)}")
    return name, word.end()


def _operator(text: str, position: int) -> tuple[str, int]:
    position = _skip(text, position)
    operator = _OPERATOR.match(text, position)
    if not operator:
        raise _fault(text, position, "a comparison is missing", "use one of < <= > >=")
    return operator[0], operator.end()


def _limit(text: str, position: int) -> tuple[float, int]:
    position = _skip(text, position)
    number = _NUMBER.match(text, position)
    if not number:
        raise _fault(text, position, "a limit is missing", "end with a number, such as `p99<200ms`")
    return float(number[0]), number.end()


def _scaled(text: str, metric: str, number: float, suffix: str, position: int) -> tuple[float, Unit]:
    if metric in LATENCIES:
        if suffix in _MILLISECONDS:
            return number * _MILLISECONDS[suffix], "ms"
        what = f"`{suffix}` is not a unit of time" if suffix else "the limit has no unit"
        raise _fault(text, position, what, f"write `{number:g}ms` or `{number:g}s`")
    if metric == "rps":
        if suffix in {"", "/s", "rps"}:
            return number, "per_second"
        raise _fault(text, position, f"`{suffix}` is not a unit of throughput", f"write `{number:g}/s`")
    if suffix == "%":
        return number / 100, "share"
    if suffix:
        raise _fault(
            text, position, f"`{suffix}` is not a unit of {metric}", f"write `{number:g}%` or `{number:g}`"
        )
    return number, "count"


def _skip(text: str, position: int) -> int:
    space = _SPACE.match(text, position)
    return space.end() if space else position


def _fault(text: str, position: int, message: str, hint: str | None = None) -> UsageError:
    column = position + 1
    return UsageError(
        f"threshold `{text}`: {message} (column {column})",
        code="usage.threshold",
        hint=hint,
        column=column,
    )
