"""The file that a `config` verb works on: which one it is, reading it, and writing it back."""

from __future__ import annotations

import os
from pathlib import Path

from mcpctl.commands.context import Context
from mcpctl.commands.hosts import host_named
from mcpctl.config.bounded import read_bounded
from mcpctl.config.hosts.facts import HostFacts
from mcpctl.config.hosts.files import Taken, take_servers
from mcpctl.errors import ConfigError, UsageError

NEW = "mcpctl.toml"
"""What is written where there is nothing yet."""


def path_of(named: str | None, ctx: Context) -> Path | None:
    """The file that was named, else the one that discovery finds; nothing where there is none."""
    if named is not None:
        return ctx.world.cwd / Path(named).expanduser()
    from mcpctl.config.discovery import discover

    base = discover(ctx.world, ctx.options.config).base
    return Path(base) if base else None


def shown(path: Path, ctx: Context) -> str:
    """The path as the user would type it."""
    return str(path.relative_to(ctx.world.cwd)) if path.is_relative_to(ctx.world.cwd) else str(path)


def read_bytes(path: Path, ctx: Context) -> bytes:
    try:
        return read_bounded(path)
    except (OSError, ValueError) as error:
        reason = (
            (error.strerror or str(error)).lower() if isinstance(error, OSError) else "it is no file name"
        )
        raise ConfigError(
            f"cannot read `{shown(path, ctx)}`: {reason}",
            code="config.unreadable",
            hint="check the path",
            file=str(path),
        ) from error


def take(path: Path, ctx: Context, *, host: str | None = None) -> Taken:
    facts = host_named(host) if host else None
    return take_servers(read_bytes(path, ctx), shown(path, ctx), host=facts, real=os.path.normpath(path))


def existing(named: str | None, ctx: Context) -> Path:
    path = path_of(named, ctx)
    if path is None:
        raise ConfigError(
            "there is no configuration here or above",
            code="config.not_found",
            hint="name a file with `--file`",
        )
    return path


def unknown_server(name: str, taken: Taken, file: str) -> ConfigError:
    from mcpctl.lint.nearest import nearest

    better = nearest(name, taken.servers)
    known = ", ".join(f"`{each}`" for each in list(taken.servers)[:10])
    return ConfigError(
        f"there is no server `{name}` in `{file}`",
        code="config.unknown_server",
        hint=f"did you mean `{better}`?" if better else f"it has {known}" if known else "it has none",
        server=name,
        file=file,
    )


def refuse_unknown(names: tuple[str, ...], taken: Taken, file: str) -> None:
    for name in names:
        if name not in taken.servers:
            raise unknown_server(name, taken, file)


def require(value: str, what: str) -> None:
    if not value:
        raise UsageError(f"no {what} is named", code="usage.missing", hint="see `--help`")


def refuse_manifest(host: HostFacts) -> None:
    if host.manifest or not host.roots:
        raise UsageError(
            f"`{host.id}` describes a server and lists none",
            code="usage.conflict",
            hint="name a host that lists servers",
        )
