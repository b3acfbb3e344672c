"""Durations are read as promised, and written so that they can be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from mcpctl.model.duration import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("250ms", 0.25), ("30s", 30), ("5m", 300), ("1h", 3600), ("2", 2), ("1.5", 1.5), ("0", 0), (" 3 s", 3)],
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "s", "ms", "5 days", "1h30m", "-1s", "nan", "inf", "1e999", "0x10", "5S"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a duration such as"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0ms"),
        (0.0004, "0.4ms"),
        (0.25, "250ms"),
        (0.9996, "1s"),
        (1.25, "1.25s"),
        (59.9, "59.9s"),
        (59.99, "1m"),
        (61, "1m01s"),
        (7500, "2h05m"),
        (7200, "2h"),
    ],
)
def test_a_duration_is_written(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@given(some.floats(min_value=0.001, max_value=59))
def test_what_is_written_can_be_read_again(seconds: float) -> None:
    assert parse_duration(format_duration(seconds)) == pytest.approx(seconds, rel=0.01, abs=0.0005)
