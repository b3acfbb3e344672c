"""One host that shook hands over HTTP: many short requests on its side, one conversation on the server's.

What was said on a stream whose connection broke is said again to a host that comes back for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Any, Final

import msgspec

from mcpctl.gateway.answers import Answer, refuse
from mcpctl.gateway.party import Party
from mcpctl.gateway.relay import Relay
from mcpctl.gateway.replay import EventId, Replay, event_id
from mcpctl.gateway.streams import Stream, whole
from mcpctl.wire import jsonrpc
from mcpctl.wire.jsonrpc import Envelope, RequestId
from mcpctl.wire.reply import Reply

SESSION: Final = "mcp-session-id"

_UNRELATED: Final = ("list_changed", "resources/updated")
"""Ends of the names of what a server says on its own account, not in the course of a request."""


class _Meta(msgspec.Struct):
    token: int | str | None = msgspec.field(name="progressToken", default=None)


class _Params(msgspec.Struct):
    meta: _Meta | None = msgspec.field(name="_meta", default=None)
    token: int | str | None = msgspec.field(name="progressToken", default=None)
    request_id: int | str | None = msgspec.field(name="requestId", default=None)


_params = msgspec.json.Decoder(_Params).decode


class HostSession:
    def __init__(self, identity: str, party: Party, *, refused: Callable[[HostSession], None]) -> None:
        """`refused` is called when server and host did not agree."""
        self.identity = identity
        self.party = party
        self.used_at = 0.0
        self._refused = refused
        self._replay = Replay()
        self._standing = Stream(0, self._replay)
        """What a server says on its own account."""
        self._answers: dict[RequestId, Stream] = {}
        self._tokens: dict[RequestId, RequestId] = {}
        self._numbers = count(1)
        self._greeting: RequestId | None = None
        self._relay = Relay(party, self._send)
        self._clock = asyncio.get_running_loop().time
        self._touch()

    @property
    def busy(self) -> bool:
        return bool(self._answers) or self._standing.open

    def take(self, envelope: Envelope, message: bytes, reply: Reply, *, resumes: bool = False) -> None:
        """One message of the host. `resumes`: it knows what to do with an event that only has an id."""
        self._touch()
        identity = envelope.id
        if envelope.method is None or identity is None:
            if envelope.method == "notifications/cancelled":
                self._cancelled(_facts(envelope))
            self._relay.receive(message)
            reply.respond(202)
            return
        if identity in self._answers:
            refuse(reply, 400, jsonrpc.INVALID_REQUEST, "this id is in use", identity=identity)
            return
        greeting = envelope.method == "initialize"
        if greeting:
            self._greeting = identity
        headers = {SESSION: self.identity} if greeting else None
        self._answers[identity] = stream = Stream(next(self._numbers), self._replay)
        start = str(stream.start) if resumes else None
        stream.connect(Answer(reply, headers=headers, streams=not greeting, start=start))
        if b'"progressToken"' in message and (token := _facts(envelope).meta) and token.token is not None:
            self._tokens[token.token] = identity
        self._relay.receive(message)

    def listen(self, reply: Reply, after: bytes | None = None, *, resumes: bool = False) -> None:
        """The host's standing stream, or with the last event that it got, whichever stream that was of."""
        self._touch()
        if after is not None:
            self._resume(reply, event_id(after))
        elif self._standing.open:
            refuse(reply, 409, jsonrpc.INVALID_REQUEST, "this session has its stream already")
        else:
            start = str(self._standing.start) if resumes else None
            self._stand(Answer(reply, headers={SESSION: self.identity}, start=start), self._standing.start)

    def close(self) -> None:
        self._relay.close()
        answers, self._answers = self._answers, {}
        for stream in (*answers.values(), self._standing):
            stream.close()

    # -- to the host -----------------------------------------------------------------------------------------------

    def _send(self, message: bytes) -> None:
        envelope = jsonrpc.decode(message)
        if envelope.method is not None:
            self._say(envelope, envelope.method, message)
            return
        assert envelope.id is not None
        stream = self._drop(envelope.id)
        if stream is not None:
            stream.finish(message)
        if envelope.id == self._greeting:
            self._greeting = None
            if envelope.error:
                self._refused(self)

    def _say(self, envelope: Envelope, method: str, message: bytes) -> None:
        carrier = None
        if method == "notifications/progress" and (token := _facts(envelope).token) is not None:
            carrier = self._answers.get(self._tokens.get(token, ""))
        if carrier is None and not (method.endswith(_UNRELATED) and self._standing.open):
            carrier = self._latest()
        (carrier or self._standing).send(message)

    def _latest(self) -> Stream | None:
        """What a server says while it works belongs most likely to the last request it got."""
        return next((stream for stream in reversed(self._answers.values()) if stream.open), None)

    def _resume(self, reply: Reply, after: EventId | None) -> None:
        answer = Answer(reply, headers={SESSION: self.identity})
        if after is not None and not after.stream:
            self._stand(answer, after)
            return
        if after is not None:
            live = next((each for each in self._answers.values() if each.number == after.stream), None)
            if live.resume(answer, after) if live is not None else self._repeat(answer, after):
                return
        answer.abandon()
        refuse(reply, 400, jsonrpc.INVALID_REQUEST, "what followed this event is not kept")

    def _stand(self, answer: Answer, after: EventId) -> None:
        self._standing.resume(answer, after)

        def gone() -> None:
            self._touch()
            answer.abandon()

        answer.reply.gone = gone

    def _repeat(self, answer: Answer, after: EventId) -> bool:
        """The end of a stream whose request has been answered while its host was away."""
        missed = self._replay.after(after)
        complete = whole(after, missed) and missed[-1].last if missed else self._replay.ended_with(after)
        if complete:
            answer.open()
            for each in missed:
                answer.send(each.message, str(each.identity))
            answer.close()
        return complete

    def _cancelled(self, facts: _Params) -> None:
        if facts.request_id is not None and (stream := self._drop(facts.request_id)) is not None:
            stream.close()

    def _drop(self, identity: RequestId) -> Stream | None:
        self._touch()
        for token in [token for token, whose in self._tokens.items() if whose == identity]:
            del self._tokens[token]
        return self._answers.pop(identity, None)

    def _touch(self) -> None:
        self.used_at = self._clock()


def _facts(envelope: Envelope) -> _Params:
    try:
        params: Any = bytes(envelope.params)
        return _params(params or b"{}")
    except msgspec.MsgspecError:
        return _Params()
