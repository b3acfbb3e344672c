"""`python -m mcpctl.demo`: the process boundary of the demo server, and what makes it start and end fast."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import signal
import sys
from typing import NoReturn

DEFAULT_ADDRESS = "127.0.0.1:8000"
MOST_TOOLS = 10_000


def main() -> NoReturn:
    for number in (signal.SIGINT, signal.SIGTERM):
        # From the first instant on: imports take a while, and a traceback of them helps nobody.
        signal.signal(number, lambda *_: _leave(0))
    options = _options()
    # The SDK defines some thousand classes, none of which is garbage: a tenth of the start would go into looking.
    gc.disable()
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
    from mcpctl.demo.server import build

    server = build(extra_tools=options.tools)
    if options.http is None:
        from mcpctl.demo import serve_stdio

        _settle()
        serve_stdio.serve(server)
        _leave(0)
    from mcpctl.demo import serve_http

    _settle()
    host, port = options.http
    try:
        serve_http.serve(server, host=host, port=port)
    except OSError as error:
        sys.stderr.write(f"error: cannot listen on {host}:{port}: {error.strerror or error}\n")
        _leave(1)
    _leave(0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="mcpctl demo", description="The built-in MCP server, to try clients on."
    )
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
    return parser.parse_args()


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"`{text}` is not HOST:PORT")
    return host.strip("[]") or "127.0.0.1", int(port)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) > MOST_TOOLS:
        raise argparse.ArgumentTypeError(f"`{text}` is not a number from 0 to {MOST_TOOLS}")
    return int(text)


def _settle() -> None:
    """What is there now stays for good; from here on garbage is collected again."""
    gc.freeze()
    gc.enable()


def _leave(status: int) -> NoReturn:
    """End at once: the ordered way takes a tenth of a second, and waits for a thread that reads stdin."""
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
