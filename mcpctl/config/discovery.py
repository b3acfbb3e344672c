"""Which files are looked at, and which of them count.

Reads none of them, except to see whether a `pyproject.toml` is meant for mcpctl.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mcpctl.config.bounded import read_bounded
from mcpctl.config.folders import config_home, home
from mcpctl.errors import ConfigError
from mcpctl.model.settings import Note, Source
from mcpctl.model.world import World

NAMES = (
    "mcpctl.toml",
    "mcpctl.json",
    "pyproject.toml",
    ".mcp.json",
    "mcp.json",
    ".vscode/mcp.json",
    ".cursor/mcp.json",
    "children_config.toml",
    "children_config.json",
)
"""In each folder the first of them wins."""

LayerName = Literal["base", "overlay", "user", "flag"]


@dataclass(slots=True, kw_only=True)
class Found:
    """`files` are those that count, the lowest layer first."""

    files: list[tuple[Path, LayerName]] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    base: Path | None = None
    folder: Path | None = None
    """The project's, where the base was found by searching."""

    def add(self, path: Path, layer: LayerName, *, present: bool) -> None:
        self.sources.append(Source(path=str(path), layer=layer, status="used" if present else "absent"))
        if present:
            self.files.append((path, layer))


def discover(world: World, paths: Sequence[str | Path]) -> Found:
    """Raises `ConfigError` for a file that was named and is not there."""
    found = Found()
    user = config_home(world.env) / "config.toml"
    found.add(user, "user", present=_is_file(user))
    named = list(paths) or [path for path in [world.env.get("MCPCTL_CONFIG", "")] if path]
    if named:
        origin = "" if paths else ", which `$MCPCTL_CONFIG` names,"
        files = [_existing(world, path, origin) for path in named]
        found.base = files[0]
        found.add(files[0], "flag", present=True)
    else:
        files = []
        _search(world, found)
    if found.base:
        _add_overlays(world, found, found.folder or found.base.parent)
    for path in files[1:]:
        found.add(path, "flag", present=True)
    return found


def _existing(world: World, path: str | Path, origin: str) -> Path:
    whole = world.cwd / path
    try:
        if not whole.is_dir():
            whole.stat()
            return whole
        problem, code = "is a folder", "config.unreadable"
    except FileNotFoundError:
        problem, code = "does not exist", "config.missing_file"
    except OSError as error:
        problem, code = f"cannot be read: {(error.strerror or str(error)).lower()}", "config.unreadable"
    message = f"the configuration `{path}`{origin} {problem}"
    raise ConfigError(message, code=code, hint="name a file such as `mcpctl.toml`", file=str(whole))


def _search(world: World, found: Found) -> None:
    """From the current folder upwards. All candidates are listed, so that nobody has to guess what was looked at."""
    for folder, foreign in _folders(world):
        for name in NAMES:
            path = folder / name
            if not _is_file(path) or (name == "pyproject.toml" and not _is_ours(path)):
                found.sources.append(Source(path=str(path), status="absent"))
            elif foreign and path.stat().st_uid not in (0, os.getuid()):
                message = "it belongs to another user and is outside of a repository, so it is not read"
                found.notes.append(Note(message=message, file=str(path)))
                found.sources.append(Source(path=str(path), status="shadowed"))
            elif found.base:
                found.sources.append(Source(path=str(path), status="shadowed"))
            else:
                found.add(path, "base", present=True)
                found.base, found.folder = path, folder


def _folders(world: World) -> Iterator[tuple[Path, bool]]:
    """Each folder to look into, and whether others may have put files there.

    The way ends at the repository's root, else at home. Outside of both it ends at the root of the file system, where
    anybody may write: then only files of this user or of root count, except in the current folder itself.
    """
    way = (world.cwd, *world.cwd.parents)
    own_home = home(world.env)
    root = next((folder for folder in way if _is_there(folder / ".git")), None)
    last = root or (own_home if own_home in way else None)
    for folder in way:
        yield folder, last is None and folder != world.cwd
        if folder == last:
            return


def _is_ours(path: Path) -> bool:
    """Whether a `pyproject.toml` has a table for mcpctl; one that cannot be read but seems to is ours too."""
    try:
        data = read_bounded(path)
    except OSError:
        return False
    if b"mcpctl" not in data:
        return False
    from mcpctl.config.documents import UnreadableError, load_value

    try:
        tool = load_value(data, "toml").get("tool")
    except UnreadableError:
        return b"[tool.mcpctl" in data
    return isinstance(tool, dict) and "mcpctl" in tool


def _add_overlays(world: World, found: Found, folder: Path) -> None:
    """The files of one person, beside the base."""
    user = world.env.get("USER") or world.env.get("LOGNAME") or ""
    names = ["mcpctl.local.toml"]
    if user and user != "local" and "/" not in user and "\0" not in user:
        names.append(f"mcpctl.{user}.toml")
    for name in names:
        path = folder / name
        if path not in [used for used, _ in found.files]:
            found.add(path, "overlay", present=_is_file(path))


def _is_file(path: Path) -> bool:
    """What may not even be looked at, such as the home of whoever ran `sudo`, is as good as absent."""
    try:
        return path.is_file()
    except OSError:
        return False


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False
