"""`mcpctl call --last`: a result that was kept once more, cut as asked now; nothing is called."""

from __future__ import annotations

from contextlib import suppress

from mcpctl.commands.context import Context
from mcpctl.commands.keeping import Kept, latest
from mcpctl.commands.shown import shown
from mcpctl.model.calls import CallOptions, CallReport
from mcpctl.model.server import ServerSpec
from mcpctl.session.answers import LONG
from mcpctl.wire.jsonrpc import require_utf8


def last(options: CallOptions, ctx: Context) -> CallReport:
    server = options.words[0] if options.words else None
    kept = latest(ctx.world, server, options.words[1] if len(options.words) > 1 else None)
    whole = _read(kept)
    text, truncated = shown(
        whole, options.show, ServerSpec(name=kept.server), kept.what, ctx, keep_whole=False
    )
    return CallReport(
        server=kept.server,
        tool=kept.what,
        text=text,
        truncated=truncated,
        content=({"type": "text", "text": whole},),
        attempts=0,
    )


def _read(kept: Kept) -> str | bytes:
    text = kept.path.read_bytes()
    if len(text) > LONG:
        with suppress(UnicodeError):
            require_utf8(text)
            return text
    return text.decode("utf-8", "surrogatepass")
