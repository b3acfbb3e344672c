"""Is a server alive, is it right, is it getting worse: checks over a session, and the state that many of them make.

A verdict is what was just observed, never what is configured. The parts load when they are asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mcpctl.health.monitor import Monitor

__all__ = ["Monitor"]

_HOMES = {"Monitor": "monitor"}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
