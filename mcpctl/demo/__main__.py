"""`python -m mcpctl.demo`: the process boundary of the demo server, and what makes it start and end fast."""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
from typing import NoReturn

from mcpctl.demo.options import read_options
from mcpctl.errors import ConnectError, DeadlineError, UsageError


def main() -> NoReturn:
    for number in (signal.SIGINT, signal.SIGTERM):
        # From the first instant on: imports take a while, and a traceback of them helps nobody.
        signal.signal(number, lambda *_: _leave(0))
    # The timer of `--timeout` goes on in whatever a process becomes.
    signal.signal(signal.SIGALRM, lambda *_: _leave(DeadlineError.exit_code))
    try:
        options = read_options(sys.argv[1:])
    except UsageError as error:
        sys.stderr.write(f"error: {error.message}\n")
        _leave(error.exit_code)
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
        _leave(ConnectError.exit_code)
    _leave(0)


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
