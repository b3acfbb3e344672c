"""Which files a server is made of: those its `watch` globs name, else what its command and its `env_file` name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mcpctl.model.server import ServerSpec
from mcpctl.model.value import dataclass
from mcpctl.supervisor.watching.ignoring import Ignoring
from mcpctl.supervisor.watching.patterns import fixed_part, matches

SOURCES: Final = frozenset(
    ".py .pyi .js .mjs .cjs .ts .mts .cts .jsx .tsx .rb .go .rs .java .kt .php .lua .sh .jar .wasm .env".split()
)
"""Endings of files that servers are made of. Data is left out: servers write it themselves, and would reload for ever."""

SYSTEM: Final = ("/usr", "/bin", "/opt", "/sbin", "/lib", "/nix", "/snap")
"""Where programs are installed rather than written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Files below `root` that fit. With `named` the command names that very file."""

    root: Path
    pattern: str | None = None
    named: Path | None = None
    tracked: bool = True
    """`.gitignore` is respected; not where it names what the command names, such as the output of a compiler."""
    alone: bool = False
    """Nothing but the named file: its folder may be anything."""

    def covers(self, path: Path, ignoring: Ignoring) -> bool:
        if path == self.named:
            return True
        if self.alone or not path.is_relative_to(self.root) or ignoring.is_own(path):
            return False
        if ignoring.is_noise(path.relative_to(self.root)):
            return False
        if self.pattern is not None:
            return matches(self.pattern, path.relative_to(self.root).as_posix())
        return path.suffix in SOURCES and not (self.tracked and ignoring.is_ignored(path))


def targets(spec: ServerSpec, folder: Path, ignoring: Ignoring) -> tuple[Target, ...]:
    """None for a server that is somewhere else, or that is a program of the system."""
    if spec.transport != "stdio" and spec.watch is None:
        return ()
    base = folder / spec.cwd if spec.cwd and "$" not in spec.cwd else folder
    if spec.watch is not None:
        return tuple(_glob(pattern, base) for pattern in spec.watch)
    words = (*([spec.command] if spec.command else []), *spec.args)
    found = {target.root: target for target in _named(words, base, ignoring)}
    return (*found.values(), *_environment(spec, base))


def repository(folder: Path) -> Path:
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)


def _glob(pattern: str, base: Path) -> Target:
    whole = Path(pattern)
    if whole.is_absolute():
        fixed = Path(fixed_part(pattern))
        return Target(root=fixed, pattern=whole.relative_to(fixed).as_posix())
    pattern = pattern.removeprefix("./")
    if (base / pattern).is_dir():
        return Target(root=base / pattern, pattern="**")
    fixed = Path(fixed_part(pattern))
    return Target(root=base / fixed, pattern=Path(pattern).relative_to(fixed).as_posix())


def _environment(spec: ServerSpec, base: Path) -> Iterator[Target]:
    if spec.env_file is not None and "$" not in spec.env_file:
        path = (base / spec.env_file).resolve()
        yield Target(root=path.parent, named=path, alone=True)


def _named(words: tuple[str, ...], base: Path, ignoring: Ignoring) -> Iterator[Target]:
    for index, word in enumerate(words):
        if index and words[index - 1] == "-m":
            yield from _module(word, base, ignoring)
        elif word and not word.startswith("-") and "$" not in word and "\0" not in word:
            yield from _path(word, base, ignoring, is_command=index == 0)


def _module(name: str, base: Path, ignoring: Ignoring) -> Iterator[Target]:
    parts = name.split(".")
    for root in (base, base / "src"):
        package, module = root / parts[0], root.joinpath(*parts).with_suffix(".py")
        if package.is_dir():
            yield Target(root=package, tracked=not ignoring.is_ignored(package / "x"))
        elif module.is_file():
            yield Target(root=root, named=module)


def _path(word: str, base: Path, ignoring: Ignoring, *, is_command: bool) -> Iterator[Target]:
    try:
        path = (base / word).resolve() if "/" in word or not is_command else None
        exists = path is not None and path.exists()
    except OSError:  # a word that is too long for a path
        return
    if path is None or not exists or ignoring.is_noise(path) or str(path).startswith(SYSTEM):
        return
    if path.is_dir():
        if any(
            (path / each).exists()
            for each in ("pyproject.toml", "package.json", "__main__.py", "__init__.py")
        ):
            yield Target(root=path, tracked=not ignoring.is_ignored(path / "x"))
    elif path.suffix in SOURCES or not is_command:
        if path.suffix in SOURCES:
            yield Target(root=path.parent, named=path, tracked=not ignoring.is_ignored(path))
    elif path.is_relative_to(base):
        yield Target(root=path.parent, named=path, pattern=path.name)
