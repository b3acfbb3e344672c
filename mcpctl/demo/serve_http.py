"""Runs the demo server over HTTP: Streamable HTTP on `/mcp`, and on `/sse` what clients spoke before it.

Listens on loopback unless another host is named, and checks Host and Origin wherever it listens.
"""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette

GRACE = 1
"""Seconds that open requests have to end once the server is told to stop."""

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def serve(server: MCPServer, *, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT. Raises `OSError` when the address cannot be had."""
    with _listener(host, port) as listener:
        shown = f"[{host}]" if ":" in host else host
        config = uvicorn.Config(
            application(server, host=shown),
            log_level="critical",
            access_log=False,
            ws="none",
            timeout_graceful_shutdown=GRACE,
        )
        sys.stderr.write(f"listening on http://{shown}:{listener.getsockname()[1]}/mcp\n")
        sys.stderr.flush()
        _Server(config).run(sockets=[listener])


def application(server: MCPServer, *, host: str = "127.0.0.1") -> Starlette:
    names = (*LOOPBACK, host, socket.gethostname())
    hosts = [pattern for name in dict.fromkeys(names) for pattern in (name, f"{name}:*")]
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=hosts,
        allowed_origins=[f"{scheme}://{pattern}" for scheme in ("http", "https") for pattern in hosts],
    )
    served = server.streamable_http_app(transport_security=security)
    served.router.routes.extend(server.sse_app(transport_security=security).routes)
    return served


def _listener(host: str, port: int) -> socket.socket:
    """Listens before anybody is told the address, so that nobody who hears it is refused."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn's, but what ended the server is not raised again: being told to stop is no failure."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)
        yield
