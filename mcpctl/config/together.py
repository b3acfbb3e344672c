"""Several errors told at once: the first is raised, and knows the others."""

from __future__ import annotations

from collections.abc import Sequence

from mcpctl.errors import McpctlError


def raise_all(errors: Sequence[McpctlError]) -> None:
    """Does nothing where there is no error."""
    if errors:
        errors[0].related = tuple(errors[1:])
        raise errors[0]
