"""Where the configuration that counts here has its socket, its logs and its history: each has its own."""

from __future__ import annotations

from pathlib import Path

from mcpctl.config.folders import state_home
from mcpctl.model.options import GlobalOptions
from mcpctl.model.world import World


def place(world: World, options: GlobalOptions) -> Path:
    """The socket's path without its ending: what clients of this configuration look for."""
    from mcpctl.control.place import folder, name

    return Path(folder(world.env)) / name(world.folder, world.env, options.config, options.profile)


def log_folder(world: World, options: GlobalOptions) -> Path:
    return state_home(world.env) / "logs" / place(world, options).name


def history_file(world: World, options: GlobalOptions) -> Path:
    return state_home(world.env) / "history" / f"{place(world, options).name}.db"
