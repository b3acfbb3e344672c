"""A timer that is late by microseconds: the kernel's own, watched by the event loop like any file.

asyncio rounds to milliseconds, which an open model would report as latency of the server. Where there is no `timerfd`
(macOS, untested there) the loop's timer wakes up early and the rest is spun away.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import struct
import sys
from collections.abc import Callable
from time import monotonic_ns
from typing import Protocol

_SPIN = 1_500_000
"""Nanoseconds before the moment at which a coarse timer wakes up: asyncio rounds by up to one millisecond."""


class Alarm(Protocol):
    """Calls back once for every `set`, at that moment of `time.monotonic_ns` or as soon after it as can be."""

    def set(self, moment: int) -> None: ...

    def close(self) -> None: ...


def alarm(callback: Callable[[], None]) -> Alarm:
    """Needs a running event loop."""
    if sys.platform == "linux":
        return KernelAlarm(callback)
    return SpinningAlarm(callback)


class KernelAlarm:
    def __init__(self, callback: Callable[[], None]) -> None:
        self._callback = callback
        self._descriptor = _create()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._descriptor, self._ring)

    def set(self, moment: int) -> None:
        # A moment of 0 would disarm it.
        _arm(self._descriptor, max(1, moment))

    def close(self) -> None:
        if self._descriptor >= 0:
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1

    def _ring(self) -> None:
        try:
            os.read(self._descriptor, 8)
        except BlockingIOError:
            return
        self._callback()


class SpinningAlarm:
    def __init__(self, callback: Callable[[], None]) -> None:
        self._callback = callback
        self._loop = asyncio.get_running_loop()
        self._handle: asyncio.Handle | None = None
        self._moment = 0

    def set(self, moment: int) -> None:
        self._moment = moment
        wait = (moment - monotonic_ns() - _SPIN) / 1e9
        self._handle = (
            self._loop.call_later(wait, self._ring) if wait > 0 else self._loop.call_soon(self._ring)
        )

    def close(self) -> None:
        if self._handle is not None:
            self._handle.cancel()

    def _ring(self) -> None:
        while monotonic_ns() < self._moment:
            pass
        self._callback()


if sys.platform == "linux" and sys.version_info >= (3, 13):

    def _create() -> int:
        return os.timerfd_create(1, flags=os.TFD_NONBLOCK | os.TFD_CLOEXEC)

    def _arm(descriptor: int, moment: int) -> None:
        os.timerfd_settime_ns(descriptor, flags=os.TFD_TIMER_ABSTIME, initial=moment)

else:
    _MONOTONIC = 1
    _NONBLOCK_CLOEXEC = 0o4000 | 0o2000000
    _ABSOLUTE = 1
    _pack = struct.Struct("qqqq").pack
    _libc: ctypes.CDLL | None = None

    def _create() -> int:
        global _libc  # noqa: PLW0603 - loading it at import would cost verbs that need no timer
        _libc = _libc or ctypes.CDLL(None, use_errno=True)
        descriptor: int = _libc.timerfd_create(_MONOTONIC, _NONBLOCK_CLOEXEC)
        if descriptor < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        return descriptor

    def _arm(descriptor: int, moment: int) -> None:
        assert _libc is not None
        seconds, nanoseconds = divmod(moment, 1_000_000_000)
        _libc.timerfd_settime(descriptor, _ABSOLUTE, _pack(0, 0, seconds, nanoseconds), None)
