"""Writes messages to a pipe that may be full: one write for all that one turn of the event loop brings forth.

A server that stops reading costs the requests that it has not been given yet, and no other.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from mcpctl.wire.jsonrpc import RequestId

_CROWDED: Final = 10_000
"""Messages waiting for a server that does not read; beyond it, it gets no more answers to what it asks."""


class Tally(Protocol):
    bytes_out: int


class Outbox:
    __slots__ = (
        "_broken",
        "_fd",
        "_ids",
        "_loop",
        "_moved_at",
        "_queue",
        "_rest",
        "_rest_id",
        "_scheduled",
        "_stalled",
        "_stuck",
        "_tally",
        "_timeout",
        "_timer",
    )

    def __init__(
        self,
        fd: int,
        *,
        timeout: float,
        tally: Tally,
        stalled: Callable[[Sequence[RequestId]], None],
        broken: Callable[[], None],
    ) -> None:
        """`stalled` gets the requests that were not taken within `timeout` seconds and will not be sent."""
        self._fd: int | None = fd
        self._timeout = timeout
        self._tally = tally
        self._stalled = stalled
        self._broken = broken
        self._loop = asyncio.get_running_loop()
        self._queue: list[bytes] = []
        self._ids: list[RequestId | None] = []
        self._scheduled = False
        self._stuck = False
        self._rest = memoryview(b"")
        self._rest_id: RequestId | None = None
        self._moved_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def put(
        self,
        message: bytes,
        request_id: RequestId | None = None,
        _headers: Mapping[str, str] | None = None,
        /,
    ) -> None:
        """A `wire.peer.Send`."""
        self._queue.append(message)
        self._ids.append(request_id)
        if self._scheduled:
            return
        if self._stuck:
            self._await_progress()
        else:
            self._scheduled = True
            self._loop.call_soon(self._flush)

    def crowded(self) -> bool:
        return len(self._queue) >= _CROWDED

    def withdraw(self, request_id: RequestId) -> bool:
        """Take back a request of which nothing was sent yet."""
        if request_id not in self._ids:
            return False
        place = self._ids.index(request_id)
        del self._ids[place], self._queue[place]
        return True

    def close(self) -> None:
        """Write what the pipe takes at once, and forget the rest. The descriptor stays open."""
        if self._fd is not None and not self._stuck:
            self._flush()
        self._forget()

    def _flush(self) -> None:
        self._scheduled = False
        if self._fd is None:
            self._forget()
            return
        if not self._queue:
            return
        self._queue.append(b"")
        data = b"\n".join(self._queue)
        try:
            sent = os.write(self._fd, data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._break()
            return
        self._tally.bytes_out += sent
        if sent == len(data):
            self._queue.clear()
            self._ids.clear()
        else:
            self._stick(sent)

    def _stick(self, sent: int) -> None:
        """The pipe is full: from here on, message by message."""
        self._queue.pop()
        done = 0
        while sent > len(self._queue[done]):
            sent -= len(self._queue[done]) + 1
            done += 1
        del self._queue[:done], self._ids[:done]
        if sent:
            self._take_first()
            self._rest = self._rest[sent:]
        self._stuck = True
        assert self._fd is not None
        self._loop.add_writer(self._fd, self._writable)
        self._await_progress()

    def _take_first(self) -> None:
        self._rest = memoryview(self._queue.pop(0) + b"\n")
        self._rest_id = self._ids.pop(0)

    def _writable(self) -> None:
        assert self._fd is not None
        try:
            while self._rest or self._queue:
                if not self._rest:
                    self._take_first()
                sent = os.write(self._fd, self._rest)
                self._tally.bytes_out += sent
                self._rest = self._rest[sent:]
                self._moved_at = self._loop.time()
        except BlockingIOError:
            return
        except OSError:
            self._break()
            return
        self._unstick()

    def _unstick(self) -> None:
        self._stuck = False
        self._rest_id = None
        if self._fd is not None:
            self._loop.remove_writer(self._fd)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _await_progress(self) -> None:
        if self._timer is None:
            self._moved_at = self._loop.time()
            self._timer = self._loop.call_later(self._timeout, self._look)

    def _look(self) -> None:
        self._timer = None
        left = self._moved_at + self._timeout - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._look)
            return
        unsent = [one for one in (self._rest_id, *self._ids) if one is not None]
        self._rest_id = None
        self._queue.clear()
        self._ids.clear()
        self._stalled(unsent)

    def _break(self) -> None:
        self._forget()
        self._broken()

    def _forget(self) -> None:
        if self._stuck:
            self._unstick()
        self._fd = None
        self._rest = memoryview(b"")
        self._queue.clear()
        self._ids.clear()
