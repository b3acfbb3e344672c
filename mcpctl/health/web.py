"""One request over HTTP and its status, on the project's own wire: for checks and for webhooks.

Follows nothing, keeps nothing open, and reads no more of an answer than it shows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from mcpctl import __version__
from mcpctl.errors import DeadlineError, McpctlError
from mcpctl.model.server import ServerSpec
from mcpctl.wire.address import Address, parse_address
from mcpctl.wire.dial import dial, route_to
from mcpctl.wire.http import Connection, Exchange, Headers
from mcpctl.wire.pool import lease
from mcpctl.wire.tls import tls_files


async def fetch(
    url: str,
    *,
    env: Mapping[str, str],
    limit: float,
    method: str = "GET",
    body: bytes = b"",
    content_type: str = "application/json",
) -> int:
    """The status of the answer. Raises a `McpctlError` where there is none."""
    address = parse_address(url)
    lane = lease(route_to(address, env=env, files=tls_files(env)))
    exchange = _Status()
    try:
        async with asyncio.timeout(limit):
            lane.send(exchange, _request(address, method, body, content_type, absolute=lane.route.absolute))
            return await exchange.outcome
    except TimeoutError as error:
        raise DeadlineError(
            f"`{address.text}` did not answer within {limit:g} s", step="http", limit=limit
        ) from error
    finally:
        exchange.abandon()
        lane.leave()


async def reach(spec: ServerSpec, *, env: Mapping[str, str]) -> None:
    """Open a connection to a remote server, TLS included, and close it. Raises a `McpctlError`."""
    assert spec.url is not None
    files = tls_files(env, ca_file=spec.ca_file, client_cert=spec.client_cert, client_key=spec.client_key)
    connection = Connection(_Nobody())
    try:
        await dial(route_to(parse_address(spec.url), env=env, files=files), connection)
    finally:
        connection.abort()


def _request(address: Address, method: str, body: bytes, content_type: str, *, absolute: bool) -> bytes:
    target = f"{address.scheme}://{address.host_header}{address.target}" if absolute else address.target
    head = [
        f"{method} {target} HTTP/1.1",
        f"host: {address.host_header}",
        f"user-agent: mcpctl/{__version__}",
        "accept: */*",
        "connection: close",
    ]
    if address.basic_authorization:
        head.append(f"authorization: {address.basic_authorization}")
    if body:
        head += [f"content-type: {content_type}", f"content-length: {len(body)}"]
    return ("\r\n".join(head) + "\r\n\r\n").encode("latin-1", "replace") + body


class _Status(Exchange):
    __slots__ = ("outcome",)

    def __init__(self) -> None:
        super().__init__()
        self.outcome: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def headed(self, status: int, headers: Headers) -> None:
        del headers
        if not self.outcome.done():
            self.outcome.set_result(status)

    def received(self, chunk: bytes) -> None:
        """The status is all that counts."""

    def finished(self) -> None:
        """See `headed`."""

    def failed(self, error: McpctlError) -> None:
        if not self.outcome.done():
            self.outcome.set_exception(error)


class _Nobody:
    """The owner of a connection that carries nothing."""

    def freed(self, connection: Connection) -> None:
        connection.abort()

    def lost(self, connection: Connection) -> None:
        """It was meant to be."""
