"""Operations as bytes that only lack an id: what is the same in every request is put together once.

Ids count up from a number of ten digits, so that every request of a generator has the same length, and no two
generators ever use the same one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from json import loads

from mcpctl import __version__
from mcpctl.loadtest.plan import Operation, Target
from mcpctl.loadtest.templates import Draws, Part, compile_parts, expand, parse
from mcpctl.session.dialect import header_value
from mcpctl.session.param_headers import headers_for
from mcpctl.wire.address import Address
from mcpctl.wire.dial import Route

Write = Callable[[int], bytes]
"""The whole request, with this id."""

SHARD_IDS = 10_000_000_000
"""Ids of one generator; a million a second last nearly three hours before a digit more is needed."""


def first_id(shard: int) -> int:
    return shard * SHARD_IDS + 1_000_000_000


class LineRequest:
    """For stdio: a line. `burst` writes many at once, which is where the speed comes from."""

    def __init__(self, operation: Operation, draws: Draws) -> None:
        self._front = b'{"jsonrpc":"2.0","id":'
        self._parts = _tail(operation, draws, end="}\n")
        constant = self._parts[0] if len(self._parts) == 1 else None
        self._tail = constant if isinstance(constant, bytes) else None
        if self._tail is not None:
            self._between = (self._tail + self._front).decode()

    def burst(self, first: int, count: int) -> bytes:
        tail = self._tail
        if tail is None:
            return b"".join([self.write(number) for number in range(first, first + count)])
        if count == 1:
            return b"%b%d%b" % (self._front, first, tail)
        numbers = self._between.join(map(str, range(first, first + count)))
        return b"%b%b%b" % (self._front, numbers.encode(), tail)

    def write(self, number: int) -> bytes:
        return b"%b%d%b" % (self._front, number, expand(self._parts))


class PostRequest:
    """For HTTP: head and body as one, so that one write sends both. Sessions differ in their head alone."""

    def __init__(self, operation: Operation, draws: Draws, *, target: Target, shard: int) -> None:
        self._front = b'{"jsonrpc":"2.0","id":'
        self._parts = _tail(operation, draws, end="}")
        self._repeats = _repeated(operation, target)
        self._digits = len(str(first_id(shard)))

    def writer(self, head: bytes) -> Write:
        """`head` is all of the head but what depends on the body."""
        front, parts, repeats = self._front, self._parts, self._repeats
        if len(parts) == 1 and isinstance(parts[0], bytes):
            tail = parts[0]
            size = len(front) + self._digits + len(tail)
            fields = _fields(repeats(b"%b0%b" % (front, tail))) if repeats else b""
            start = b"%b%bcontent-length: %d\r\n\r\n%b" % (head, fields, size, front)
            return lambda number: b"%b%d%b" % (start, number, tail)

        def write(number: int) -> bytes:
            body = b"%b%d%b" % (front, number, expand(parts))
            fields = _fields(repeats(body)) if repeats else b""
            return b"%b%bcontent-length: %d\r\n\r\n%b" % (head, fields, len(body), body)

        return write


def head_of(
    target: Target, address: Address, *, route: Route, session: bytes | None = None, verb: str = "POST"
) -> bytes:
    """Everything of a request's head but the length and what depends on the body."""
    fields = {
        "host": address.host_header,
        "accept": "application/json, text/event-stream",
        "content-type": "application/json",
        "user-agent": f"mcpctl/{__version__}",
        **{name.lower(): value for name, value in target.headers.items()},
        "mcp-protocol-version": target.protocol_version,
    }
    if address.basic_authorization is not None:
        fields.setdefault("authorization", address.basic_authorization)
    where = address.target
    if route.absolute and route.proxy is not None:
        where = f"http://{address.host_header}{where}"
        if route.proxy.basic_authorization is not None:
            fields["proxy-authorization"] = route.proxy.basic_authorization
    head = f"{verb} {where} HTTP/1.1\r\n".encode("ascii") + _fields(fields)
    return head + (b"mcp-session-id: %b\r\n" % session if session is not None else b"")


def _tail(operation: Operation, draws: Draws, *, end: str) -> tuple[Part, ...]:
    return compile_parts([f',"method":"{operation.method}","params":', *parse(operation.params), end], draws)


def _fields(fields: Mapping[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode("latin-1")


def _repeated(operation: Operation, target: Target) -> Callable[[bytes], Mapping[str, str]] | None:
    """What the stateless era wants repeated in headers; it may depend on the arguments of each request."""
    if target.era != "stateless":
        return None
    fixed = {"mcp-method": operation.method, **operation.headers}
    schema = operation.input_schema
    named_by = "uri" if operation.kind == "resource" else "name"

    def fields(body: bytes) -> Mapping[str, str]:
        params = loads(body)["params"]
        found = dict(fixed)
        if isinstance(params.get(named_by), str):
            found["mcp-name"] = header_value(params[named_by])
        return found | (headers_for(dict(schema), params.get("arguments", {})) or {} if schema else {})

    return fields
