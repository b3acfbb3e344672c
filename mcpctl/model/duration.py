"""Durations as people write them: `250ms`, `30s`, `5m`, `1h`, or a bare number of seconds."""

from __future__ import annotations

import math

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
"""Longest suffix first: `ms` must be tried before `s`."""

EXPECTED = "expected a duration such as `250ms`, `30s`, `5m`, `1h` or a number of seconds"


def parse_duration(text: str) -> float:
    """Seconds. Raises `ValueError` with what was expected, for the caller to say where."""
    number, factor = text.strip(), 1.0
    for suffix, seconds in UNITS.items():
        if number.endswith(suffix):
            number, factor = number.removesuffix(suffix), seconds
            break
    try:
        value = float(number) * factor
    except ValueError:
        raise ValueError(EXPECTED) from None
    if not math.isfinite(value) or value < 0:
        raise ValueError(EXPECTED)
    return value


def format_duration(seconds: float) -> str:
    """Short and exact enough to read: `850ms`, `1.2s`, `3m20s`, `2h05m`."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.3g}ms"
    if seconds < 59.95:
        return f"{seconds:.3g}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m{rest:02d}s" if rest else f"{minutes}m"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02d}m" if minutes else f"{hours}h"
