"""Correlates requests and answers over any sender, and contains each bad message to the call it belongs to.

Knows nothing of pipes or HTTP: a transport hands in bytes and takes bytes out. The hot path costs one future, two
entries of tables and no timer of its own; a load generator can do without the future too (`submit`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol

from mcpctl.errors import BugError, DeadlineError, McpctlError
from mcpctl.wire import jsonrpc
from mcpctl.wire.deadlines import Deadlines
from mcpctl.wire.jsonrpc import Envelope, RequestId
from mcpctl.wire.questions import MAX_ASKED, Questions

Answer = Envelope | McpctlError
Callback = Callable[[Answer], None]

_EXPIRED: Final = DeadlineError("the deadline ran out", step="call", limit=0)
"""Wakes a request whose time is up, which alone knows what to say about it."""


class Send(Protocol):
    """Take one message, without its line end. Must not block; may raise `McpctlError`."""

    def __call__(
        self,
        message: bytes,
        request_id: RequestId | None = None,
        headers: Mapping[str, str] | None = None,
        /,
    ) -> None: ...


class Abandon(Protocol):
    """A request will not be waited for any longer; tell the server too, if `tell`."""

    def __call__(self, request_id: RequestId, reason: str, /, *, tell: bool) -> None: ...


class Tally(Protocol):
    """What a peer counts."""

    messages_in: int
    malformed: int
    unmatched: int


class Peer:
    """Callbacks are called in the order of arrival and must not block; what they raise is dropped."""

    def __init__(
        self,
        send: Send,
        *,
        tally: Tally,
        notified: Callable[[str, bytes | None], None],
        asked: Callable[[str, bytes | None], Awaitable[Any]],
        abandon: Abandon,
        noise: Callable[[bytes], None] | None = None,
        congested: Callable[[], bool] | None = None,
        clue: Callable[[], str | None] | None = None,
        server: str | None = None,
        most_asked: int = MAX_ASKED,
    ) -> None:
        """Wants a running event loop.

        `noise` gets what is no JSON-RPC, `congested` tells that the server does not read what it is sent, and `clue`
        may explain a missing answer, as the hint of its `DeadlineError`.
        """
        self._send = send
        self._tally = tally
        self._abandon = abandon
        self._noise = noise
        self._clue = clue
        self._server = server
        self._new_future = asyncio.get_running_loop().create_future
        self._pending: dict[RequestId | None, Callback] = {}
        self._deadlines = Deadlines(lambda identity: self.fail(identity, _EXPIRED))
        self._questions = Questions(
            send, notified=notified, asked=asked, congested=congested, most=most_asked
        )
        self._gone: McpctlError | None = None
        self._last_id = 0

    @property
    def in_flight(self) -> int:
        return len(self._pending)

    @property
    def asking(self) -> RequestId:
        """The id of the request that `asked` has just been called for."""
        return self._questions.asking

    def waits_for(self, request_id: RequestId) -> bool:
        return request_id in self._pending

    def next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    async def request(
        self,
        method: str,
        params: Mapping[str, Any] | None,
        *,
        timeout: float | None,
        headers: Mapping[str, str] | None = None,
        request_id: str | None = None,
        cancellable: bool = True,
        step: str = "call",
    ) -> bytes:
        """As `Channel.request`."""
        identity = self.next_id() if request_id is None else request_id
        message = jsonrpc.encode_request(identity, method, params)
        future: asyncio.Future[Answer] = self._new_future()
        self.submit(message, identity, future.set_result, headers)
        if timeout is not None:
            self._deadlines.set(identity, timeout)
        try:
            answer = await future
        except asyncio.CancelledError:
            # The deadline may have run out in this very turn, as that of a whole command often does.
            expired = not future.cancelled() and future.done() and future.result() is _EXPIRED
            if self._pending.pop(identity, None) is not None or expired:
                self._abandon(identity, "the caller gave up", tell=cancellable)
            raise
        finally:
            if timeout is not None:
                self._deadlines.drop(identity)
        if isinstance(answer, Envelope):
            return jsonrpc.result_of(answer, server=self._server)
        if answer is _EXPIRED and timeout is not None:
            self._abandon(identity, f"no answer within {timeout:g} s", tell=cancellable)
            raise self._late(method, step=step, timeout=timeout)
        raise renewed(answer)

    def submit(
        self,
        message: bytes,
        request_id: RequestId,
        callback: Callback,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Send an encoded request; `callback` gets the envelope as it came, or the error that ended the wait.

        No deadline is kept: whoever submits forgets what takes too long.
        """
        if self._gone is not None:
            raise renewed(self._gone)
        if request_id in self._pending:
            raise BugError(f"the request id `{request_id}` is already in flight", server=self._server)
        self._pending[request_id] = callback
        try:
            self._send(message, request_id, headers)
        except BaseException:
            self._pending.pop(request_id, None)
            raise

    def notify(
        self, method: str, params: Mapping[str, Any] | None, *, headers: Mapping[str, str] | None = None
    ) -> None:
        if self._gone is not None:
            raise renewed(self._gone)
        self._send(jsonrpc.encode_notification(method, params), None, headers)

    def receive(self, message: bytes) -> None:
        """Take one message from the server. Never raises."""
        try:
            envelope = jsonrpc.decode(message)
        except Exception:  # whatever a server sends ends here, and costs one call at most
            envelope = None
        if envelope is None:
            self._contain(message)
            return
        self._tally.messages_in += 1
        if envelope.method is not None:
            self._questions.hear(envelope, envelope.method)
            return
        callback = self._pending.pop(envelope.id, None)
        if callback is None:
            self._unexpected(envelope)
        else:
            _call(callback, envelope)

    def receive_oversize(self, head: bytes, tail: bytes, *, limit: int, guess: bool) -> bool:
        """Fail the request whose answer was too large to keep; false when these ends do not tell whose it was.

        With `guess`, the only request in flight is taken for it.
        """
        from mcpctl.wire import salvage

        found = salvage.ends(head, tail, why="")
        error = jsonrpc.too_large(limit, server=self._server)
        if found.answer and found.id is None and not guess:
            return False
        return not found.answer or self._blame(found.id, error)

    def fail(self, request_id: RequestId, error: McpctlError) -> bool:
        """End the wait of one request; false when nobody waits for it."""
        callback = self._pending.pop(request_id, None)
        if callback is not None:
            _call(callback, error)
        return callback is not None

    def fail_all(self, error: McpctlError) -> None:
        """The other side is gone for good: end every wait, refuse what comes later, drop its questions."""
        self._gone = error
        pending, self._pending = self._pending, {}
        for callback in pending.values():
            _call(callback, error)
        self._questions.close()
        self._deadlines.close()

    def _late(self, method: str, *, step: str, timeout: float) -> DeadlineError:
        return DeadlineError(
            f"`{method}` was not answered within {timeout:g} s",
            step=step,
            limit=timeout,
            hint=self._clue() if self._clue is not None else None,
            server=self._server,
        )

    def _unexpected(self, envelope: Envelope) -> None:
        """An answer whose id is not waited for as it stands."""
        identity = self._only() if envelope.id is None else _other_form(envelope.id)
        callback = None if identity is None else self._pending.pop(identity, None)
        if callback is None:
            self._tally.unmatched += 1
        else:
            _call(callback, envelope)

    def _contain(self, message: bytes) -> None:
        from mcpctl.wire import salvage

        found = salvage.examine(message)
        for part in found.parts:
            self._receive_part(part)
        self._tally.malformed += found.dropped
        if found.parts:
            return
        if found.foreign and self._noise is not None:
            self._noise(message)
            return
        self._tally.malformed += 1
        if found.foreign:
            return
        if found.answer:
            why = f"the server sent a malformed message: {found.why}"
            self._blame(found.id, jsonrpc.malformed(why, server=self._server))
        elif found.id is not None:
            self._questions.reply(jsonrpc.encode_error(found.id, jsonrpc.INVALID_REQUEST, found.why))

    def _receive_part(self, part: bytes) -> None:
        if part[:1] == b"{":
            self.receive(part)
        elif self._noise is not None:
            self._noise(part)
        else:
            self._tally.malformed += 1

    def _blame(self, identity: RequestId | None, error: McpctlError) -> bool:
        """Fail the request that a bad message belongs to: the one it names, or else the only one in flight."""
        if identity is None:
            only = self._only()
            return only is not None and self.fail(only, error)
        if self.fail(identity, error):
            return True
        other = _other_form(identity)
        return other is not None and self.fail(other, error)

    def _only(self) -> RequestId | None:
        """The one request in flight, if there is exactly one."""
        return next(iter(self._pending)) if len(self._pending) == 1 else None


def renewed(error: McpctlError) -> McpctlError:
    """An equal error for one more raise: an exception raised twice collects the tracebacks of both."""
    twin = error.__class__.__new__(error.__class__, *error.args)
    twin.__dict__.update(error.__dict__)
    twin.__cause__ = error.__cause__
    return twin


def _other_form(identity: RequestId) -> RequestId | None:
    """The number that a text spells, or the other way round: servers exist that turn one into the other."""
    if isinstance(identity, int):
        return str(identity) if abs(identity) < 1 << 63 else None
    is_number = len(identity) < 20 and identity.removeprefix("-").isdecimal()
    return int(identity) if is_number else None


def _call(callback: Callback, answer: Answer) -> None:
    try:
        callback(answer)
    except Exception:  # a waiter that was cancelled in this very turn needs no answer
        return
