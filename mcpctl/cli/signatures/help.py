"""What can be typed to learn about mcpctl itself."""

from __future__ import annotations

from typing import Annotated

import typer


def reference(
    topic: Annotated[list[str] | None, typer.Argument(metavar="TOPIC", help="A verb or a topic.")] = None,
) -> None:
    """Explain a verb or a topic, or list them all.

    Examples:
      mcpctl help config show
      mcpctl help truncation
    """


def version() -> None:
    """Tell the versions of mcpctl and of what it stands on.

    Examples:
      mcpctl version
      mcpctl version --json
    """
