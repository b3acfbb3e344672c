"""A Streamable HTTP session under load: as many connections as it has requests in flight, each used again and again."""

from __future__ import annotations

import asyncio
from collections import deque
from time import monotonic_ns
from typing import cast

import msgspec

from mcpctl.errors import DeadlineError, McpctlError
from mcpctl.loadtest.answers import Fault, judge, read_one
from mcpctl.loadtest.host import GOOD, Host, fault_of, framed, look_around, shake_hands, strange
from mcpctl.loadtest.http_wire import HttpWire, Reply
from mcpctl.loadtest.lane import Lane, Surroundings
from mcpctl.loadtest.ledger import Shot
from mcpctl.wire import jsonrpc
from mcpctl.wire.dial import dial
from mcpctl.wire.events import EventParser
from mcpctl.wire.http import Connection
from mcpctl.wire.jsonrpc import RequestId

_RETRY = 0.05
"""Seconds before the place of a request that found no connection is used again: a dead server is not hammered."""

_FAREWELL = 2.0
"""Seconds for the goodbye of a session."""


class HttpLane(Lane):
    __slots__ = (
        "_connecting",
        "_head",
        "_host",
        "_idle",
        "_loop",
        "_session",
        "_waiting",
        "_width",
        "_wires",
        "_writers",
        "heads",
    )

    def __init__(self, host: Host, around: Surroundings) -> None:
        super().__init__(host.target, around)
        self.heads = host.heads
        self._host = host
        self._loop = asyncio.get_running_loop()
        self._width = around.width
        self._session: bytes | None = None
        self._head = b""
        self._writers = host.common
        self._idle: list[HttpWire] = []
        self._wires: set[HttpWire] = set()
        self._waiting: deque[tuple[int, int, Shot]] = deque()
        self._connecting = 0

    def issue(self, operation: int, count: int, due: int) -> None:
        book = self.ledger.books[operation]
        self.room -= count
        for _ in range(count):
            numbers = self.numbers
            number = numbers.next
            numbers.next = number + 1
            wire = self._unused()
            if wire is not None:
                wire.book = book
                wire.due = due
                self._fire(wire, operation, number)
            else:
                shot = Shot(book, due, 1)
                self.pending[number] = shot
                self._waiting.append((operation, number, shot))
                self._connect_more()

    def flush(self) -> None:
        """Every request is written as it is issued: each has a connection of its own."""

    async def open(self) -> None:
        target = self.target
        try:
            async with asyncio.timeout(target.start_timeout):
                if target.era == "handshake":
                    await self._greet()
                else:
                    self._idle.append(await look_around(self._host, self._dial))
                    self._writers = self._host.common
        except TimeoutError as error:
            raise DeadlineError(
                f"`{target.name}` did not answer `initialize` within {target.start_timeout:g} s",
                step="start",
                limit=target.start_timeout,
                server=target.name,
            ) from error
        self.greeted = monotonic_ns()
        # Connections belong to the beginning of a session, not to its first requests.
        while len(self._idle) < self._width:
            self._idle.append(await self._dial())
        self.ready = True

    async def close(self) -> None:
        self.ready = False
        self._waiting.clear()
        try:
            if self._session is not None:
                async with asyncio.timeout(_FAREWELL):
                    wire = self._unused() or await self._dial()
                    await wire.exchange(self._host.farewell(self._session))
        except (McpctlError, TimeoutError):
            pass  # it is forgotten either way
        finally:
            for wire in list(self._wires):
                wire.abort()
            self._idle.clear()
            self._session = None

    def abandoned(self, number: RequestId, shot: Shot) -> None:
        """HTTP has no other way to be rid of an answer than to close its connection."""
        del number
        if isinstance(shot, HttpWire):
            shot.abort()

    # -- what connections report -----------------------------------------------------------------------------------

    def answered(self, wire: HttpWire, body: bytes, now: int, *, events: bool) -> None:
        if events:
            self._told_whole(wire, body, now)
            self._freed(wire)
            return
        number, wire.number = wire.number, 0
        try:
            answer = read_one(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self._judge(wire, number, body, now)
        else:
            if answer.id == number and not answer.result.isError:
                del self.pending[number]
                self.ledger.answered(wire, now, 1)
                if self.sampler is not None:
                    self.sampler.seen(wire.book.tally.name, 1, body)
            else:
                self._judge(wire, number, body, now)
        # Whether it may be used again is asked only here: an answer may come with the end of its connection.
        if wire.open:
            self._idle.append(wire)
        self.driver.completed(self, 1, now)

    def told(self, wire: HttpWire, message: bytes, now: int) -> None:
        """Notifications pass by; the answer ends the wait, though not yet the stream."""
        number = wire.number
        if not number:
            return
        try:
            envelope = jsonrpc.decode(message)
        except Exception:  # whatever a server sends ends here
            wire.number = 0
            self._end(wire, number, Fault("malformed", "an event is no JSON-RPC message"), now)
            return
        if envelope.method is not None:
            self._asked(envelope)
            return
        wire.number = 0
        fault = judge(envelope) if envelope.id == number else strange(envelope.id)
        if fault is None and self.sampler is not None:
            self.sampler.seen(wire.book.tally.name, 1, message)
        self._end(wire, number, fault, now)

    def replied(self, wire: HttpWire, reply: Reply, now: int) -> None:
        kind = reply.headers.get(b"content-type", b"")
        if reply.status == GOOD and kind.startswith(b"application/json"):
            self.answered(wire, reply.body, now, events=False)
            return
        number, wire.number = wire.number, 0
        if number:
            self._end(wire, number, fault_of(reply, kind), now)
        self._freed(wire)

    def dropped(self, wire: HttpWire, words: str, now: int) -> None:
        self._wires.discard(wire)
        number, wire.number = wire.number, 0
        if number and self.pending.pop(number, None) is not None:
            self.ledger.failed(wire, "connection_lost", words)
            self.driver.completed(self, 1, now)

    def _told_whole(self, wire: HttpWire, body: bytes, now: int) -> None:
        """A stream that came in one piece."""
        try:
            for event in EventParser(self.limit).feed(body + b"\n\n"):
                self.told(wire, event.data, now)
        except McpctlError as error:
            body = error.message.encode()
        number, wire.number = wire.number, 0
        if number:
            self._end(wire, number, Fault("malformed", "the stream ended without an answer"), now)

    def _judge(self, wire: HttpWire, number: int, body: bytes, now: int) -> None:
        """A body that is not plainly a good answer; the wait for it is over in any case."""
        if not number or self.pending.pop(number, None) is None:
            return
        try:
            envelope = jsonrpc.decode(body)
        except Exception as error:  # whatever a server sends ends here
            self.ledger.failed(wire, "malformed", f"the body is no JSON-RPC message: {error}", now=now)
            return
        if envelope.id == number:
            self.settle(wire, envelope, now)
        else:
            self.ledger.failed(wire, *strange(envelope.id), now=now)

    def _end(self, wire: HttpWire, number: int, fault: Fault | None, now: int) -> None:
        if self.pending.pop(number, None) is None:
            return
        if fault is None:
            self.ledger.answered(wire, now, 1)
        else:
            self.ledger.failed(wire, *fault, now=now)
        # The stream is still open: the next request of this place must not wait for its end.
        self.driver.completed(self, 1, now)

    def _freed(self, wire: HttpWire) -> None:
        if not wire.open:
            return
        if self._waiting:
            operation, number, shot = self._waiting.popleft()
            wire.book, wire.due = shot.book, shot.due
            self._fire(wire, operation, number)
        else:
            self._idle.append(wire)

    # -- connections -----------------------------------------------------------------------------------------------

    def _fire(self, wire: HttpWire, operation: int, number: int) -> None:
        wire.number = number
        self.pending[number] = wire
        self.ledger.written(wire, monotonic_ns())
        wire.write(self._writers[operation](number))

    def _unused(self) -> HttpWire | None:
        while self._idle:
            wire = self._idle.pop()
            if wire.transport is not None:  # else the server closed it while nobody looked
                return wire
        return None

    def _connect_more(self) -> None:
        if self._connecting < len(self._waiting):
            self._connecting += 1
            self._loop.create_task(self._connect())

    async def _connect(self) -> None:
        try:
            wire = await self._dial()
        except McpctlError as error:
            self._refuse_one(error.message)
            return
        finally:
            self._connecting -= 1
        self._host.refused_since = None
        while self._waiting and self._waiting[0][1] not in self.pending:
            self._waiting.popleft()
        self._freed(wire)

    def _refuse_one(self, words: str) -> None:
        now = monotonic_ns()
        if self._host.refused(now):
            self.ready = False
            self.driver.lost(self, f"`{self.target.name}`: {words}")
        while self._waiting:
            _, number, shot = self._waiting.popleft()
            if self.pending.pop(number, None) is not None:
                self.ledger.failed(shot, "connection_lost", words)
                self._loop.call_later(_RETRY, self.driver.completed, self, 1, now)
                return

    async def _dial(self) -> HttpWire:
        wire = HttpWire(self, self.ledger.books[0])
        await dial(self._host.route, cast("Connection", wire))
        self._wires.add(wire)
        return wire

    async def _greet(self) -> None:
        host = self._host
        self._session, wire = await shake_hands(host, self._dial)
        self._head = host.head(self._session)
        self._writers = host.writers(self._head) if self._session is not None else host.common
        self._idle.append(wire)

    def _asked(self, envelope: jsonrpc.Envelope) -> None:
        """A question of the server inside a stream: declined on a connection of its own."""
        if envelope.id is not None:
            words = "a load generator answers no questions"
            body = jsonrpc.encode_error(envelope.id, jsonrpc.METHOD_NOT_FOUND, words)
            self._loop.create_task(self._decline(body))

    async def _decline(self, body: bytes) -> None:
        try:
            async with asyncio.timeout(self.target.start_timeout):
                wire = await self._dial()
                await wire.exchange(framed(self._head, body))
                wire.abort()
        except (McpctlError, TimeoutError):
            return  # the request that the question belongs to will tell
