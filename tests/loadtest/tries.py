"""For what is truly a measurement: a busy machine may spoil it, but not every time."""

from __future__ import annotations

from collections.abc import Callable

TRIES = 5
"""With a quarter of the time lost to others, one in a thousand measurements is spoilt that often."""


def in_a_quiet_moment(attempt: Callable[[], None]) -> None:
    """Only for figures that depend on the machine; whatever must hold on any of them is asserted outside."""
    for _ in range(TRIES - 1):
        try:
            attempt()
        except AssertionError:
            continue
        return
    attempt()
