"""`mcpctl call SERVER TOOL [ITEM…]`: the server boots while the rest of this room is loaded; see `calling`."""

from __future__ import annotations

from collections.abc import Awaitable

from mcpctl.commands.context import Context
from mcpctl.commands.target import dotted_target, typed
from mcpctl.errors import UsageError
from mcpctl.model.calls import CallOptions, CallReport


def call(options: CallOptions, ctx: Context) -> CallReport | Awaitable[CallReport]:
    if options.last:
        from mcpctl.commands.last import last

        return last(options, ctx)
    spec, words = dotted_target(options.words, options.aside, ctx)
    if not words:
        server = typed(options.aside, spec.name)
        raise UsageError("no tool is named", code="usage.missing", hint=f"see `mcpctl tools {server}`")
    if options.save is not None:
        from mcpctl.commands.content import folder_to_save_in

        folder_to_save_in(options.save, ctx.world.cwd)
    ctx.launch(spec)
    from mcpctl.commands.calling import called

    return called(spec, words[0], words[1:], options=options, ctx=ctx)
