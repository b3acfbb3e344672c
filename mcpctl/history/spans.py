"""The calls of one tool during one minute or one hour, in the form they have in the database.

A million calls are as many rows as there were minutes and tools: what grows is the spread, never the number.
"""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Sequence
from typing import Any, NamedTuple

from mcpctl.policy.histogram import COARSE, Histogram
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
    dumped = series.latency.dump()
    keys = array("i", (key for key, _ in dumped["counts"]))
    counts = array("I", (count for _, count in dumped["counts"]))
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
        dumped["total"],
        dumped["smallest"],
        dumped["largest"],
        keys.tobytes() + counts.tobytes(),
    )


def series_of(row: Sequence[Any]) -> Series:
    """Raises `ValueError` for what no version of this module wrote."""
    series = Series()
    series.calls, series.cached, series.attempts, series.bytes_in, series.bytes_out = row[:5]
    series.errors = json.loads(row[5]) if row[5] else {}
    half = len(row[9]) // 2
    keys, counts = array("i", row[9][:half]), array("I", row[9][half:])
    if sys.byteorder == "big":
        keys.byteswap()
        counts.byteswap()
    series.latency = Histogram.load(
        {
            "precision": COARSE,
            "total": row[6],
            "smallest": row[7],
            "largest": row[8],
            "counts": list(zip(keys, counts, strict=True)),
        }
    )
    return series
