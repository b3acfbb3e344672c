"""What can be typed to see what calls took."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from mcpctl.model.duration import parse_duration


def stats(
    server: Annotated[
        str | None, typer.Argument(metavar="SERVER", help="Only calls of this server, by its tools.")
    ] = None,
    *,
    since: Annotated[
        float | None,
        typer.Option(
            metavar="DURATION", parser=parse_duration, help="How far to look back; a day by default."
        ),
    ] = None,
    by: Annotated[
        Literal["server", "tool", "hour"] | None,
        typer.Option(metavar="KEY", help="One row for each server, tool or hour."),
    ] = None,
    report: Annotated[
        str | None, typer.Option(metavar="FILE.html", help="Write a page with plots, readable offline.")
    ] = None,
) -> None:
    """Show how many calls were made, how many failed and how long they took.

    Every call that goes through a supervisor, `mcpctl run`, is counted within a
    second of its end.

    Examples:
      mcpctl stats
      mcpctl stats files --since 1h
      mcpctl stats --by hour --report week.html --since 168h
    """
