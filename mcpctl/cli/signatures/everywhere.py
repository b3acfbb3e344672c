"""Options that every verb takes, before it or after it."""

from __future__ import annotations

from typing import Annotated

import typer

from mcpctl.model.duration import parse_duration


def everywhere(
    *,
    config: Annotated[
        list[str] | None, typer.Option(metavar="PATH", help="Read this configuration; later ones win.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option(metavar="NAME", help="Use a profile of the configuration.")
    ] = None,
    input: Annotated[
        list[str] | None, typer.Option(metavar="ID=VALUE", help="Answer `${input:ID}` of the configuration.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object, whatever happens.")] = False,
    format: Annotated[str | None, typer.Option(metavar="NAME", help="Print in another format.")] = None,
    timeout: Annotated[
        float | None,
        typer.Option(metavar="DURATION", parser=parse_duration, help="Give the whole command this long."),
    ] = None,
    trace: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write every message on the wire to a file.")
    ] = None,
    log_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write what happens to a file.")
    ] = None,
    no_color: Annotated[
        bool, typer.Option("--no-color", help="No colours; `NO_COLOR` does the same.")
    ] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No notes, no progress.")] = False,
    verbose: Annotated[
        int, typer.Option("-v", "--verbose", count=True, help="Tell more; twice for all.")
    ] = 0,
    debug: Annotated[bool, typer.Option("--debug", help="Show where in mcpctl an error came from.")] = False,
) -> None:
    """Run, inspect, check and load-test MCP servers."""
