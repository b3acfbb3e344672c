"""`mcpctl call --last`: a result that was kept once more, cut as asked now; nothing is called."""

from __future__ import annotations

from mcpctl.commands.context import Context
from mcpctl.commands.keeping import latest
from mcpctl.commands.shown import shown
from mcpctl.model.calls import CallOptions, CallReport
from mcpctl.model.server import ServerSpec


def last(options: CallOptions, ctx: Context) -> CallReport:
    server = options.words[0] if options.words else None
    kept = latest(ctx.world, server, options.words[1] if len(options.words) > 1 else None)
    with kept.path.open(encoding="utf-8", errors="surrogatepass", newline="") as file:
        whole = file.read()
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
