"""The calls of one tool during one minute or one hour, in the form they have in the database.

A million calls are as many rows as there were minutes and tools: what grows is the spread, never the number.
"""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from mcpctl.model.value import NamedTuple
from mcpctl.policy.metrics import Series

MINUTE = 60
HOUR = 3600

WIDTHS = (MINUTE, HOUR)
"""Minutes for what happened just now, hours for what is compared with it."""

EVER = 0
"""The width of the one span, beginning at 0, that counts a tool's calls for good: a counter must never fall."""


class Key(NamedTuple):
    width: int
    start: int
    server: str
    tool: str


COLUMNS = "calls, cached, attempts, bytes_in, bytes_out, errors, total, smallest, largest, counts"


def row_of(series: Series) -> tuple[Any, ...]:
    latency = series.latency
    buckets = latency.counts()
    keys = array("i", (key for key, _ in buckets))
    counts = array("I", (count for _, count in buckets))
    if sys.byteorder == "big":
        keys.byteswap()
        counts.byteswap()
    return (
        series.calls,
        series.cached,
        series.attempts,
        series.bytes_in,
        series.bytes_out,
        json.dumps(series.errors) if series.errors else None,
        latency.total,
        latency.smallest,
        latency.largest,
        keys.tobytes() + counts.tobytes(),
    )


def series_of(row: Sequence[Any]) -> Series:
    """Raises `ValueError` for what no version of this module wrote."""
    series = Series()
    pour(row, series)
    return series


def pour(row: Sequence[Any], *targets: Series) -> None:
    """Add a row to several series, reading it once: a month of a fleet has tens of thousands. Raises as above."""
    try:
        _pour(row, targets)
    except TypeError as error:  # a column of another type
        raise ValueError(str(error)) from error


def _pour(row: Sequence[Any], targets: Sequence[Series]) -> None:
    calls, cached, attempts, received, sent, errors, total, smallest, largest, packed = row
    half = len(packed) // 2
    keys, counts = array("i", packed[:half]), array("I", packed[half:])
    if sys.byteorder == "big":
        keys.byteswap()
        counts.byteswap()
    pairs = list(zip(keys, counts, strict=True))
    count = sum(counts)
    for series in targets:
        series.calls += calls
        series.cached += cached
        series.attempts += attempts
        series.bytes_in += received
        series.bytes_out += sent
        for kind, many in _errors(errors):
            series.errors[kind] = series.errors.get(kind, 0) + many
        series.latency.take(pairs, count=count, total=total, smallest=smallest, largest=largest)


@lru_cache(256)
def _errors(text: str | None) -> tuple[tuple[str, int], ...]:
    """Most rows have one error or none: the same few texts come again and again."""
    return tuple(dict(json.loads(text)).items()) if text else ()
