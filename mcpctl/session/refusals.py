"""Why a tool is not called although it is there: nothing is sent, so nothing happened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mcpctl.errors import UsageError

if TYPE_CHECKING:
    from mcpctl.session.schemas import Fault


def misfit(tool: str, faults: Sequence[Fault], *, server: str) -> UsageError:
    """For arguments that do not fit the tool's schema."""
    return UsageError(
        f"the arguments do not fit tool `{tool}`: {faults[0]}",
        code="usage.arguments",
        server=server,
        hint=f"see its arguments: `mcpctl tools {server} {tool}`",
        related=[UsageError(str(fault), code="usage.arguments") for fault in faults[1:]],
    )


def forbidden(tool: str, rule: str, *, server: str) -> UsageError:
    """For a tool that the configuration does not allow."""
    return UsageError(
        f"the configuration of `{server}` forbids tool `{tool}`: {rule}",
        code="usage.denied",
        hint="change `allow_tools`, `deny_tools` or `read_only` of this server",
        server=server,
    )
