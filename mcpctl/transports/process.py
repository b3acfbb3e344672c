"""A server's process: started at once and without an event loop, ended in bounded time with all that it started.

Starting needs no asyncio, so that a server boots while the rest of mcpctl is still being imported. The leader is not
reaped before its group is swept, so that its number cannot come to mean somebody else.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Final

from mcpctl.errors import ConnectError
from mcpctl.transports import exits, sweep

if TYPE_CHECKING:
    import asyncio

    from mcpctl.model.server import LimitsSpec

STDIN_GRACE: Final = 1.0
"""Seconds that a server has to leave by itself once its stdin is closed."""
TERM_GRACE: Final = 2.0
"""Seconds that it has after SIGTERM."""
KILL_GRACE: Final = 1.0
"""Seconds that the kernel has to end what was killed; more would break the promise of 5 s in all."""

_number = count(1)
_running: dict[int, Process] = {}


class Process:
    """`stdin`, `stdout` and `stderr` are our ends of its pipes: file descriptors that never block."""

    __slots__ = (
        "_callbacks",
        "_child",
        "_closed",
        "_loop",
        "_owner",
        "_pidfd",
        "exit_status",
        "killed_with",
        "pid",
        "stderr",
        "stdin",
        "stdout",
        "swept",
        "tag",
    )

    def __init__(
        self, child: subprocess.Popen[bytes], *, stdin: int, stdout: int, stderr: int, tag: str
    ) -> None:
        self._child = child
        self._owner = os.getpid()
        self._closed = False
        self._pidfd = exits.open_pidfd(child.pid)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._callbacks: list[Callable[[], None]] = []
        self.pid = child.pid
        self.stdin: int | None = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.tag = tag
        self.exit_status: int | None = None
        """Negative for a signal, as in `subprocess`; set once the leader has exited."""
        self.killed_with: str | None = None
        """The strongest signal that was needed to end it."""
        self.swept = 0
        """Other processes that it left behind, and that were ended."""

    def poll(self) -> int | None:
        """The exit status, without reaping where the system allows it."""
        if self.exit_status is None:
            self.exit_status = exits.peek(self._child)
        return self.exit_status

    def watch(self, callback: Callable[[], None]) -> None:
        """Call back once, from the running event loop, when the leader has exited."""
        import asyncio

        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            if self._pidfd is not None:
                self._loop.add_reader(self._pidfd, self._exited)
            else:
                exits.watch_in_thread(self._child, self._loop, self._exited)
        if self.poll() is not None:
            self._loop.call_soon(callback)
        else:
            self._callbacks.append(callback)

    async def wait(self, seconds: float) -> bool:
        """Whether the leader has exited, at the latest after `seconds`."""
        import asyncio

        if self.poll() is not None:
            return True
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def settle() -> None:
            if not done.done():
                done.set_result(None)

        self.watch(settle)
        timer = loop.call_later(seconds, settle)
        try:
            await done
        finally:
            timer.cancel()
        return self.poll() is not None

    def close_stdin(self) -> None:
        if self.stdin is not None:
            with contextlib.suppress(OSError):
                os.close(self.stdin)
            self.stdin = None

    def release(self) -> None:
        """Reap the leader, whose number may mean somebody else from now on."""
        if _running.pop(self.pid, None) is None:
            return
        sweep.LEADERS.discard(self.pid)
        self._unwatch()
        self.close_stdin()
        self.poll()
        self._child.poll()

    def close_pipes(self) -> None:
        """Whoever reads the pipes has taken its hands off them."""
        if not self._closed:
            self._closed = True
            self.close_stdin()
            os.close(self.stdout)
            os.close(self.stderr)

    def _exited(self) -> None:
        if self.poll() is None:
            return
        self._unwatch()
        callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def _unwatch(self) -> None:
        if self._pidfd is not None:
            if self._loop is not None and not self._loop.is_closed():
                self._loop.remove_reader(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = None


def start(
    command: str,
    args: Sequence[str] = (),
    *,
    env: Mapping[str, str],
    cwd: str | None = None,
    limits: LimitsSpec | None = None,
    server: str | None = None,
) -> Process:
    """Start a server in a session of its own, with pipes. Raises `ConnectError` when that is impossible."""
    tag = f"{os.getpid()}.{time.time_ns():x}.{next(_number)}"
    sweep.adopt_orphans()  # before the first server runs: a shell script leaves orphans within a millisecond
    try:
        process = _spawn([command, *args], env={**env, sweep.TAG: tag}, cwd=cwd, tag=tag)
    except (OSError, ValueError) as error:
        from mcpctl.transports.refusals import refusal

        raise refusal(error, command, env=env, cwd=cwd, server=server) from error
    _running[process.pid] = process
    sweep.LEADERS.add(process.pid)
    if limits is not None and (limits.open_files or limits.cpu_seconds):
        from mcpctl.transports.rlimits import restrict

        try:
            restrict(process.pid, limits, server=server)
        except ConnectError:
            kill(process)
            process.close_pipes()
            raise
    return process


def _spawn(words: Sequence[str], *, env: Mapping[str, str], cwd: str | None, tag: str) -> Process:
    ends: list[int] = []
    try:
        for _ in range(3):
            ends.extend(os.pipe())
        child_in, stdin, stdout, child_out, stderr, child_err = ends
        child = subprocess.Popen(
            words,
            stdin=child_in,
            stdout=child_out,
            stderr=child_err,
            env=env,
            cwd=cwd,
            start_new_session=True,
        )
    except BaseException:
        for descriptor in ends:
            os.close(descriptor)
        raise
    for descriptor in (child_in, child_out, child_err):
        os.close(descriptor)
    for descriptor in (stdin, stdout, stderr):
        os.set_blocking(descriptor, False)
    return Process(child, stdin=stdin, stdout=stdout, stderr=stderr, tag=tag)


async def stop(process: Process) -> None:
    """Close its stdin, then SIGTERM, then SIGKILL, for the leader and all that it started; 5 s at most.

    Its output is still to be drained meanwhile, and its pipes are still to be closed.
    """
    if process.pid not in _running:
        return
    family = sweep.Family(process.pid, process.tag)
    try:
        process.close_stdin()
        await process.wait(STDIN_GRACE)
        for number, seconds in ((signal.SIGTERM, TERM_GRACE), (signal.SIGKILL, KILL_GRACE)):
            left = family.living()
            if process.exit_status is not None and not left:
                break
            if process.exit_status is None:
                process.killed_with = number.name
            process.swept = max(process.swept, len(left - {process.pid}))
            family.tell(number)
            await _gone(process, family, number=number, seconds=seconds)
    except BaseException:
        family.tell(signal.SIGKILL)  # it knows orphans that nobody could find any more
        kill(process)
        raise
    process.release()


async def _gone(process: Process, family: sweep.Family, *, number: signal.Signals, seconds: float) -> None:
    import asyncio

    clock = asyncio.get_running_loop().time
    end = clock() + seconds
    await process.wait(seconds)
    pause = 0.001
    while family.living() and clock() < end:  # orphans tell nobody when they end
        family.tell_newcomers(number)
        await asyncio.sleep(pause)
        pause = min(pause * 2, 0.05)


def kill(process: Process) -> None:
    """End it and all that it started at once, without an event loop."""
    if process.pid not in _running:
        return
    family = sweep.Family(process.pid, process.tag)
    end = time.monotonic() + KILL_GRACE
    while True:
        family.tell(signal.SIGKILL)
        if process.poll() is not None and not family.living():
            break
        if time.monotonic() > end:
            break
        time.sleep(0.001)
    process.killed_with = process.killed_with or signal.SIGKILL.name
    process.release()


def kill_all() -> None:
    """For a second Ctrl-C, and for an interpreter that ends with servers running."""
    for process in tuple(_running.values()):
        if process._owner == os.getpid():  # noqa: SLF001 - a forked worker must not end its parent's servers
            kill(process)


atexit.register(kill_all)
