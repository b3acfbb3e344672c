"""What can be typed to see configurations."""

from __future__ import annotations

from typing import Annotated

import typer


def show(
    server: Annotated[list[str] | None, typer.Argument(metavar="SERVER", help="Only these servers.")] = None,
    *,
    origin: Annotated[bool, typer.Option("--origin", help="Tell where each value was written.")] = False,
) -> None:
    """Show the configuration after all layers were merged, secrets masked.

    Examples:
      mcpctl config show
      mcpctl config show files --origin
    """


def sources() -> None:
    """Show which configuration files were looked at, and which were used.

    Examples:
      mcpctl config sources
      mcpctl config sources --profile staging
    """


def schema(
    *,
    host: Annotated[
        str | None,
        typer.Option(metavar="HOST", help="The schema of this host's file, such as `claude-code`."),
    ] = None,
) -> None:
    """Print the JSON Schema of `mcpctl.toml` and `mcpctl.json`, or of a host's file.

    Examples:
      mcpctl config schema > mcpctl.schema.json
      mcpctl config schema --host claude-code
    """


def init(
    path: Annotated[
        str | None,
        typer.Argument(
            metavar="PATH", help="Where to write, in place of `mcpctl.toml`; a file that does not exist."
        ),
    ] = None,
) -> None:
    """Write a first `mcpctl.toml` with a server to try and comments on the rest.

    Examples:
      mcpctl config init
    """
