"""Which servers of a running supervisor are meant, and how they came out of what was done to them."""

from __future__ import annotations

from mcpctl.commands.context import Context
from mcpctl.errors import ConnectError, McpctlError
from mcpctl.supervisor.fleet import Fleet


def chosen(names: tuple[str, ...], ctx: Context) -> list[str]:
    """Those that are named, else all that the supervisor has. Raises `ConfigError` for a name that nobody knows."""
    fleet = ctx.supervisor.fleet
    for name in names:
        fleet.keeper(name)
    return list(dict.fromkeys(names)) or [status.name for status in fleet.statuses()]


def failures(fleet: Fleet, names: list[str]) -> tuple[McpctlError, ...]:
    """Why servers do not run that should."""
    found = []
    for name in names:
        status = fleet.status(name)
        if status.state in ("failed", "backoff"):
            found.append(ConnectError(status.reason, code="connect.failed", server=name))
    return tuple(found)
