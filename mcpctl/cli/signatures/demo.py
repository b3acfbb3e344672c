"""What can be typed to run the built-in server."""

from __future__ import annotations

from typing import Annotated

import typer


def demo(
    arguments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ARGUMENT", help="`--http [HOST:]PORT` and `--tools N`, as the server takes them."
        ),
    ] = None,
) -> None:
    """Run the built-in MCP server, on stdio or over HTTP.

    What follows the verb belongs to the server, but for the options of every verb.

    Examples:
      mcpctl demo
      mcpctl demo --http 127.0.0.1:8000
    """
