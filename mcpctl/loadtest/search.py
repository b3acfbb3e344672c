"""The highest level that holds: doubled until it does not, then halved in until it is known to a twentieth."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mcpctl.model.load_report import LimitStep

_PRECISION = 1.05
"""Two levels so close are one."""

_MOST_STEPS = 24
"""Doublings and halvings: from 1 to a million and back into 5 %."""


@dataclass(frozen=True, slots=True)
class Found:
    highest: float | None
    """None where not even the lowest level held."""
    steps: tuple[LimitStep, ...]


async def highest_level(
    measure: Callable[[float], Awaitable[LimitStep]], *, start: float, whole: bool
) -> Found:
    """`measure` makes one load; `whole` levels are numbers of things. A step that ended otherwise ends the search."""
    steps: list[LimitStep] = []
    held: float | None = None
    failed: float | None = None
    while len(steps) < _MOST_STEPS:
        level = _next(held, failed, start=start, whole=whole)
        if level is None:
            break
        step = await measure(level)
        steps.append(step)
        if step.final:
            break
        if step.held:
            held = level
        else:
            failed = level
    return Found(held, tuple(steps))


def _next(held: float | None, failed: float | None, *, start: float, whole: bool) -> float | None:
    """The level to look at next; None when it is known well enough."""
    if held is None and failed is None:
        return start
    if failed is None:
        assert held is not None
        return held * 2
    if held is None:
        lower = failed / 4
        return None if lower < (1 if whole else start / 4096) else float(round(lower)) if whole else lower
    middle = (held * failed) ** 0.5
    if whole:
        middle = float(round(middle))
    known = failed / held <= _PRECISION or (whole and failed <= held + 1)
    return None if known or middle in (held, failed) else middle
