"""What all HTTP sessions of one server share, and what is wrong with an answer as HTTP tells it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from mcpctl.errors import ConnectError
from mcpctl.loadtest.answers import Fault, judge
from mcpctl.loadtest.http_wire import HttpWire, Known, Reply
from mcpctl.loadtest.plan import Target
from mcpctl.loadtest.requests import PostRequest, Write, head_of
from mcpctl.wire import jsonrpc
from mcpctl.wire.address import Address, parse_address
from mcpctl.wire.dial import Route, route_to
from mcpctl.wire.jsonrpc import RequestId
from mcpctl.wire.tls import tls_files

GIVE_UP = 2.0
"""Seconds of nothing but refused connections after which the server counts as gone."""

GOOD, ACCEPTED = 200, 202
KEEPS_METHOD = (307, 308)

_MAX_REDIRECTS = 5
"""A trailing slash is one."""

Dial = Callable[[], Awaitable[HttpWire]]


class Host:
    """What all sessions of one server share: where it is, its operations, and whether it is still there."""

    def __init__(self, target: Target, requests: Mapping[int, PostRequest]) -> None:
        assert target.url is not None
        self.target = target
        self.address: Address = parse_address(target.url)
        files = tls_files(
            target.env, ca_file=target.ca_file, client_cert=target.client_cert, client_key=target.client_key
        )
        self.route: Route = route_to(self.address, env=target.env, files=files)
        self.requests = requests
        self.heads: dict[bytes, Known] = {}
        self.common = self.writers(self.head(None))
        self.refused_since: int | None = None
        self.known = False
        """Whether a first request was answered: then the address is where requests are wanted."""

    def follow(self, reply: Reply) -> bool:
        """Go where a redirect leads, if that is on the same origin; credentials belong to no other."""
        there = self.address.join(reply.headers.get(b"location", b"").decode("latin-1"))
        if there.origin != self.address.origin:
            return False
        self.address = there
        self.common = self.writers(self.head(None))
        return True

    def head(self, session: bytes | None) -> bytes:
        return head_of(self.target, self.address, route=self.route, session=session)

    def farewell(self, session: bytes | None) -> bytes:
        """The request that ends a session."""
        head = head_of(self.target, self.address, route=self.route, session=session, verb="DELETE")
        return head + b"content-length: 0\r\n\r\n"

    def writers(self, head: bytes) -> dict[int, Write]:
        return {place: request.writer(head) for place, request in self.requests.items()}

    def refused(self, now: int) -> bool:
        """Note a connection that failed; true once there has been nothing else for too long."""
        if self.refused_since is None:
            self.refused_since = now
        return (now - self.refused_since) / 1e9 >= GIVE_UP


async def shake_hands(host: Host, dial: Dial) -> tuple[bytes | None, HttpWire]:
    """The handshake of a session: its id, where it has one, and a connection that is free. Raises `McpctlError`."""
    reply, wire = await _asked(host, await dial(), dial, "initialize")
    session = reply.headers.get(b"mcp-session-id")
    ready = jsonrpc.encode_notification("notifications/initialized")
    await wire.exchange(framed(host.head(session), ready))
    return session, wire if wire.open else await dial()


async def look_around(host: Host, dial: Dial) -> HttpWire:
    """The stateless era has no handshake; still, the first one to come finds out where a redirect leads."""
    wire = await dial()
    if host.known:
        return wire
    _, wire = await _asked(host, wire, dial, "server/discover")
    return wire


async def _asked(host: Host, wire: HttpWire, dial: Dial, method: str) -> tuple[Reply, HttpWire]:
    """The answer to the first request, wherever on this origin the server wants it."""
    target = host.target
    body = jsonrpc.encode_request(0, method, dict(target.initialize))
    stateless = f"mcp-method: {method}\r\n".encode() if target.era == "stateless" else b""
    for _ in range(_MAX_REDIRECTS):
        reply = await wire.exchange(framed(host.head(None) + stateless, body))
        wire = wire if wire.open else await dial()
        if reply.status == GOOD:
            jsonrpc.result_of(jsonrpc.decode(reply.body), server=target.name)
            host.known = True
            return reply, wire
        if reply.status not in KEEPS_METHOD or not host.follow(reply):
            break
    raise ConnectError(
        f"`{target.name}` answered `{method}` with HTTP status {reply.status}",
        code="connect.http",
        http_status=reply.status,
        server=target.name,
    )


def framed(head: bytes, body: bytes) -> bytes:
    return b"%bcontent-length: %d\r\n\r\n%b" % (head, len(body), body)


def strange(number: RequestId | None) -> Fault:
    if number is None:
        return Fault("malformed", "the answer carries no id")
    return Fault("crosstalk", f"the answer carries the id {number}, which belongs to another request")


def fault_of(reply: Reply, kind: bytes) -> Fault:
    if not reply.status:
        return Fault("malformed", reply.body.decode("utf-8", "replace"))
    if reply.status == GOOD:
        events = kind.startswith(b"text/event-stream")
        why = "the stream ended without an answer" if events else f"its type is `{kind.decode('latin-1')}`"
        return Fault("malformed", f"the body holds no answer: {why}")
    if reply.status == ACCEPTED:
        return Fault("malformed", "the server accepted the request (HTTP status 202) and answered nothing")
    if kind.startswith(b"application/json") and (refusal := _refusal_in(reply.body)) is not None:
        return refusal
    words = reply.body[:200].decode("utf-8", "replace")
    return Fault(
        "http_status", f"HTTP status {reply.status}: {words}" if words else f"HTTP status {reply.status}"
    )


def _refusal_in(body: bytes) -> Fault | None:
    """The JSON-RPC error that a server wraps into an HTTP status of its own."""
    try:
        fault = judge(jsonrpc.decode(body))
    except Exception:  # then the status has to speak for itself
        return None
    return fault if fault is not None and fault.kind == "rpc_error" else None
