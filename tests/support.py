"""Shared by tests: bounded runs, a world made of memory, and where things are."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar

from mcpctl.model.world import World

T = TypeVar("T")

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
PYTHON = sys.executable


def run(coroutine: Coroutine[Any, Any, T], timeout: float = 60) -> T:
    """Run to the end, or fail after `timeout` seconds."""

    async def bounded() -> T:
        async with asyncio.timeout(timeout):
            return await coroutine

    return asyncio.run(bounded())


def world(
    tmp_path: Path,
    *,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    tty: bool = False,
    columns: int = 80,
) -> World:
    """A world that touches nothing outside `tmp_path`; read answers from `.stdout.getvalue()`."""
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    base = {
        "HOME": str(home),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_STATE_HOME": str(home / ".local/state"),
        "XDG_RUNTIME_DIR": str(home / "run"),
    }
    return World(
        stdin=io.BytesIO(stdin),
        stdout=io.BytesIO(),
        stderr=io.BytesIO(),
        folder=str(tmp_path),
        env={**base, **(env or {})},
        stdin_tty=tty,
        stdout_tty=tty,
        stderr_tty=tty,
        columns=columns,
    )
