"""How much of a text is shown: what the user asked for, else the configuration, else what suits a terminal."""

from __future__ import annotations

from typing import TypeVar

from mcpctl.commands.context import Context
from mcpctl.errors import UsageError
from mcpctl.model.asking import Show, Truncated
from mcpctl.model.server import Preset, ServerSpec, TruncateSpec

Given = TypeVar("Given", bound=str | bytes)


def shown(
    text: Given, show: Show, spec: ServerSpec, what: str, ctx: Context, *, keep_whole: bool = True
) -> tuple[Given, Truncated | None]:
    """The text to show, and what was left out of it; the whole text is then kept in a file."""
    wanted = _wanted(show, spec, what)
    terminal = ctx.world.stdout_tty and not ctx.options.wants_json
    if wanted is None and not terminal:
        return text, None
    from mcpctl.policy.truncation import cut  # most results in a pipe go by whole

    result = cut(text, wanted, terminal=terminal)
    if not result.shortened:
        return text, None
    from mcpctl.commands.keeping import keep

    # Kept as it would be shown: whoever opens the file later knows no secret to take out.
    whole = ctx.redactor.clean(text, patterns=False)
    file = keep(ctx.world, spec.name, what, whole) if keep_whole else None
    return result.text, Truncated(
        lines=result.lines,
        chars=result.chars,
        total_lines=result.total_lines,
        total_chars=result.total_chars,
        file=file,
        note=result.note,
    )


_PRESETS: tuple[Preset, ...] = ("full", "preview", "summary", "recent", "adaptive")


def _wanted(show: Show, spec: ServerSpec, what: str) -> TruncateSpec | None:
    if show == Show():
        return spec.tool_truncate.get(what, spec.truncate)
    named = [preset for preset in _PRESETS if getattr(show, preset)]
    if len(named) > 1:
        raise UsageError(
            f"`--{named[0]}` and `--{named[1]}` exclude each other",
            code="usage.conflict",
            hint="keep one of them",
        )
    return TruncateSpec(
        head=show.head,
        tail=show.tail,
        max_chars=show.max_chars,
        max_tokens=show.max_tokens,
        preset=named[0] if named else None,
    )
