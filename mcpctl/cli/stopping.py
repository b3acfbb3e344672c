"""Why a command ends before it is done: signals and the deadline of the whole, as errors of ours."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from mcpctl.errors import DeadlineError, InterruptError, McpctlError
from mcpctl.model.duration import format_duration


class Stopped(BaseException):
    """Ends a command that runs without an event loop; no containment of errors may swallow it."""

    def __init__(self, reason: McpctlError) -> None:
        super().__init__(reason.message)
        self.reason = reason


def interrupted(number: int) -> InterruptError:
    return InterruptError(f"interrupted by {signal.Signals(number).name}")


def out_of_time(limit: float, words: Sequence[str]) -> DeadlineError:
    return DeadlineError(
        f"`{' '.join(words)}` took longer than `--timeout` allows, {format_duration(limit)}",
        step="_".join(words),
        limit=limit,
    )


@contextmanager
def listening(heard: Callable[[int], None]) -> Iterator[None]:
    """Call `heard` for each signal that asks for an end. SIGHUP stays ignored where it was, as under `nohup`."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    try:
        before = {number: signal.signal(number, lambda number, _: heard(number)) for number in numbers}
    except ValueError:  # only the main thread may listen, and only there does a command own the process
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def alarm(late: DeadlineError | None) -> Iterator[None]:
    """Raise `Stopped` in blocking code when the whole command has run out of time."""
    if late is None:
        yield
        return

    def ring(*_: object) -> None:
        raise Stopped(late)

    try:
        before = signal.signal(signal.SIGALRM, ring)
    except ValueError:  # as above
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, max(late.limit, SOONEST))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


SOONEST = 0.001
"""A timer of nothing would be no timer."""


def stop(number: int) -> None:
    """A `heard` for blocking code."""
    raise Stopped(interrupted(number))
