"""A server over the pipes of its process: one line, one message.

Reads and writes the pipes itself, without asyncio's streams, which cost more than the messages. What a server does
wrong is contained, counted and named; when it ends, the cause is its exit status and its last words.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Final

from mcpctl.errors import ConnectError, DeadlineError, McpctlError
from mcpctl.model.server import LimitsSpec, TransportKind
from mcpctl.transports import process as processes
from mcpctl.transports.channel import ChannelFacts, Inbox, Tap
from mcpctl.transports.exits import describe_exit
from mcpctl.transports.intake import Intake
from mcpctl.transports.outbox import Outbox
from mcpctl.transports.process import Process
from mcpctl.transports.stderr import StderrTail
from mcpctl.transports.weight import MemoryWatch, mebibytes
from mcpctl.wire import jsonrpc
from mcpctl.wire.jsonrpc import RequestId
from mcpctl.wire.lines import LineSplitter
from mcpctl.wire.peer import Peer

_CHUNK: Final = 1 << 16
"""Bytes read at a time: what a pipe holds."""

_LAST_CHUNKS: Final = 32
"""Chunks read after the exit of a server; its children may go on writing for ever."""

_NAMING: Final = 0.25
"""Seconds between the end of a pipe and the exit that explains it."""

_WORDS: Final = 200
"""Characters of a server's last words in an error; the rest is in its `stderr_tail`."""


class StdioChannel:
    """A `Channel`. Takes over the process: whoever closes the channel ends it."""

    transport: TransportKind = "stdio"

    def __init__(
        self,
        process: Process,
        inbox: Inbox,
        *,
        server: str,
        limits: LimitsSpec | None = None,
        on_stderr: Callable[[str], None] | None = None,
        tap: Tap | None = None,
    ) -> None:
        """Wants a running event loop. `tap` sees every message, `on_stderr` every line of the server's stderr."""
        limits = limits or LimitsSpec()
        self.process = process
        self.facts = ChannelFacts(pid=process.pid)
        self._inbox = inbox
        self._server = server
        self._limits = limits
        self._tap = tap
        self._loop = asyncio.get_running_loop()
        self._error: McpctlError | None = None
        self._closing: asyncio.Task[None] | None = None
        self._unblamed = False
        self._stderr = StderrTail(on_stderr)
        assert process.stdin is not None
        self._outbox = Outbox(
            process.stdin,
            timeout=limits.write_timeout,
            tally=self.facts,
            stalled=self._stalled,
            broken=self._stdin_broken,
        )
        self._intake = Intake(self.facts)
        self.peer = Peer(
            self._outbox.put if tap is None else self._tapped_send,
            tally=self.facts,
            notified=inbox.notified,
            asked=inbox.asked,
            abandon=self._abandon,
            noise=self._intake.count_noise,
            congested=self._outbox.crowded,
            clue=self._intake.clue,
            server=server,
        )
        self._intake.receive = self.peer.receive if tap is None else self._tapped_receive
        self._splitter = LineSplitter(self._intake.take, self._oversized, limit=limits.max_message)
        self._loop.add_reader(process.stdout, self._stdout_readable)
        self._loop.add_reader(process.stderr, self._stderr_readable)
        process.watch(self._exited)
        self._cause: str | None = None
        """Why we ended it ourselves."""
        self._memory = MemoryWatch(process.pid, limits.memory, self._too_heavy) if limits.memory else None

    @property
    def alive(self) -> bool:
        return self._error is None and self._closing is None

    def stderr_tail(self) -> Sequence[str]:
        return self._stderr.lines()

    def request(
        self,
        method: str,
        params: Mapping[str, Any] | None,
        *,
        timeout: float | None,
        headers: Mapping[str, str] | None = None,
        request_id: str | None = None,
        cancellable: bool = True,
        step: str = "call",
    ) -> Coroutine[Any, Any, bytes]:
        del headers
        return self.peer.request(
            method,
            params,
            timeout=timeout,
            request_id=request_id,
            cancellable=cancellable,
            step=step,
        )

    async def notify(
        self, method: str, params: Mapping[str, Any] | None, *, headers: Mapping[str, str] | None = None
    ) -> None:
        del headers
        self.peer.notify(method, params)

    def adopt(self, protocol_version: str, *, stateless: bool) -> None:
        """Nothing on this wire depends on it."""

    def listen(self) -> None:
        """A pipe always listens."""

    async def aclose(self) -> None:
        """The end goes on to its end even if this wait is cancelled."""
        if self._closing is None:
            self._closing = self._loop.create_task(self._close())
        await asyncio.shield(self._closing)

    # -- reading -------------------------------------------------------------------------------------------------

    def _stdout_readable(self) -> None:
        chunk = _read(self.process.stdout)
        if chunk:
            self.facts.bytes_in += len(chunk)
            self._splitter.feed(chunk)
        elif chunk is not None:
            self._stdout_ended()

    def _stderr_readable(self) -> None:
        chunk = _read(self.process.stderr)
        if chunk:
            self._stderr.feed(chunk)
            self.facts.stderr_lines = self._stderr.count
        elif chunk is not None:
            self._loop.remove_reader(self.process.stderr)

    def _oversized(self, head: bytes, tail: bytes, /, *, ended: bool) -> None:
        """Tried again at the end of the line, where some servers put the id; by then, others may be in flight."""
        limit = self._limits.max_message
        if not ended:
            self.facts.oversize += 1
            self._unblamed = not self.peer.receive_oversize(head, tail, limit=limit, guess=True)
        elif self._unblamed:
            self.peer.receive_oversize(head, tail, limit=limit, guess=False)

    def _tapped_receive(self, line: bytes) -> None:
        assert self._tap is not None
        self._tap("in", line)
        self.peer.receive(line)

    # -- writing -------------------------------------------------------------------------------------------------

    def _tapped_send(
        self,
        message: bytes,
        request_id: RequestId | None = None,
        headers: Mapping[str, str] | None = None,
        /,
    ) -> None:
        assert self._tap is not None
        self._tap("out", message)
        self._outbox.put(message, request_id, headers)

    def _abandon(self, request_id: RequestId, reason: str, /, *, tell: bool) -> None:
        if not self._outbox.withdraw(request_id) and tell and self.alive:
            about = {"requestId": request_id, "reason": reason}
            self._outbox.put(jsonrpc.encode_notification("notifications/cancelled", about))

    def _stalled(self, unsent: Sequence[RequestId]) -> None:
        limit = self._limits.write_timeout
        for request_id in unsent:
            error = DeadlineError(
                f"the server did not read its stdin for {limit:g} s",
                step="write",
                limit=limit,
                server=self._server,
            )
            self.peer.fail(request_id, error)

    # -- ends ----------------------------------------------------------------------------------------------------

    def _stdout_ended(self) -> None:
        self._loop.remove_reader(self.process.stdout)
        self._take_last_words()
        self._loop.call_later(_NAMING, self._lose, "closed its stdout but is still running", "stdout_closed")

    def _stdin_broken(self) -> None:
        self._loop.call_later(_NAMING, self._lose, "closed its stdin but is still running", "stdin_closed")

    def _exited(self) -> None:
        """Its pipes may still hold an answer, and the reason why it left."""
        status = self.facts.exit_status = self.process.exit_status
        for _ in range(_LAST_CHUNKS):
            if not (chunk := _read(self.process.stdout)):
                break
            self.facts.bytes_in += len(chunk)
            self._splitter.feed(chunk)
        self._take_last_words()
        for _ in range(_LAST_CHUNKS):
            if not (chunk := _read(self.process.stderr)):
                break
            self._stderr.feed(chunk)
        self._stderr.finish()
        self.facts.stderr_lines = self._stderr.count
        assert status is not None
        if self._cause is not None:
            self._lose(self._cause, "memory")
            return
        what = describe_exit(status)
        if status == -signal.SIGXCPU:
            what += f": it has used its `limits.cpu_seconds`, {self._limits.cpu_seconds}"
        self._lose(what, "exited" if status >= 0 else "killed")

    def _too_heavy(self, used: int) -> None:
        limit = self._limits.memory or 0
        self._cause = (
            f"was ended: it used {mebibytes(used)}, more than its `limits.memory` of {mebibytes(limit)}"
        )
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def _take_last_words(self) -> None:
        """An answer without a line end counts; half an answer does not, its cause is the end of the server."""
        line = self._splitter.finish()
        try:
            jsonrpc.decode(line)
        except Exception:  # anything but a message
            if line.strip():
                self.facts.malformed += 1
        else:
            self._intake.receive(line)

    def _lose(self, what: str, code: str) -> None:
        if self._memory is not None:
            self._memory.stop()
        if self._error is not None or self._closing is not None:
            return
        last = self._stderr.last()
        words = f", its last words on stderr: `{last[:_WORDS]}`" if last else ", with nothing on stderr"
        self._error = ConnectError(
            f"the server `{self._server}` {what}{words}",
            code=f"connect.{code}",
            hint=self._intake.clue(),
            exit_status=self.facts.exit_status,
            stderr_tail=self._stderr.lines(),
            server=self._server,
        )
        self.peer.fail_all(self._error)
        self._inbox.lost(self._error)

    async def _close(self) -> None:
        self._outbox.close()
        if self._memory is not None:
            self._memory.stop()
        if self._error is None:
            about = "the connection was closed"
            self.peer.fail_all(ConnectError(about, code="connect.closed", kind="closed", server=self._server))
        try:
            await processes.stop(self.process)
        finally:
            for descriptor in (self.process.stdout, self.process.stderr):
                self._loop.remove_reader(descriptor)
            self.process.close_pipes()
            self.facts.exit_status = self.process.exit_status
            self.facts.killed_with = self.process.killed_with
            self.facts.swept = self.process.swept


def _read(descriptor: int) -> bytes | None:
    """None when there is nothing to read now."""
    try:
        return os.read(descriptor, _CHUNK)
    except BlockingIOError:
        return None
    except OSError:
        return b""
