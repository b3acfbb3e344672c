"""The pipes of one child under load: whole lines in pieces as large as the kernel gives them, writes that never block."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from time import monotonic_ns

from mcpctl.transports import process as processes
from mcpctl.transports.exits import describe_exit
from mcpctl.transports.process import Process
from mcpctl.transports.stderr import StderrTail

_CHUNK = 1 << 16
"""Bytes read at a time: what a pipe holds. A larger buffer would come from the kernel anew for every read."""

_NAMING = 0.25
"""Seconds between the end of a pipe and the exit that explains it."""


class Pipe:
    """`lines` gets whole lines, joined, without the last line end, and the moment they were read."""

    __slots__ = (
        "_backlog",
        "_ended",
        "_limit",
        "_lines",
        "_loop",
        "_partial",
        "_size",
        "_stderr",
        "_stuck",
        "process",
    )

    def __init__(
        self,
        process: Process,
        *,
        lines: Callable[[bytes, int], None],
        ended: Callable[[str], None],
        limit: int,
    ) -> None:
        """`ended` is told how the child ended, or why it is not listened to any more."""
        self.process = process
        self._lines = lines
        self._ended = ended
        self._limit = limit
        self._loop = asyncio.get_running_loop()
        self._partial: list[bytes] = []
        self._size = 0
        self._backlog = memoryview(b"")
        self._stuck = False
        self._stderr = StderrTail()
        self._loop.add_reader(process.stdout, self._readable)
        self._loop.add_reader(process.stderr, self._stderr_readable)

    def listen(self, lines: Callable[[bytes, int], None]) -> None:
        """From now on, tell somebody else."""
        self._lines = lines

    def write(self, data: bytes) -> None:
        if self._stuck:
            self._backlog = memoryview(b"".join((self._backlog, data)))
            return
        stdin = self.process.stdin
        if stdin is None:
            return
        try:
            sent = os.write(stdin, data)
        except BlockingIOError:
            sent = 0
        except OSError:
            return  # its end is told by its stdout
        if sent < len(data):
            self._backlog = memoryview(data)[sent:]
            self._stuck = True
            self._loop.add_writer(stdin, self._writable)

    async def end(self) -> None:
        """End the child in bounded time; what it still says is drained and not heard."""
        self._ended = _ignore
        self._lines = _unheard
        self._unstick()
        try:
            await processes.stop(self.process)
        finally:
            self._loop.remove_reader(self.process.stdout)
            self._loop.remove_reader(self.process.stderr)
            self.process.close_pipes()

    def _readable(self) -> None:
        try:
            chunk = os.read(self.process.stdout, _CHUNK)
        except BlockingIOError:
            return
        now = monotonic_ns()
        if not chunk:
            self._loop.remove_reader(self.process.stdout)
            self._loop.create_task(self._explain())
            return
        cut = chunk.rfind(b"\n")
        if cut < 0:
            self._keep(chunk)
            return
        whole = chunk[:cut]
        if self._partial:
            whole = b"".join((*self._partial, whole))
            self._partial.clear()
            self._size = 0
        if cut + 1 < len(chunk):
            self._keep(chunk[cut + 1 :])
        self._lines(whole, now)

    def _keep(self, rest: bytes) -> None:
        self._partial.append(rest)
        self._size += len(rest)
        if self._size > self._limit:
            ended, self._ended = self._ended, _ignore
            self._loop.remove_reader(self.process.stdout)
            ended(f"sent a message of more than {self._limit} bytes, which is the limit")

    def _stderr_readable(self) -> None:
        try:
            chunk = os.read(self.process.stderr, _CHUNK)
        except BlockingIOError:
            return
        if chunk:
            self._stderr.feed(chunk)
        else:
            self._loop.remove_reader(self.process.stderr)

    def _writable(self) -> None:
        stdin = self.process.stdin
        try:
            sent = os.write(stdin, self._backlog) if stdin is not None else len(self._backlog)
        except BlockingIOError:
            return
        except OSError:
            sent = len(self._backlog)
        self._backlog = self._backlog[sent:]
        if not self._backlog:
            self._unstick()

    def _unstick(self) -> None:
        if self._stuck and self.process.stdin is not None:
            self._loop.remove_writer(self.process.stdin)
        self._stuck = False
        self._backlog = memoryview(b"")

    async def _explain(self) -> None:
        """The exit that explains a closed pipe comes a moment later, and so do the last words."""
        await self.process.wait(_NAMING)
        if self._ended is _ignore:
            return
        self._stderr_readable()
        status = self.process.poll()
        words = describe_exit(status) if status is not None else "closed its stdout"
        last = self._stderr.last()
        self._ended(f"{words}, its last words on stderr: `{last}`" if last else words)


def _ignore(words: str) -> None:
    del words


def _unheard(lines: bytes, now: int) -> None:
    del lines, now
