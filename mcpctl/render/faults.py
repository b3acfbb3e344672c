"""An error as a person reads it: what happened, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator

from mcpctl.errors import ConnectError, McpctlError
from mcpctl.render.blocks import Block, Cell, Flow, Line

LAST_WORDS = 5
"""Lines of a dead server's stderr that are shown; the rest is in its log."""


def fault(error: McpctlError) -> Iterator[Block]:
    for each in (error, *error.related):
        yield from _one(each)


def stopped() -> Iterator[Block]:
    """What ends a command that would never end by itself is no error to a person."""
    yield Line((Cell("stopped", "dim"),))


def _one(error: McpctlError) -> Iterator[Block]:
    yield Flow((Cell("error:", "bad"), " ", error.message))
    if error.file is not None:
        place = ":".join(str(part) for part in (error.file, error.line, error.column) if part is not None)
        yield Line((Cell("  --> ", "dim"), place))
    if isinstance(error, ConnectError):
        for line in error.stderr_tail[-LAST_WORDS:]:
            yield Line((Cell("  | ", "dim"), line))
    if error.hint is not None:
        yield Line((Cell("  = ", "dim"), error.hint))
