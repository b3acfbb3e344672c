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

    def ring() -> None:
        raise Stopped(late)

    with timer(ring) as ring_in:
        ring_in(late.limit)
        yield


@contextmanager
def timer(ring: Callable[[], None]) -> Iterator[Callable[[float], None]]:
    """Gives a function that has `ring` called so many seconds later, in the middle of blocking code if need be."""
    try:
        before = signal.signal(signal.SIGALRM, lambda *_: ring())
    except ValueError:  # as above
        yield lambda _: None
        return

    def ring_in(seconds: float) -> None:
        signal.setitimer(signal.ITIMER_REAL, min(max(seconds, SOONEST), LATEST))

    try:
        yield ring_in
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


SOONEST = 0.001
"""A timer of nothing would be no timer."""

LATEST = 1e8
"""Three years: the timers of systems end somewhere beyond."""


def stop(number: int) -> None:
    """A `heard` for blocking code."""
    raise Stopped(interrupted(number))
