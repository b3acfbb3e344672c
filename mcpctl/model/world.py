"""The outside world as one value: tests pass another one, nothing reaches around it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, BinaryIO

from mcpctl.model.value import dataclass, field

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    stdin: BinaryIO
    stdout: BinaryIO
    stderr: BinaryIO
    folder: str
    """The current one, absolute."""
    env: Mapping[str, str] = field(default_factory=dict)
    stdin_tty: bool = False
    stdout_tty: bool = False
    stderr_tty: bool = False
    columns: int = 80
    rows: int = 24
    clock: Callable[[], float] = time.monotonic
    """Seconds that never jump; every policy takes it from here."""
    now: Callable[[], float] = time.time
    """The time of day, for what people read in logs."""

    @property
    def cwd(self) -> Path:
        """The folder, for whoever needs more of it than its name: loading `pathlib` takes a quarter of Python's start."""
        from pathlib import Path

        return Path(self.folder)
