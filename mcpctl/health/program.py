"""Runs a small program of the user's to its end: without a shell, in bounded time, with nothing left behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Mapping, Sequence
from functools import partial

from mcpctl.model.value import dataclass
from mcpctl.transports import process as processes
from mcpctl.transports.process import Process

KEPT = 64 << 10
"""Bytes of each of its outputs that are kept: the last ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    status: int | None
    """None where it did not end in time."""
    stdout: str = ""
    stderr: str = ""

    @property
    def last_words(self) -> str:
        for text in (self.stderr, self.stdout):
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            if lines:
                return lines[-1][:200]
        return ""


async def run(
    words: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str,
    limit: float,
    given: bytes = b"",
) -> Finished:
    """Raises `ConnectError` where it cannot be started. `given` is what it reads on its stdin."""
    process = processes.start(words[0], words[1:], env=env, cwd=cwd)
    loop = asyncio.get_running_loop()
    kept = {process.stdout: bytearray(), process.stderr: bytearray()}
    for descriptor, text in kept.items():
        loop.add_reader(descriptor, _read, loop, descriptor, text)
    try:
        _feed(loop, process, memoryview(given))
        ended = await process.wait(limit)
        for descriptor, text in kept.items():
            _read(loop, descriptor, text)
        status = process.exit_status if ended else None
    finally:
        if process.stdin is not None:
            loop.remove_writer(process.stdin)
        await _end(process, loop)
    out, err = (bytes(text).decode("utf-8", "replace") for text in kept.values())
    return Finished(status=status, stdout=out, stderr=err)


async def _end(process: Process, loop: asyncio.AbstractEventLoop) -> None:
    try:
        if process.poll() is None:
            processes.kill(process)  # it had its time: nothing is gained by asking kindly
        await processes.stop(process)
    finally:
        for descriptor in (process.stdout, process.stderr):
            loop.remove_reader(descriptor)
        process.close_pipes()


def _feed(loop: asyncio.AbstractEventLoop, process: Process, left: memoryview) -> None:
    """As much as it takes now; the rest when it has read that."""
    if process.stdin is None:
        return
    with contextlib.suppress(BlockingIOError):
        try:
            while left:
                left = left[os.write(process.stdin, left) :]
        except BrokenPipeError:
            left = left[len(left) :]
    loop.remove_writer(process.stdin)
    if left:
        loop.add_writer(process.stdin, partial(_feed, loop, process, left))
    else:
        process.close_stdin()


def _read(loop: asyncio.AbstractEventLoop, descriptor: int, text: bytearray) -> None:
    """What is there now. Never waits, and keeps no more than the end of it."""
    try:
        chunk = os.read(descriptor, KEPT)
    except BlockingIOError:
        return
    except OSError:
        chunk = b""
    if not chunk:
        loop.remove_reader(descriptor)
        return
    text += chunk
    del text[: len(text) - KEPT]
