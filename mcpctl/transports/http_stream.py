"""Event streams by GET: the standing one of a session, and the continuation of one that was cut.

A stream that can be resumed is, with `Last-Event-ID` and as slowly as the server asks. Time is bounded by whoever
waits; attempts that bring nothing new are counted here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from mcpctl.errors import ConnectError, McpctlError, UsageError
from mcpctl.transports.channel import ChannelFacts
from mcpctl.transports.endpoint import MAX_REDIRECTS, Endpoint, too_many_redirects
from mcpctl.transports.http_call import Call
from mcpctl.transports.http_post import FIRST_REDIRECT, FIRST_REFUSAL, MAX_EXPLANATION, Sender
from mcpctl.wire.events import Event, EventParser
from mcpctl.wire.http import Exchange, Headers, media_type
from mcpctl.wire.jsonrpc import too_large

SUCCESS = 200
FIRST_FAULT = 500
"""The server's own, and so it may pass."""
BASE_DELAY = 1.0
"""Seconds before a reconnection where the server named none."""
MIN_DELAY = 0.05
MAX_DELAY = 30.0
"""Seconds; `retry: 0` must not spin, and a server that comes back should not wait for us all day."""
MAX_FRUITLESS = 2
"""Reconnections in a row that bring no new event id before a call is given up."""


class EventStream(Exchange):
    """One GET at a time, read until it ends; `status` 0 means that no answer came."""

    __slots__ = ("_ended", "_endpoint", "_facts", "_heard", "_size", "events", "reply", "status")

    def __init__(
        self, endpoint: Endpoint, events: EventParser, *, facts: ChannelFacts, heard: Callable[[Event], None]
    ) -> None:
        super().__init__()
        self.events = events
        self.status = 0
        self.reply: Headers = {}
        self._endpoint = endpoint
        self._facts = facts
        self._heard = heard
        self._ended: asyncio.Future[McpctlError | None] = asyncio.get_running_loop().create_future()
        self._size = 0

    @property
    def streaming(self) -> bool:
        return self.status == SUCCESS and media_type(self.reply) == b"text/event-stream"

    async def run(self) -> McpctlError | None:
        """Follow the stream to its end; the error that cut it, or none. Cancel it to close the connection."""
        target = None
        for _ in range(MAX_REDIRECTS + 1):
            error = await self._run_once(target)
            if error is not None or not FIRST_REDIRECT <= self.status < FIRST_REFUSAL:
                return error
            try:
                target = self._endpoint.redirect(self.status, self.reply, target=target)
            except McpctlError as refusal:
                return refusal
        return too_many_redirects(self.status, self.reply)

    def headed(self, status: int, headers: Headers) -> None:
        self.status = status
        self.reply = headers

    def received(self, chunk: bytes) -> None:
        self._facts.bytes_in += len(chunk)
        if self.streaming:
            for event in self.events.feed(chunk):
                self._heard(event)
            return
        self._size += len(chunk)
        if self._size > MAX_EXPLANATION:
            raise too_large(MAX_EXPLANATION)

    def finished(self) -> None:
        if not self._ended.done():
            self._ended.set_result(None)

    def failed(self, error: McpctlError) -> None:
        if not self._ended.done():
            self._ended.set_result(error)

    async def _run_once(self, target: str | None) -> McpctlError | None:
        self.status = 0
        self.events.restart()
        self._ended = asyncio.get_running_loop().create_future()
        headers = {"accept": "text/event-stream", "cache-control": "no-store"}
        if self.events.last_id is not None:
            headers["last-event-id"] = self.events.last_id.decode("latin-1")
        try:
            self._endpoint.send(self, "GET", headers, target=target)
            return await self._ended
        except UsageError as error:  # an event id that no header can carry
            return error
        finally:
            self.abandon()


async def resume(sender: Sender, call: Call, events: EventParser, error: McpctlError) -> None:
    """Wait for the answer to `call` on the continuation of its stream; its failure stays `error`, the first cause."""

    def heard(event: Event) -> None:
        _hear(sender, event)
        if not sender.peer.waits_for(call.request_id):
            stream.finished()

    stream = EventStream(sender.endpoint, events, facts=sender.facts, heard=heard)
    fruitless = 0
    while fruitless < MAX_FRUITLESS:
        await asyncio.sleep(delay(events))
        before = events.last_id
        await stream.run()
        if not sender.peer.waits_for(call.request_id):
            sender.settled(call)
            return
        if stream.status and not stream.streaming:
            break
        fruitless = 0 if events.last_id != before else fruitless + 1
    if stream.streaming:
        tried = "resuming it brought nothing"
    else:
        tried = f"resuming it failed ({f'HTTP {stream.status}' if stream.status else 'no answer'})"
    message = f"{error.message}, and {tried}"
    call.lost(ConnectError(message, code="connect.stream_cut"))


async def listen(sender: Sender) -> None:
    """Keep the standing stream of a session open; a server that has none says so, and that is that."""
    events = EventParser(sender.limit)
    stream = EventStream(
        sender.endpoint, events, facts=sender.facts, heard=lambda event: _hear(sender, event)
    )
    failures = 0
    clock = asyncio.get_running_loop().time
    while True:
        heard, started = sender.facts.messages_in, clock()
        await stream.run()
        if stream.status and not stream.streaming and stream.status < FIRST_FAULT:
            return
        useful = sender.facts.messages_in > heard or clock() - started > MAX_DELAY
        failures = 0 if stream.streaming and useful else failures + 1
        await asyncio.sleep(min(delay(events) * 2 ** min(failures, 5), MAX_DELAY))


def delay(events: EventParser) -> float:
    return min(max(BASE_DELAY if events.retry is None else events.retry, MIN_DELAY), MAX_DELAY)


def _hear(sender: Sender, event: Event) -> None:
    if event.data and event.type == b"message":
        sender.hear(event.data)
