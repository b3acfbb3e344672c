"""Where mcpctl keeps what is its own: the XDG folders, on every platform. Creates nothing.

Sockets have a place of their own, see `control.place`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NAME = "mcpctl"

Env = Mapping[str, str]


def home(env: Env) -> Path:
    from pathlib import Path

    return Path(home_name(env))


def home_name(env: Env) -> str:
    """The user's home, even where nothing says so."""
    named = env.get("HOME", "")
    if named.startswith("/"):
        return named
    import os
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:  # a container may run a user that has no entry
        return "/"


def config_home(env: Env) -> Path:
    return _folder(env, "XDG_CONFIG_HOME", ".config")


def cache_home(env: Env) -> Path:
    return _folder(env, "XDG_CACHE_HOME", ".cache")


def state_home(env: Env) -> Path:
    return _folder(env, "XDG_STATE_HOME", ".local/state")


def _folder(env: Env, variable: str, below_home: str) -> Path:
    """A relative path in such a variable is to be ignored, says the XDG specification."""
    from pathlib import Path

    named = env.get(variable, "")
    return (Path(named) if named.startswith("/") else home(env) / below_home) / NAME
