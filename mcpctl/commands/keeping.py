"""Whole results whose shown form was cut: files only their owner can read, bounded in all, oldest first out."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote, unquote

from mcpctl.config.folders import cache_home
from mcpctl.errors import UsageError
from mcpctl.model.value import dataclass
from mcpctl.model.world import World

MAX_BYTES = 512 << 20
"""Of all kept results together; the newest one always stays, whatever its size."""

MAX_FILES = 200
"""A folder that a person can still look through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    path: Path
    server: str
    what: str


def keep(world: World, server: str, what: str, text: str | bytes) -> str | None:
    """The path of the file that now holds `text`; None where it cannot be written, which must not lose the answer."""
    folder = _folder(world)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = _new(folder, server, what)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
        _drop_oldest(folder)
    except OSError:
        return None
    return str(path)


def latest(world: World, server: str | None, what: str | None) -> Kept:
    """The newest kept result, of this server and tool if they are named."""
    for path in reversed(_files(_folder(world))):
        kept = _described(path)
        if kept is not None and server in (None, kept.server) and what in (None, kept.what):
            return kept
    raise UsageError(
        "no earlier result is kept",
        code="usage.no_last",
        hint="results are kept when what was shown had to be cut",
    )


def _folder(world: World) -> Path:
    return cache_home(world.env) / "results"


def _files(folder: Path) -> list[Path]:
    """Oldest first: the names begin with a number that grows."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".txt")
    except OSError:
        return []


def _new(folder: Path, server: str, what: str) -> Path:
    files = _files(folder)
    last = files[-1].name.partition(".")[0] if files else "0"
    number = int(last) + 1 if last.isdigit() else 1
    return folder / f"{number:08d}.{_quoted(server)}.{_quoted(what)}.txt"


def _quoted(name: str) -> str:
    """Harmless in a file name, and readable again unless it is very long."""
    return quote(name, safe="").replace(".", "%2E")[:80]


def _described(path: Path) -> Kept | None:
    parts = path.name.split(".")
    if len(parts) != 4:
        return None
    return Kept(path=path, server=unquote(parts[1]), what=unquote(parts[2]))


def _drop_oldest(folder: Path) -> None:
    files = _files(folder)
    sizes = {path: path.stat().st_size for path in files}
    total = sum(sizes.values())
    for path in files[:-1]:
        if total <= MAX_BYTES and len(sizes) <= MAX_FILES:
            return
        path.unlink(missing_ok=True)
        total -= sizes.pop(path)
