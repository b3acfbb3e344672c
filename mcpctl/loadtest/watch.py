"""The generator under observation: what it costs, how late it is, and how long ready answers wait for it.

At random moments a byte is sent through a pipe of its own: how long it lies there is how long an answer would have lain
that came then. A timer would not do, since it also shows how long the machine takes to wake up; that is measured apart.
"""

from __future__ import annotations

import asyncio
import gc
import os
import random
import time
from pathlib import Path
from time import monotonic_ns
from typing import Any

from mcpctl.loadtest.clock import alarm
from mcpctl.loadtest.histogram import Histogram, Recorder
from mcpctl.loadtest.results import Effort

_EVERY = 5_000_000
"""Nanoseconds between two looks, on average: 200 a second cost a thousandth of a core."""

_CALIBRATION = 0.1
"""Seconds of idleness that show the machine's own wake-up time."""


class Watch:
    """Needs a running event loop. `close` it."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed).uniform  # noqa: S311 - moments, not secrets
        self._lag = Recorder()
        self._late = Recorder()
        self.wake_up = 0
        """How late a timer rings while nothing happens: nanoseconds, the median."""
        self._due = 0
        self._sent = 0
        self._out, self._in = os.pipe()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._out, self._found)
        self._alarm = alarm(self._look)
        self._cpu = 0.0
        self._starved = 0.0
        self._wall = 0.0
        self._pause_began = 0
        self._pauses = 0
        self._longest = 0
        gc.callbacks.append(self._collected)
        self._next()

    async def calibrate(self) -> None:
        await asyncio.sleep(_CALIBRATION)
        self.wake_up = self._late.take().percentile(50)

    def begin(self) -> None:
        """From now on everything counts."""
        self._lag.take()
        self._starved = _waited_for_processor()
        self._pauses = self._longest = 0
        self._cpu = time.process_time()
        self._wall = time.monotonic()

    def drain(self) -> None:
        """Sort what has piled up into buckets."""
        self._lag.drain()
        self._late.drain()

    def end(self, *, slip: Histogram, late_answers: int) -> Effort:
        wall = time.monotonic() - self._wall
        return Effort(
            cpu_share=(time.process_time() - self._cpu) / wall if wall > 0 else 0.0,
            starved_share=(_waited_for_processor() - self._starved) / wall if wall > 0 else 0.0,
            slip=slip,
            lag=self._lag.take(),
            wake_up=self.wake_up,
            pauses=self._pauses,
            longest_pause=self._longest,
            late_answers=late_answers,
        )

    def close(self) -> None:
        self._alarm.close()
        self._loop.remove_reader(self._out)
        os.close(self._out)
        os.close(self._in)
        if self._collected in gc.callbacks:
            gc.callbacks.remove(self._collected)

    def _next(self) -> None:
        self._due = monotonic_ns() + int(self._draw(0.5, 1.5) * _EVERY)
        self._alarm.set(self._due)

    def _look(self) -> None:
        self._late.values.append(monotonic_ns() - self._due)
        self._next()
        if not self._sent:
            self._sent = monotonic_ns()
            os.write(self._in, b".")

    def _found(self) -> None:
        os.read(self._out, 1)
        self._lag.values.append(monotonic_ns() - self._sent)
        self._sent = 0

    def _collected(self, phase: str, about: dict[str, Any]) -> None:
        del about
        if phase == "start":
            self._pause_began = monotonic_ns()
            return
        pause = monotonic_ns() - self._pause_began
        self._pauses += pause
        self._longest = max(self._longest, pause)


def _waited_for_processor() -> float:
    """Seconds that this process was ready to run and did not get to; 0 where the system does not tell."""
    try:
        return int(_SCHEDULER.read_text("ascii").split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


_SCHEDULER = Path("/proc/self/schedstat")
