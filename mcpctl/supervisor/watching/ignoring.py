"""What is never source code: folders of tools, files of editors, and whatever `.gitignore` names."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from mcpctl.model.value import NamedTuple
from mcpctl.supervisor.watching.patterns import matches

FOLDERS: Final = frozenset(
    "__pycache__ .git .hg .svn node_modules .venv venv .tox .nox .mypy_cache .pytest_cache .ruff_cache .idea .vscode".split()
)

ENDINGS: Final = (
    ".pyc",
    ".pyo",
    ".log",
    ".db",
    ".sqlite",
    ".sqlite3",
    "-journal",
    "-wal",
    "-shm",
    ".swp",
    ".swx",
    "~",
)
"""What running servers and open editors write beside their sources."""


class _Rule(NamedTuple):
    pattern: str
    keeps: bool
    folders_only: bool


class Ignoring:
    """Reads each `.gitignore` again when it has changed."""

    def __init__(self, top: Path, *, own: tuple[Path, ...] = ()) -> None:
        """`top` is the repository's root, or the project's folder where there is none; `own` is what mcpctl writes."""
        self._top = top
        self._own = own
        self._rules: dict[Path, tuple[int, tuple[_Rule, ...]]] = {}

    def is_own(self, path: Path) -> bool:
        return any(path.is_relative_to(folder) for folder in self._own)

    def is_noise(self, path: Path) -> bool:
        return not FOLDERS.isdisjoint(path.parts) or path.name.endswith(ENDINGS)

    def is_ignored(self, path: Path) -> bool:
        """As git would say of a file: a folder that is ignored takes all with it."""
        try:
            parts = path.relative_to(self._top).parts
        except ValueError:
            return False
        at = self._top
        for index, part in enumerate(parts):
            at /= part
            if self._judge(at, is_folder=index < len(parts) - 1):
                return True
        return False

    def _judge(self, path: Path, *, is_folder: bool) -> bool:
        ignored = False
        folder = self._top
        parts = path.relative_to(self._top).parts
        for index in range(len(parts)):
            relative = "/".join(parts[index:])
            for rule in self._of(folder):
                if (is_folder or not rule.folders_only) and matches(rule.pattern, relative):
                    ignored = not rule.keeps
            folder /= parts[index]
        return ignored

    def _of(self, folder: Path) -> tuple[_Rule, ...]:
        file = folder / ".gitignore"
        try:
            changed = file.stat().st_mtime_ns
        except OSError:
            return ()
        known = self._rules.get(folder)
        if known is None or known[0] != changed:
            try:
                lines = file.read_text("utf-8", "replace").splitlines()
            except OSError:
                lines = []
            known = changed, tuple(_rule(line) for line in lines if line.strip() and line[0] != "#")
            self._rules[folder] = known
        return known[1]


def _rule(line: str) -> _Rule:
    line = line.rstrip()
    keeps, line = line.startswith("!"), line.removeprefix("!")
    folders_only, line = line.endswith("/"), line.rstrip("/")
    anchored = "/" in line
    line = line.removeprefix("/")
    return _Rule(line if anchored else f"**/{line}", keeps, folders_only)
