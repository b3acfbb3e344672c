"""Where the supervisor of the configuration that counts here has its socket and its logs."""

from __future__ import annotations

from pathlib import Path

from mcpctl.commands.context import Context
from mcpctl.config.folders import state_home


def place(ctx: Context) -> Path:
    """The socket's path without its ending: what clients of this configuration look for."""
    from mcpctl.control.place import folder, name

    world, options = ctx.world, ctx.options
    return Path(folder(world.env)) / name(str(world.cwd), world.env, options.config, options.profile)


def log_folder(ctx: Context) -> Path:
    return state_home(ctx.world.env) / "logs" / place(ctx).name
