"""All hosts of the stateless era behind one process: each request stands alone, and its stream is its whole life.

Ids and progress tokens are exchanged for ones that no two hosts share; everything else stays the text it was.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

import msgspec

from mcpctl.errors import ProtocolError
from mcpctl.gateway.answers import Answer, refuse
from mcpctl.gateway.party import Party
from mcpctl.gateway.payloads import member, members, text_of, with_meta
from mcpctl.gateway.relay import Relay
from mcpctl.gateway.routing_facts import RequestFacts, mirrored_fault
from mcpctl.model.protocol import HANDSHAKE_VERSIONS, JsonObject, Listing
from mcpctl.session.dialect import SUBSCRIPTION_ID, StatelessDialect
from mcpctl.session.negotiate import UNSUPPORTED_VERSION
from mcpctl.session.param_headers import tokens_of
from mcpctl.supervisor.greeting import BROAD
from mcpctl.wire import jsonrpc
from mcpctl.wire.jsonrpc import Envelope, RequestId
from mcpctl.wire.reply import Reply

STATUSES: Final = {-32700: 400, -32600: 400, -32602: 400, -32601: 404, -32020: 400, -32021: 400, -32022: 400}
"""The status of HTTP that goes with an error, where the answer is not a stream yet."""

SILENCE: Final = 60.0
"""Seconds without a request after which a process that cannot run twice is free for hosts that shake hands."""

_encode = msgspec.json.encode


class _Error(msgspec.Struct):
    code: int = 0


@dataclass(slots=True, kw_only=True)
class _Ticket:
    """One request of a host, under our own id."""

    answer: Answer
    identity: RequestId
    token: RequestId | None
    logs: bool


class StatelessHosts:
    def __init__(self, party: Party) -> None:
        self.party = party
        self.slot = party.slot
        self._relay = Relay(party, self._send)
        self._tickets: dict[str, _Ticket] = {}
        self._keys = count(1)
        self._listing: Listing | None = None
        self._schemas: dict[str, JsonObject] = {}
        self._clock = asyncio.get_running_loop().time
        self._used_at = self._clock()

    @property
    def fits(self) -> bool:
        """Whether the server speaks this era, as far as is known."""
        live = self.slot.live
        identity = live.identity if live is not None else None
        return identity is None or identity.era == "stateless"

    @property
    def left(self) -> bool:
        """Whether nobody seems to be there any more: such hosts say no goodbye."""
        return not self._tickets and self._clock() - self._used_at > SILENCE

    async def prepare(self) -> None:
        """Start the server and find out whether it speaks this era. Raises `McpctlError` where it does not start."""
        params, _ = StatelessDialect({}).dress("server/discover", None, None)
        with contextlib.suppress(ProtocolError):
            await self.party.discover(_encode(params))
            await self.slot.list("tools/list", BROAD)

    def take(
        self, envelope: Envelope, facts: RequestFacts, headers: Mapping[bytes, bytes], reply: Reply
    ) -> None:
        assert envelope.id is not None
        assert envelope.method is not None
        if envelope.method == "tools/call" and (schema := self._mirroring(facts.name)) is not None:
            arguments = msgspec.json.decode(member(bytes(envelope.params), "arguments"))
            fault = mirrored_fault(schema, arguments if isinstance(arguments, dict) else {}, headers)
            if fault is not None:
                refuse(reply, 400, fault.code, fault.message, identity=envelope.id)
                return
        if not self.fits and envelope.method != "server/discover":
            unspoken(reply, envelope, facts)
            return
        self._used_at = self._clock()
        key = f"host-{next(self._keys)}"
        answer = Answer(reply)
        self._tickets[key] = _Ticket(
            answer=answer, identity=envelope.id, token=facts.token, logs=facts.log_level is not None
        )
        reply.gone = lambda: self._left(key)
        params: Any = msgspec.Raw(bytes(envelope.params))
        if facts.token is not None:
            params = with_meta(bytes(envelope.params), "progressToken", key)
        self._relay.receive(jsonrpc.encode_request(key, envelope.method, params))

    def close(self) -> None:
        """Its hosts hear no more; the party is given back by whoever took it."""
        self._relay.close()
        tickets, self._tickets = self._tickets, {}
        for ticket in tickets.values():
            ticket.answer.close()

    def _mirroring(self, tool: str | None) -> JsonObject | None:
        """The schema of a tool that wants arguments repeated as headers."""
        listing = self.slot.catalog.recent("tools/list")
        if listing is not None and listing is not self._listing:  # else what was known last has to do
            self._listing = listing
            schemas = {each["name"]: each.get("inputSchema") for each in listing.items}
            self._schemas = {
                name: schema
                for name, schema in schemas.items()
                if isinstance(schema, dict) and tokens_of(schema)
            }
        return self._schemas.get(tool or "")

    def _left(self, key: str) -> None:
        """A host that closes the stream of its request takes the request back."""
        ticket = self._tickets.pop(key, None)
        if ticket is not None:
            ticket.answer.abandon()
            about = {"requestId": key, "reason": "the host closed its stream"}
            self._relay.receive(jsonrpc.encode_notification("notifications/cancelled", about))

    # -- to the hosts ----------------------------------------------------------------------------------------------

    def _send(self, message: bytes) -> None:
        envelope = jsonrpc.decode(message)
        if envelope.method is not None and envelope.id is not None:
            said = "in this version of the protocol a server asks in its answers"
            self._relay.receive(jsonrpc.encode_error(envelope.id, jsonrpc.METHOD_NOT_FOUND, said))
        elif envelope.method is not None:
            self._say(envelope.method, bytes(envelope.params))
        elif (ticket := self._tickets.pop(str(envelope.id), None)) is not None:
            self._answer(ticket, envelope)

    def _answer(self, ticket: _Ticket, envelope: Envelope) -> None:
        answer = {"jsonrpc": "2.0", "id": ticket.identity}
        if envelope.error:
            code = msgspec.json.decode(bytes(envelope.error), type=_Error).code
            ticket.answer.finish(_encode({**answer, "error": envelope.error}), STATUSES.get(code, 200))
        else:
            ticket.answer.finish(_encode({**answer, "result": envelope.result}))

    def _say(self, method: str, params: bytes) -> None:
        if method == "notifications/progress":
            self._progress(method, params)
            return
        key = (
            text_of(member(params, "_meta"), SUBSCRIPTION_ID) if SUBSCRIPTION_ID.encode() in params else None
        )
        if key is not None and (ticket := self._tickets.get(key)) is not None:
            renamed = with_meta(params, SUBSCRIPTION_ID, ticket.identity)
            ticket.answer.send(jsonrpc.encode_notification(method, renamed))
        elif method == "notifications/message" and key is None:
            self._log(jsonrpc.encode_notification(method, msgspec.Raw(params)))

    def _progress(self, method: str, params: bytes) -> None:
        ticket = self._tickets.get(text_of(params, "progressToken") or "")
        if ticket is not None:
            renamed = {**members(params), "progressToken": ticket.token}
            ticket.answer.send(jsonrpc.encode_notification(method, renamed))

    def _log(self, message: bytes) -> None:
        """Nothing on a pipe tells whose request a log line belongs to: the last one that wanted any has it."""
        for ticket in reversed(self._tickets.values()):
            if ticket.logs:
                ticket.answer.send(message)
                return


def unspoken(reply: Reply, envelope: Envelope, facts: RequestFacts) -> None:
    """Tell a host that it has to shake hands."""
    about = {"supported": list(HANDSHAKE_VERSIONS), "requested": facts.version}
    said = "the server speaks versions with a handshake only"
    refuse(reply, 400, UNSUPPORTED_VERSION, said, identity=envelope.id, data=about)
