"""A stream of a client, written to by the supervisor without ever waiting for the client's reader.

What the reader does not take yet is kept and written when it can be. Refuses to keep more than a screenful of
megabytes: then the command ends, and the supervisor goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import select
import stat
import sys
from collections.abc import Callable
from typing import Final

CHUNK: Final = 4096
"""Bytes that a pipe takes without blocking when it says that it can be written to (PIPE_BUF)."""

MOST: Final = 64 << 20
"""Bytes kept for a reader that is slower than its server."""


class Outlet(io.RawIOBase):
    """Takes over the descriptor. `broken` is called once when the reader has gone."""

    def __init__(self, descriptor: int, broken: Callable[[], None]) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._broken_told = broken
        self._loop = asyncio.get_running_loop()
        self._waits = bytearray()
        self._broken = False
        self._writing = False
        self._empty: asyncio.Future[None] | None = None
        self._is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)
        self._chunk = MOST if self._is_file or self._reopen() else CHUNK

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def write(self, data: bytes) -> int:  # type: ignore[override] # the renderer writes bytes only
        if self._broken:
            raise BrokenPipeError("the reader has gone")
        rest = data if self._writing else self._write_now(data)
        if rest:
            if len(self._waits) + len(rest) > MOST:
                raise OSError(f"the reader is {MOST >> 20} MiB behind")
            self._waits += rest
            self._arm()
        return len(data)

    async def drain(self) -> None:
        """Wait until everything has been taken, or the reader has gone."""
        if self._waits and not self._broken:
            self._empty = self._loop.create_future()
            await self._empty

    def release(self) -> None:
        """Give the descriptor back, whatever waits still."""
        if self._descriptor >= 0:
            self._disarm()
            with contextlib.suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = -1
        super().close()

    def _reopen(self) -> bool:
        """Take a description of one's own, that does not block and leaves the client's alone."""
        if sys.platform != "linux":
            return False
        try:
            own = os.open(f"/proc/self/fd/{self._descriptor}", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
        except OSError:
            return False
        os.close(self._descriptor)
        self._descriptor = own
        return True

    def _write_now(self, data: bytes) -> bytes:
        while data:
            if self._chunk == CHUNK and not _ready(self._descriptor):
                return data
            try:
                data = data[os.write(self._descriptor, data[: self._chunk]) :]
            except BlockingIOError:
                return data
            except BrokenPipeError:
                self._lose()
                raise
        return b""

    def _arm(self) -> None:
        if not self._writing:
            self._writing = True
            self._loop.add_writer(self._descriptor, self._go_on)

    def _disarm(self) -> None:
        if self._writing:
            self._writing = False
            self._loop.remove_writer(self._descriptor)

    def _go_on(self) -> None:
        try:
            self._waits = bytearray(self._write_now(bytes(self._waits)))
        except OSError:
            self._lose()
            self._broken_told()
        if not self._waits:
            self._disarm()
            self._settle()

    def _lose(self) -> None:
        self._broken = True
        self._waits.clear()
        self._disarm()
        self._settle()

    def _settle(self) -> None:
        if self._empty is not None and not self._empty.done():
            self._empty.set_result(None)


def _ready(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return bool(poll.poll(0))
