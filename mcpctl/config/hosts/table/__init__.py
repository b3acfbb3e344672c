"""The rows, by family. Order matters where two hosts read the same path: the first one is assumed."""

from __future__ import annotations

from functools import cache

from mcpctl.config.hosts.facts import HostFacts


@cache
def rows() -> dict[str, HostFacts]:
    """Every host by its id."""
    from mcpctl.config.hosts.table import agents, assistants, claude, editors, gateways, own

    families = (own.ROWS, claude.ROWS, editors.ROWS, assistants.ROWS, agents.ROWS, gateways.ROWS)
    return {row.id: row for family in families for row in family}
