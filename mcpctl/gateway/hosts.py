"""One host that shook hands over HTTP: many short requests on its side, one conversation on the server's."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import msgspec

from mcpctl.gateway.answers import Answer, refuse
from mcpctl.gateway.relay import Relay
from mcpctl.session.slot import Slot
from mcpctl.wire import jsonrpc
from mcpctl.wire.jsonrpc import Envelope, RequestId
from mcpctl.wire.serving import Reply

MOST_KEPT: Final = 256
"""Messages kept for a host that has no stream open; the oldest ones go first."""

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
    def __init__(self, identity: str, slot: Slot, *, refused: Callable[[HostSession], None]) -> None:
        """`refused` is called when server and host did not agree."""
        self.identity = identity
        self.slot = slot
        self.used_at = 0.0
        self._refused = refused
        self._answers: dict[RequestId, Answer] = {}
        self._tokens: dict[RequestId, RequestId] = {}
        self._stream: Answer | None = None
        self._kept: deque[bytes] = deque(maxlen=MOST_KEPT)
        self._greeting: RequestId | None = None
        self._relay = Relay(slot, self._send)
        self._clock = asyncio.get_running_loop().time
        self._touch()

    @property
    def busy(self) -> bool:
        return bool(self._answers) or self._stream is not None

    def take(self, envelope: Envelope, message: bytes, reply: Reply) -> None:
        """One message of the host."""
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
        self._answers[identity] = answer = Answer(reply, headers=headers, streams=not greeting)
        reply.gone = answer.abandon  # which does not mean that the host wants no answer, says the protocol
        if b'"progressToken"' in message and (token := _facts(envelope).meta) and token.token is not None:
            self._tokens[token.token] = identity
        self._relay.receive(message)

    def listen(self, reply: Reply) -> None:
        """The host's standing stream."""
        if self._stream is not None:
            refuse(reply, 409, jsonrpc.INVALID_REQUEST, "this session has its stream already")
            return
        self._touch()
        self._stream = stream = Answer(reply, headers={SESSION: self.identity})
        reply.gone = self._unlistened
        stream.open()
        while self._kept:
            stream.send(self._kept.popleft())

    def close(self) -> None:
        self._relay.close()
        answers, self._answers = self._answers, {}
        for answer in answers.values():
            answer.close()
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    # -- to the host -----------------------------------------------------------------------------------------------

    def _send(self, message: bytes) -> None:
        envelope = jsonrpc.decode(message)
        if envelope.method is not None:
            self._say(envelope, envelope.method, message)
            return
        assert envelope.id is not None
        answer = self._drop(envelope.id)
        if answer is not None:
            answer.finish(message)
        if envelope.id == self._greeting:
            self._greeting = None
            if envelope.error:
                self._refused(self)

    def _say(self, envelope: Envelope, method: str, message: bytes) -> None:
        carrier = None
        if method == "notifications/progress" and (token := _facts(envelope).token) is not None:
            carrier = self._answers.get(self._tokens.get(token, ""))
        if carrier is None and not (method.endswith(_UNRELATED) and self._stream is not None):
            carrier = self._latest()
        carrier = carrier or self._stream
        if carrier is None:
            self._kept.append(message)
        else:
            carrier.send(message)

    def _latest(self) -> Answer | None:
        """What a server says while it works belongs most likely to the last request it got."""
        return next((answer for answer in reversed(self._answers.values()) if answer.reply.open), None)

    def _cancelled(self, facts: _Params) -> None:
        if facts.request_id is not None and (answer := self._drop(facts.request_id)) is not None:
            answer.close()

    def _drop(self, identity: RequestId) -> Answer | None:
        self._touch()
        for token in [token for token, whose in self._tokens.items() if whose == identity]:
            del self._tokens[token]
        return self._answers.pop(identity, None)

    def _unlistened(self) -> None:
        self._touch()
        if self._stream is not None:
            self._stream.abandon()
            self._stream = None

    def _touch(self) -> None:
        self.used_at = self._clock()


def _facts(envelope: Envelope) -> _Params:
    try:
        params: Any = bytes(envelope.params)
        return _params(params or b"{}")
    except msgspec.MsgspecError:
        return _Params()
