"""`mcpctl demo`: becomes the built-in server."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from mcpctl.commands.context import Context
from mcpctl.model.demo import DemoOptions


def demo(options: DemoOptions, ctx: Context) -> NoReturn:
    """The process is replaced: whoever started it talks to the server itself, with nothing in between."""
    del ctx
    if options.arguments:
        from mcpctl.demo.options import read_options

        read_options(options.arguments)
    os.execv(sys.executable, [sys.executable, "-m", "mcpctl.demo", *options.arguments])  # noqa: S606 - no shell, on purpose
