"""Hosts by the name that the user typed."""

from __future__ import annotations

from mcpctl.config.hosts.facts import HostFacts
from mcpctl.config.hosts.table import rows
from mcpctl.errors import UsageError


def host_named(name: str) -> HostFacts:
    """The facts about a host; an unknown name is the user's mistake, and the nearest one is offered."""
    found = rows().get(name)
    if found is not None:
        return found
    from mcpctl.lint.nearest import nearest

    better = nearest(name, rows())
    raise UsageError(
        f"unknown host `{name}`",
        code="usage.unknown_host",
        hint=f"did you mean `{better}`?" if better else f"one of {', '.join(sorted(rows()))}",
    )
