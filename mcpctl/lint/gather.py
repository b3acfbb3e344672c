"""Which files are meant: the ones that were named, those in a folder, or every one that a host of this machine reads."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache

from mcpctl.config.hosts.choose import by_path
from mcpctl.config.hosts.table import rows
from mcpctl.lint.subject import Situation
from mcpctl.model.value import NamedTuple
from mcpctl.model.world import World

SKIPPED = frozenset(
    {
        ".git",
        ".hg",
        ".svn",
        "node_modules",
        "__pycache__",
        ".venv",
        "venv",
        ".tox",
        ".nox",
        ".mypy_cache",
        ".ruff_cache",
    }
    | {".pytest_cache", "dist", "build", "target", ".next", "site-packages"}
)
"""Folders that hold other people's files, thousands of them."""

_VAGUE = frozenset({"manifest.json", "server.json", "pyproject.toml", "settings.json", "mcp_config.json"})
"""File names that mean something to others too: in a search they count only with what surrounds them, or by content."""


class Target(NamedTuple):
    """A file to check; `named` ones were asked for and must be readable."""

    shown: str
    real: str
    situation: Situation = "project"
    named: bool = False


def targets(paths: tuple[str, ...], world: World, *, user: bool) -> Iterator[Target]:
    """Every file once, in a stable order."""
    seen: set[str] = set()
    for target in _all(paths, world, user=user):
        if target.real not in seen:
            seen.add(target.real)
            yield target


def _all(paths: tuple[str, ...], world: World, *, user: bool) -> Iterator[Target]:
    cwd, home = world.folder, _home(world)
    for path in paths:
        whole = os.path.expanduser(path) if path.startswith("~") else path
        real = os.path.normpath(whole if whole.startswith("/") else os.path.join(cwd, whole))
        if os.path.isdir(real):
            yield from _below(path, real)
        else:
            yield Target(path, real, _situation(real, home), named=True)
    if user:
        yield from _of_user(home, world)
    elif not paths:
        yield from _discovered(cwd, home, world)


def _below(shown: str, folder: str) -> Iterator[Target]:
    """Known files in a folder, all the way down; links to folders are not followed, so circles cannot trap anybody."""
    for where, folders, files in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        below = where[len(folder) :].lstrip(os.sep)
        for name in sorted(files):
            real = os.path.join(where, name)
            if by_path(real) is not None and _is_promising(real, name):
                yield Target(os.path.join("" if shown == "." else shown, below, name), real)


def _is_promising(real: str, name: str) -> bool:
    if name not in _VAGUE:
        return True
    try:
        with open(real, "rb") as file:
            head = file.read(65536)
    except OSError:
        return False
    marks = {
        "manifest.json": (b'"manifest_version"', b'"dxt_version"'),
        "server.json": (b"server.schema.json", b'"packages"', b'"remotes"'),
        "pyproject.toml": (b"tool.mcpctl",),
        "settings.json": (b"mcp", b"context_servers"),
        "mcp_config.json": (b"mcpServers",),
    }[name]
    wanted = 2 if name == "manifest.json" and b'"mcp_config"' not in head else 1
    return sum(mark in head for mark in marks) >= wanted


def _discovered(cwd: str, home: str, world: World) -> Iterator[Target]:
    """From here up to the repository's root, or to the home folder."""
    folder = cwd
    while True:
        for ending in _project_endings():
            real = os.path.join(folder, ending)
            if os.path.isfile(real) and _is_promising(real, os.path.basename(real)):
                yield Target(os.path.relpath(real, cwd), real, _situation(real, home))
        parent = os.path.dirname(folder)
        if folder in (home, parent) or os.path.exists(os.path.join(folder, ".git")):
            break
        folder = parent
    own = os.path.join(
        world.env.get("XDG_CONFIG_HOME") or os.path.join(home, ".config"), "mcpctl", "config.toml"
    )
    if os.path.isfile(own):
        yield Target(own, own, "user")


def _project_endings() -> list[str]:
    found: dict[str, None] = {}
    for host in rows().values():
        found.update(dict.fromkeys(ending for ending in host.project if "*" not in ending))
    return list(found)


def _of_user(home: str, world: World) -> Iterator[Target]:
    """Every file that some host keeps for this user, where it exists."""
    from glob import iglob

    paths = [path for host in rows().values() for path in host.user]
    for real in filter(None, (_expanded(path, home, world) for path in paths)):
        for found in sorted(iglob(real)) if "*" in real else [real]:
            if os.path.isfile(found):
                yield Target(found, found, "user")


def _expanded(path: str, home: str, world: World) -> str | None:
    if path.startswith("{appdata}"):
        folder = world.env.get("APPDATA")
        return path.replace("{appdata}", folder, 1) if folder else None
    if path.startswith("~/.config/"):
        folder = world.env.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
        return folder + path.removeprefix("~/.config")
    if path.startswith("~/.codex/") and world.env.get("CODEX_HOME"):
        return world.env["CODEX_HOME"] + path.removeprefix("~/.codex")
    if path.startswith("~/.copilot/") and world.env.get("COPILOT_HOME"):
        return world.env["COPILOT_HOME"] + path.removeprefix("~/.copilot")
    return path.replace("~", home, 1)


def _situation(real: str, home: str) -> Situation:
    """A file is one person's where a host keeps it in the home folder."""
    if not real.startswith(home):
        return "project"
    own = _users_own(home)
    folder, name = os.path.split(real)
    alike = os.path.join(folder, f"*{os.path.splitext(name)[1]}")
    return "user" if real in own or alike in own else "project"


@cache
def _users_own(home: str) -> frozenset[str]:
    """Whole paths, and such as `~/folder/*.json`."""
    kept = [path for host in rows().values() for path in host.user if path.startswith("~/")]
    return frozenset(os.path.join(home, path.removeprefix("~/")) for path in kept)


def _home(world: World) -> str:
    from mcpctl.config.folders import home_name

    return os.path.normpath(home_name(world.env))
