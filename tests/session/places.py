"""Managers over small servers, for the tests of this folder."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mcpctl.model.events import Event
from mcpctl.model.server import ServerSpec
from mcpctl.model.settings import Settings
from mcpctl.session import SessionManager
from tests.support import ROOT, world

ECHO = ROOT / "tests/servers/echo.py"
HOSTILE = ROOT / "tests/hostile/servers/stdio.py"


def echo(name: str = "echo", *flags: str, **keys: Any) -> ServerSpec:
    return ServerSpec(name=name, command=sys.executable, args=(str(ECHO), *flags), **keys)


def hostile(mode: str, *words: str, **keys: Any) -> ServerSpec:
    keys.setdefault("start_timeout", 3.0)
    return ServerSpec(name=mode, command=sys.executable, args=(str(HOSTILE), mode, *words), **keys)


@asynccontextmanager
async def managing(
    tmp_path: Path, *specs: ServerSpec, events: list[Event] | None = None
) -> AsyncIterator[SessionManager]:
    settings = Settings(servers={spec.name: spec for spec in specs})
    emit = events.append if events is not None else lambda _: None
    manager = SessionManager(settings, world(tmp_path), emit=emit)
    try:
        yield manager
    finally:
        await manager.aclose()
