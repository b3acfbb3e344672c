"""`mcpctl completion [install] [SHELL]`: the script that lets a shell ask mcpctl what may come next."""

from __future__ import annotations

from pathlib import Path

from mcpctl.commands.context import Context
from mcpctl.commands.shells import NOTICE, SHELLS, Shell
from mcpctl.config.folders import home
from mcpctl.errors import OutputError, UsageError
from mcpctl.model.completion import CompletionOptions, CompletionReport


def completion(options: CompletionOptions, ctx: Context) -> CompletionReport:
    words = list(options.words)
    install = words[:1] == ["install"]
    if install:
        del words[0]
    if len(words) > 1:
        raise UsageError(
            f"`{words[1]}` is one word too many", code="usage.words", hint="name one shell at a time"
        )
    name = words[0] if words else _own_shell(ctx)
    shell = SHELLS.get("powershell" if name == "pwsh" else name)
    if shell is None:
        raise UsageError(
            f"there is no completion for `{name}`",
            code="usage.unknown_shell",
            hint="name one of " + ", ".join(f"`{each}`" for each in SHELLS),
        )
    if not install:
        return CompletionReport(shell=name, script=shell.script)
    path = _place(shell, ctx)
    _write(path, shell.script)
    follow_up = shell.follow_up.format(path=path, folder=path.parent)
    return CompletionReport(shell=name, script=shell.script, installed=str(path), follow_up=follow_up or None)


def _own_shell(ctx: Context) -> str:
    name = ctx.world.env.get("SHELL", "").rpartition("/")[2]
    if not name:
        raise UsageError(
            "no shell is named, and `$SHELL` names none",
            code="usage.missing",
            hint="name one of " + ", ".join(f"`{each}`" for each in SHELLS),
        )
    return name


def _place(shell: Shell, ctx: Context) -> Path:
    """Where the user's own files of that kind are; a relative path in an XDG variable is to be ignored."""
    named = ctx.world.env.get(shell.variable, "")
    base = Path(named) if named.startswith("/") else home(ctx.world.env) / shell.default
    return base / shell.folder / shell.file


def _write(path: Path, script: str) -> None:
    """A file that somebody else put there stays."""
    try:
        if path.exists() and NOTICE not in path.read_text(encoding="utf-8", errors="replace"):
            raise UsageError(
                f"`{path}` is there already, and not of mcpctl's making",
                code="usage.exists",
                hint="move it away, or use what `mcpctl completion SHELL` prints",
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write `{path}`: {(error.strerror or str(error)).lower()}") from error
