"""What `mcpctl demo` may be told: read before the process becomes the server, and by the server itself."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NoReturn

from mcpctl.errors import UsageError

DEFAULT_ADDRESS = "127.0.0.1:8000"
MOST_TOOLS = 10_000


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message, code="usage.invalid_value", hint="see `mcpctl demo --help`")


def read_options(arguments: Sequence[str]) -> argparse.Namespace:
    """Raises `UsageError`."""
    parser = _Parser(prog="mcpctl demo", description="The built-in MCP server, to try clients on.")
    parser.add_argument(
        "--http",
        metavar="[HOST:]PORT",
        nargs="?",
        type=_address,
        const=_address(DEFAULT_ADDRESS),
        help=f"serve over HTTP instead of stdio; port 0 takes a free one (default {DEFAULT_ADDRESS})",
    )
    parser.add_argument(
        "--tools", metavar="N", type=_count, default=0, help="offer N more tools that do nothing"
    )
    return parser.parse_args(arguments)


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"`{text}` is not HOST:PORT")
    return host.strip("[]") or "127.0.0.1", int(port)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) > MOST_TOOLS:
        raise argparse.ArgumentTypeError(f"`{text}` is not a number from 0 to {MOST_TOOLS}")
    return int(text)
