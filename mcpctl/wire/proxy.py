"""Which proxy stands before a server, by the usual variables, and the tunnel through it.

`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in lower case first. HTTP proxies only: no SOCKS.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import cast

from mcpctl.errors import ConfigError, ConnectError, ProtocolError
from mcpctl.wire.address import DEFAULT_PORTS, Address, parse_address

MAX_ANSWER = 16 << 10
"""Bytes of a proxy's answer to `CONNECT`: a status line and a few headers."""
PROXY_AUTHENTICATION_REQUIRED = 407


def proxy_for(address: Address, env: Mapping[str, str]) -> Address | None:
    """The proxy that the environment asks for, or none. Raises `ConfigError` for one that cannot be used."""
    name, url = _named(f"{address.scheme}_proxy", env) or _named("all_proxy", env) or ("", "")
    if not url or _excluded(address, (_named("no_proxy", env) or ("", ""))[1]):
        return None
    scheme, mark, _ = url.partition("://")
    if mark and scheme.lower() not in DEFAULT_PORTS:
        message = (
            f"the proxy in `{name}` has the scheme `{scheme}`, and only `http` and `https` are supported"
        )
        raise ConfigError(message, code="config.proxy", hint=f"name an HTTP proxy in `{name}` or unset it")
    try:
        return parse_address(url if mark else f"http://{url}")
    except ConfigError as error:
        message = f"the proxy in `{name}` is not a usable URL"
        raise ConfigError(message, code="config.proxy", hint="write it as `http://host:port`") from error


class Tunnel(asyncio.Protocol):
    """Asks a proxy for a way to `address`; afterwards the transport belongs to somebody else."""

    def __init__(self, address: Address, proxy: Address) -> None:
        self._address = address
        self._proxy = proxy
        self._received = b""
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        lines = [f"CONNECT {self._address.authority} HTTP/1.1", f"host: {self._address.authority}"]
        if credentials := self._proxy.basic_authorization:
            lines.append(f"proxy-authorization: {credentials}")
        cast("asyncio.WriteTransport", transport).write("\r\n".join([*lines, "", ""]).encode("latin-1"))

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, rest = self._received.partition(b"\r\n\r\n")
        if self.opened.done():
            return
        if end and not rest and head.startswith(b"HTTP/1.") and head[9:10] == b"2":
            self.opened.set_result(None)
        elif end or len(self._received) > MAX_ANSWER:
            self.opened.set_exception(self._refusal(head))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            message = f"the proxy `{self._proxy.authority}` closed the connection without opening a tunnel"
            error = ConnectError(message, code="connect.proxy")
            error.__cause__ = exc
            self.opened.set_exception(error)

    def _refusal(self, head: bytes) -> ConnectError | ProtocolError:
        status = head[9:12]
        if not (head.startswith(b"HTTP/1.") and status.isdigit()):
            return ProtocolError(
                f"the proxy `{self._proxy.authority}` did not answer in HTTP", code="protocol.malformed"
            )
        refused = int(status)
        return ConnectError(
            f"the proxy `{self._proxy.authority}` answered {refused} to a tunnel to `{self._address.authority}`",
            code="connect.proxy",
            http_status=refused,
            hint="put `user:password@` into the proxy's URL"
            if refused == PROXY_AUTHENTICATION_REQUIRED
            else "add the host to `NO_PROXY` if it is reached directly",
        )


def _named(variable: str, env: Mapping[str, str]) -> tuple[str, str] | None:
    for name in (variable, variable.upper()):
        if value := env.get(name, "").strip():
            return name, value
    return None


def _excluded(address: Address, exceptions: str) -> bool:
    return any(_covers(entry.strip().lower(), address) for entry in exceptions.split(",") if entry.strip())


def _covers(entry: str, address: Address) -> bool:
    if entry == "*":
        return True
    if "/" in entry:
        return _in_network(address.host, entry)
    if entry.startswith("["):
        host, _, port = entry[1:].partition("]")
        port = port.removeprefix(":")
    elif entry.count(":") == 1:
        host, _, port = entry.partition(":")
    else:
        host, port = entry, ""
    if port and port != str(address.port):
        return False
    host = host.removeprefix("*").removeprefix(".")
    return address.host == host or (bool(host) and address.host.endswith(f".{host}"))


def _in_network(host: str, network: str) -> bool:
    from ipaddress import ip_address, ip_network

    try:
        return ip_address(host) in ip_network(network, strict=False)
    except ValueError:
        return False
