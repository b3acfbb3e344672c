"""From a route to an open connection: names, addresses, proxies, TLS; each failure in words of its own.

Bounded by a connect timeout of its own, whatever the caller allows the request. Addresses are tried in a staggered
race, so that a dead IPv6 route costs a quarter of a second.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from mcpctl.errors import ConnectError, McpctlError
from mcpctl.model.value import dataclass, field
from mcpctl.wire.address import Address, authority
from mcpctl.wire.http import Connection
from mcpctl.wire.proxy import Tunnel, proxy_for
from mcpctl.wire.tls import TlsFiles, tls_context, tls_reason

CONNECT_TIMEOUT = 10.0
"""Seconds for names, TCP, proxy and TLS together; a far server needs one."""
STAGGER = 0.25
"""Seconds before the next address gets a chance beside the first (RFC 8305)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where to connect and how; equal routes share their connections."""

    scheme: str
    host: str
    port: int
    proxy: Address | None = None
    files: TlsFiles = field(default_factory=TlsFiles)

    @property
    def authority(self) -> str:
        return authority(self.host, self.port)

    @property
    def absolute(self) -> bool:
        """Whether a request line names the whole URL, as a proxy for plain HTTP wants it."""
        return self.proxy is not None and self.scheme == "http"


def route_to(address: Address, *, env: Mapping[str, str], files: TlsFiles) -> Route:
    scheme, host, port = address.origin
    return Route(scheme=scheme, host=host, port=port, proxy=proxy_for(address, env), files=files)


async def dial(route: Route, connection: Connection) -> None:
    """Bring `connection` up. Raises `ConnectError` or `ConfigError`; nothing is left open then."""
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            await _dial(route, connection)
    except TimeoutError as error:
        raise ConnectError(
            f"no connection to `{route.authority}` within {CONNECT_TIMEOUT:g} seconds",
            code="connect.timeout",
            kind="timeout",
            hint="check the address, the network and the firewall",
        ) from error


async def _dial(route: Route, connection: Connection) -> None:
    door = route.proxy or route
    context = tls_context(route.files) if "https" in (route.scheme, door.scheme) else None
    try:
        sock = await _open_socket(door.host, door.port)
        if route.proxy is not None and route.scheme == "https":
            assert context is not None
            await _through(route, route.proxy, sock=sock, connection=connection, context=context)
        else:
            await asyncio.get_running_loop().create_connection(
                lambda: connection, sock=sock, **_secured(door, context)
            )
    except OSError as error:
        refusal = _unreachable(door, error)
        if route.proxy is not None:
            refusal.message = f"the proxy is no way to `{route.authority}`: {refusal.message}"
            refusal.hint = f"check the proxy that the environment names, or add `{route.host}` to `NO_PROXY`"
        raise refusal from error


async def _through(
    route: Route, proxy: Address, *, sock: socket.socket, connection: Connection, context: ssl.SSLContext
) -> None:
    loop = asyncio.get_running_loop()
    address = Address(scheme=route.scheme, host=route.host, port=route.port, target="/")
    transport, tunnel = await loop.create_connection(
        lambda: Tunnel(address, proxy), sock=sock, **_secured(proxy, context)
    )
    try:
        await tunnel.opened
        inner = await loop.start_tls(transport, connection, context, server_hostname=_bare(route.host))
    except BaseException as error:
        transport.abort()
        if isinstance(error, OSError):
            raise _unreachable(route, error) from error
        raise
    if inner is None:
        raise ConnectError(f"`{route.authority}` closed the connection", code="connect.reset")
    connection.connection_made(inner)


def _secured(door: Route | Address, context: ssl.SSLContext | None) -> dict[str, Any]:
    return {"ssl": context, "server_hostname": _bare(door.host)} if door.scheme == "https" else {}


def _bare(host: str) -> str:
    """Without the zone of a link-local address, which is nobody's name."""
    return host.partition("%")[0]


async def _open_socket(host: str, port: int) -> socket.socket:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (socket.gaierror, UnicodeError):
        found = await _resolve(host, port)
    waiting = deque(found)
    attempts: set[asyncio.Task[socket.socket]] = set()
    failure: BaseException | None = None
    try:
        while waiting or attempts:
            if waiting:
                attempts.add(asyncio.create_task(_connect(*waiting.popleft())))
            pause = STAGGER if waiting else None
            done, _ = await asyncio.wait(attempts, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
            failed = {task for task in done if task.exception() is not None}
            attempts -= failed
            failure = next((task.exception() for task in failed), failure)
            if winners := done - failed:
                attempts.discard(winner := winners.pop())
                return winner.result()
    finally:
        for loser in attempts:
            loser.add_done_callback(_close)
            loser.cancel()
    raise failure or OSError(errno.EHOSTUNREACH, "no address to connect to")


async def _connect(family: int, kind: int, number: int, _: str, address: tuple[Any, ...]) -> socket.socket:
    sock = socket.socket(family, kind, number)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, address)
    except BaseException:
        sock.close()
        raise
    return sock


def _close(loser: asyncio.Task[socket.socket]) -> None:
    if not loser.cancelled() and loser.exception() is None:
        loser.result().close()


async def _resolve(host: str, port: int) -> list[Any]:
    """`loop.getaddrinfo` would make the end of the program wait for a resolver that hangs; a daemon thread does not."""
    from threading import Thread

    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[Any]] = loop.create_future()

    def settle(found: list[Any] | OSError) -> None:
        if answer.done():
            return
        if isinstance(found, OSError):
            answer.set_exception(found)
        else:
            answer.set_result(found)

    def ask() -> None:
        found: list[Any] | OSError
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            found = (
                error if isinstance(error, OSError) else socket.gaierror(socket.EAI_NONAME, "not a host name")
            )
        with suppress(RuntimeError):  # the loop may be gone by now
            loop.call_soon_threadsafe(settle, found)

    Thread(target=ask, name="mcpctl-resolve", daemon=True).start()
    return await answer


def _unreachable(door: Route | Address, error: OSError) -> McpctlError:
    where = door.authority
    if isinstance(error, ssl.SSLError):
        return _untrusted(where, error)
    if isinstance(error, socket.gaierror):
        return ConnectError(
            f"the host `{door.host}` is not known ({error.strerror})",
            code="connect.dns",
            kind="connection_lost" if error.errno == socket.EAI_AGAIN else "dns",
            hint="check the name, and that the network is up",
        )
    if isinstance(error, ConnectionRefusedError):
        return ConnectError(
            f"`{where}` refused the connection",
            code="connect.refused",
            hint="check that the server runs and the port is right",
        )
    if isinstance(error, ConnectionError):
        return ConnectError(
            f"`{where}` closed the connection while it was being opened", code="connect.reset"
        )
    return ConnectError(f"`{where}` cannot be reached: {error.strerror or error}", code="connect.unreachable")


def _untrusted(where: str, error: ssl.SSLError) -> ConnectError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return ConnectError(
            f"the certificate of `{where}` is not trusted: {error.verify_message}",
            code="connect.tls",
            kind="tls",
            hint="name the authority that signed it with `ca_file` or `SSL_CERT_FILE`",
        )
    return ConnectError(
        f"TLS with `{where}` failed: {tls_reason(error)}",
        code="connect.tls",
        kind="tls",
        hint="use `http://` if the server is not encrypted",
    )
