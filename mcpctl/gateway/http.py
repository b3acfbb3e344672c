"""The HTTP face of an endpoint: `/mcp` in both eras of the protocol, for any number of hosts at once."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine
from typing import Any, Final

import msgspec

from mcpctl.errors import ConnectError, McpctlError
from mcpctl.gateway.answers import refuse
from mcpctl.gateway.guests import UNREACHABLE
from mcpctl.gateway.hosts import SESSION, HostSession
from mcpctl.gateway.lanes import lanes_of
from mcpctl.gateway.routing_facts import RequestFacts, facts_of, fault_of
from mcpctl.gateway.stateless import STATUSES, StatelessHosts, unspoken
from mcpctl.gateway.visitors import Visitors
from mcpctl.model.protocol import HANDSHAKE_VERSIONS, MODERN_VERSION
from mcpctl.model.server import DEFAULT_MAX_MESSAGE
from mcpctl.session.negotiate import UNSUPPORTED_VERSION
from mcpctl.supervisor.fleet import Fleet
from mcpctl.wire import jsonrpc
from mcpctl.wire.jsonrpc import Envelope
from mcpctl.wire.reply import Reply
from mcpctl.wire.serving import Bounds, HttpServer, Request

PATH: Final = "/mcp"

BOUNDS: Final = Bounds(body=DEFAULT_MAX_MESSAGE, clients=512, patience=60.0)

MOST_SESSIONS: Final = 64
"""Hosts that shook hands; most have a process of their own."""

SESSION_IDLE: Final = 1800.0
"""Seconds without a request or an open stream after which a session ends: hosts that crash say no goodbye."""

SWEEP: Final = 30.0
"""Seconds between two looks for idle sessions."""

REMOVED: Final = frozenset({"initialize", "ping"})
"""What the stateless era knows no longer, and what would be answered on the way."""

RESUMING: Final = "2025-11-25"
"""The version since which a stream may begin with an event that only tells its id. Versions are dates."""

PARSE_ERROR: Final = -32700
_METHODS: Final = "GET, POST, DELETE"


class HttpFace:
    def __init__(self, fleet: Fleet, server: str, visitors: Visitors, *, bounds: Bounds = BOUNDS) -> None:
        self._lanes = lanes_of(fleet, server)
        self._visitors = visitors
        self._http = HttpServer(self._handle, bounds)
        self._sessions: dict[str, HostSession] = {}
        self._stateless: StatelessHosts | None = None
        self._turn = asyncio.Lock()
        """Hosts get their processes one after the other."""
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def sessions(self) -> int:
        return len(self._sessions)

    async def start(self, host: str, port: int) -> str:
        """The URL for hosts. Raises `ConnectError`."""
        url = await self._http.start(host, port)
        self._do(self._sweep())
        return url + PATH

    async def aclose(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for session in self._sessions.values():
            session.close()
            session.party.close()
        self._sessions.clear()
        if self._stateless is not None:
            self._stateless.close()
            self._stateless.party.close()
            self._stateless = None
        await self._http.aclose()

    # -- requests --------------------------------------------------------------------------------------------------

    def _handle(self, request: Request, reply: Reply) -> None:
        if request.path.rstrip("/") != PATH:
            reply.respond(404)
        elif (objection := self._visitors.objection(request.headers)) is not None:
            refuse(reply, 403, jsonrpc.INVALID_REQUEST, objection)
        elif request.method == "POST":
            self._post(request, reply)
        elif request.method not in ("GET", "DELETE") or _is_stateless(request):
            reply.respond(405, headers={"allow": "POST" if _is_stateless(request) else _METHODS})
        elif request.method == "GET" and not _accepts(request, b"text/event-stream"):
            refuse(reply, 406, jsonrpc.INVALID_REQUEST, "`Accept` must have `text/event-stream`")
        elif (session := self._session(request, reply)) is not None:
            if request.method == "GET":
                session.listen(reply, request.headers.get(b"last-event-id"), resumes=_resumes(request))
            else:
                self._do(self._end(session))
                reply.respond(200)

    def _post(self, request: Request, reply: Reply) -> None:
        media = request.headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
        if media != b"application/json":
            refuse(reply, 415, jsonrpc.INVALID_REQUEST, "`Content-Type` must be `application/json`")
            return
        if not (_accepts(request, b"application/json") and _accepts(request, b"text/event-stream")):
            said = "`Accept` must have `application/json` and `text/event-stream`"
            refuse(reply, 406, jsonrpc.INVALID_REQUEST, said)
            return
        try:
            envelope = jsonrpc.decode(request.body)
        except (msgspec.ValidationError, UnicodeDecodeError) as error:
            refuse(reply, 400, jsonrpc.INVALID_REQUEST, f"this is no message of JSON-RPC: {error}")
            return
        except Exception:  # whatever else a decoder finds wrong with bytes of a stranger
            refuse(reply, 400, PARSE_ERROR, "this is no JSON")
            return
        facts = facts_of(envelope, request.headers)
        if facts.stateless:
            self._alone(envelope, facts, request, reply)
        elif facts.version not in (None, *HANDSHAKE_VERSIONS):
            about = {"supported": [MODERN_VERSION, *HANDSHAKE_VERSIONS], "requested": facts.version}
            said = f"version `{facts.version}` is not spoken here"
            refuse(reply, 400, UNSUPPORTED_VERSION, said, identity=envelope.id, data=about)
        elif envelope.method == "initialize" and SESSION.encode() not in request.headers:
            self._do(self._welcome(envelope, request.body, reply))
        elif (session := self._session(request, reply, envelope)) is not None:
            session.take(envelope, request.body, reply, resumes=_resumes(request))

    def _session(
        self, request: Request, reply: Reply, envelope: Envelope | None = None
    ) -> HostSession | None:
        identity = None if envelope is None else envelope.id
        named = request.headers.get(SESSION.encode())
        if named is None:
            refuse(
                reply,
                400,
                jsonrpc.INVALID_REQUEST,
                "the `Mcp-Session-Id` header is missing",
                identity=identity,
            )
            return None
        session = self._sessions.get(named.decode("latin-1"))
        if session is None:
            refuse(reply, 404, jsonrpc.INVALID_REQUEST, "there is no such session", identity=identity)
        return session

    def _alone(self, envelope: Envelope, facts: RequestFacts, request: Request, reply: Reply) -> None:
        """A request that brings all that is to be known about it."""
        if envelope.method is None:
            refuse(reply, 400, jsonrpc.INVALID_REQUEST, "a server of this version asks no questions")
        elif envelope.id is None:
            reply.respond(202)  # what a host could cancel, it cancels by closing the stream of the request
        elif (fault := fault_of(envelope, facts, request.headers)) is not None:
            status = STATUSES.get(fault.code, 400)
            refuse(reply, status, fault.code, fault.message, identity=envelope.id, data=fault.data)
        elif envelope.method in REMOVED:
            said = f"`{envelope.method}` is not of this version"
            refuse(reply, 404, jsonrpc.METHOD_NOT_FOUND, said, identity=envelope.id)
        elif self._stateless is not None:
            self._stateless.take(envelope, facts, request.headers, reply)
        else:
            self._do(self._first(envelope, facts, request, reply))

    # -- what takes time -------------------------------------------------------------------------------------------

    async def _welcome(self, envelope: Envelope, message: bytes, reply: Reply) -> None:
        async with self._turn:
            try:
                session = await self._new_session()
            except McpctlError as error:
                refuse(reply, 503, UNREACHABLE, error.message, identity=envelope.id)
                return
        session.take(envelope, message, reply)

    async def _new_session(self) -> HostSession:
        stateless = self._stateless
        if stateless is not None and (not stateless.fits or (self._lanes.alone and stateless.left)):
            # A host asked whether the server speaks the newer protocol; it does not, or the host has gone.
            self._stateless = None
            stateless.close()
            await self._lanes.give_back(stateless.party)
        if len(self._sessions) >= MOST_SESSIONS:
            await self._make_room()
        party = await self._lanes.take()
        identity = secrets.token_urlsafe(24)
        session = HostSession(identity, party, refused=lambda session: self._do(self._end(session)))
        self._sessions[identity] = session
        return session

    async def _first(self, envelope: Envelope, facts: RequestFacts, request: Request, reply: Reply) -> None:
        async with self._turn:
            if self._lanes.shared and self._stateless is None:
                unspoken(reply, envelope, facts)
                return
            try:
                stateless = self._stateless or await self._new_stateless()
            except McpctlError as error:
                refuse(reply, 503, UNREACHABLE, error.message, identity=envelope.id)
                return
        stateless.take(envelope, facts, request.headers, reply)

    async def _new_stateless(self) -> StatelessHosts:
        stateless = StatelessHosts(await self._lanes.take(stateless=True))
        try:
            await stateless.prepare()
        except BaseException:
            stateless.close()
            await self._lanes.give_back(stateless.party)
            raise
        self._stateless = stateless
        return stateless

    async def _end(self, session: HostSession) -> None:
        if self._sessions.pop(session.identity, None) is not None:
            session.close()
            await self._lanes.give_back(session.party)

    async def _make_room(self) -> None:
        idle = [session for session in self._sessions.values() if not session.busy]
        if not idle:
            raise ConnectError(f"{MOST_SESSIONS} hosts are connected already", code="connect.full")
        await self._end(min(idle, key=lambda session: session.used_at))

    async def _sweep(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(SWEEP)
            latest = clock() - SESSION_IDLE
            idle = [each for each in self._sessions.values() if not each.busy and each.used_at < latest]
            await asyncio.gather(*(self._end(session) for session in idle), return_exceptions=True)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waited for it has been answered, or has gone


def _is_stateless(request: Request) -> bool:
    return request.headers.get(b"mcp-protocol-version", b"") == MODERN_VERSION.encode()


def _resumes(request: Request) -> bool:
    """Whether the version that the host speaks has events with nothing but an id."""
    return request.headers.get(b"mcp-protocol-version", b"") >= RESUMING.encode()


def _accepts(request: Request, media: bytes) -> bool:
    accepted = request.headers.get(b"accept", b"*/*").lower()
    kind = media.partition(b"/")[0] + b"/*"
    return media in accepted or b"*/*" in accepted or kind in accepted
