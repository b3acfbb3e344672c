"""For what is truly a measurement: a busy machine may spoil it, but not three times in a row."""

from __future__ import annotations

from collections.abc import Callable

TRIES = 3


def best_of_three(attempt: Callable[[], None]) -> None:
    """Only for figures that depend on the machine; whatever must hold on any of them is asserted outside."""
    for _ in range(TRIES - 1):
        try:
            attempt()
        except AssertionError:
            continue
        return
    attempt()
