"""The shared core: every verb reaches every server through `SessionManager`, and through nothing else.

Its parts are loaded when they are asked for: a verb starts its server first, and loads this room while that boots.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mcpctl.session.handlers import SILENT, Handlers
    from mcpctl.session.manager import SessionManager
    from mcpctl.session.session import Session

__all__ = ["SILENT", "Handlers", "Session", "SessionManager"]

_HOMES = {"SILENT": "handlers", "Handlers": "handlers", "Session": "session", "SessionManager": "manager"}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
