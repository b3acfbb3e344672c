"""What can be typed to check servers."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from mcpctl.cli.signatures.shared import access, address, takes
from mcpctl.model.duration import parse_duration


@takes(address, access)
def health(
    words: Annotated[list[str] | None, typer.Argument(metavar="[SERVER...]")] = None,
    *,
    level: Annotated[
        Literal["config", "start", "handshake", "list", "canary", "soak"] | None,
        typer.Option(metavar="LEVEL", help="How far to go: config, start, handshake, list, canary or soak."),
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option(metavar="TAG", help="Only servers that carry one of these tags.")
    ] = None,
    fail_on: Annotated[
        Literal["unhealthy", "degraded"],
        typer.Option(metavar="VERDICT", help="Exit 1 from this verdict on: unhealthy or degraded."),
    ] = "unhealthy",
    cold: Annotated[
        bool, typer.Option("--cold", help="Start servers of its own, even beside a supervisor.")
    ] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on looking, until Ctrl-C.")] = False,
    interval: Annotated[
        float | None,
        typer.Option(metavar="DURATION", parser=parse_duration, help="The time between two looks."),
    ] = None,
    until: Annotated[
        Literal["healthy"] | None,
        typer.Option(metavar="VERDICT", help="Watch until every server is `healthy`; see `--timeout`."),
    ] = None,
    on_change: Annotated[
        str | None,
        typer.Option(metavar="COMMAND", help="Run this when a state changes; it reads JSON on its stdin."),
    ] = None,
    webhook: Annotated[
        str | None, typer.Option(metavar="URL", help="Post the same JSON here when a state changes.")
    ] = None,
    serve: Annotated[
        str | None,
        typer.Option(metavar="[HOST:]PORT", help="Answer /healthz, /readyz, /health and /metrics here."),
    ] = None,
    output: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the answer of `--format` here, all at once.")
    ] = None,
) -> None:
    """Check whether servers start, answer, list and do what is expected of them.

    Formats: human, json, jsonl, junit, github, prometheus. Each level includes those before it; `config` starts
    nothing. What is expected stands in `[servers.NAME.health]`.

    Examples:
      mcpctl health
      mcpctl health demo --level soak
      mcpctl health --watch --on-change ./tell-me
      mcpctl health --until healthy --timeout 60s
    """


def route(
    capability: Annotated[
        str, typer.Argument(metavar="CAPABILITY", help="What servers declare in `capabilities`.")
    ],
) -> None:
    """Explain which server `@CAPABILITY` means: the fastest healthy one of late.

    Examples:
      mcpctl route search
      mcpctl call @search find text=hello
    """
