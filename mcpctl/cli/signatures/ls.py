"""What can be typed to list servers."""

from __future__ import annotations

from typing import Annotated

import typer


def ls(
    tag: Annotated[
        list[str] | None, typer.Option(metavar="TAG", help="Only servers that carry one of these tags.")
    ] = None,
) -> None:
    """List the servers of the configuration.

    Examples:
      mcpctl ls
      mcpctl ls --tag prod --json
    """
