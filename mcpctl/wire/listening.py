"""Addresses to listen on: how they are written, and who can reach them."""

from __future__ import annotations

import contextlib
from typing import Final

from mcpctl.errors import UsageError

LOOPBACK: Final = "127.0.0.1"


def parse_listen(text: str) -> tuple[str, int]:
    """`HOST:PORT`, `[::1]:PORT` or `PORT`. Without a host it is this machine alone."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise UsageError(
            f"`{text}` is no address to listen on",
            code="usage.invalid_value",
            hint="write `9090` or `127.0.0.1:9090`",
        )
    return host or LOOPBACK, int(port)


def is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    from ipaddress import ip_address

    with contextlib.suppress(ValueError):
        return ip_address(host).is_loopback
    return False
