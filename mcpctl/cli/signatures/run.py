"""What can be typed to keep servers running, and to talk to whoever keeps them."""

from __future__ import annotations

from typing import Annotated

import typer

from mcpctl.model.duration import parse_duration

Servers = Annotated[list[str] | None, typer.Argument(metavar="SERVER", help="Only these; all without any.")]


def run(
    servers: Servers = None,
    *,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Run in the background.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Take the place of a supervisor that runs already.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch/--no-watch", help="Reload when the configuration or the code changes.")
    ] = True,
    duration: Annotated[
        float | None,
        typer.Option("--for", metavar="DURATION", parser=parse_duration, help="End after so long."),
    ] = None,
    idle: Annotated[
        float | None,
        typer.Option(metavar="DURATION", parser=parse_duration, help="End when unused for so long."),
    ] = None,
    exit_on_failure: Annotated[
        bool, typer.Option("--exit-on-failure", help="End with 1 when a server is given up.")
    ] = False,
    stdio: Annotated[
        bool, typer.Option("--stdio", help="Serve the one SERVER on stdio, through any number of reloads.")
    ] = False,
    http: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Serve the one SERVER at `http://HOST:PORT/mcp` likewise."),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option("--allow-host", metavar="NAME", help="Let hosts that know it as NAME use `--http`."),
    ] = None,
    serve: Annotated[
        str | None,
        typer.Option(metavar="[HOST:]PORT", help="Answer /healthz, /readyz, /health and /metrics here."),
    ] = None,
) -> None:
    """Start servers, keep them running, and reload them when they change.

    All servers of the configuration, or those named with their fallbacks. Other
    verbs find the supervisor by themselves and use its live sessions.

    Examples:
      mcpctl run
      mcpctl run files --for 10m --exit-on-failure
      mcpctl run --detach
      mcpctl run --detach --replace
      mcpctl run files --http 127.0.0.1:8080
      mcpctl run --serve 9090
    """


def ps() -> None:
    """Show the servers of the running supervisor.

    Examples:
      mcpctl ps
      mcpctl ps --json
    """


def logs(
    servers: Servers = None,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines come.")] = False,
    since: Annotated[
        float | None,
        typer.Option(metavar="DURATION", parser=parse_duration, help="Only what is younger."),
    ] = None,
    grep: Annotated[
        str | None,
        typer.Option(metavar="PATTERN", help="Only lines that this regular expression matches anywhere."),
    ] = None,
    lines: Annotated[
        int | None, typer.Option("--lines", "-n", metavar="N", min=0, help="The last N lines.")
    ] = None,
) -> None:
    """Show what servers wrote to their stderr.

    Examples:
      mcpctl logs files
      mcpctl logs -f --since 5m --grep '(?i)error|timeout'
    """


def restart(servers: Servers = None) -> None:
    """Restart servers of the running supervisor, and forget their failures.

    Examples:
      mcpctl restart files
    """


def stop(
    servers: Servers = None,
    *,
    all: Annotated[bool, typer.Option("--all", help="End the supervisor with all its servers.")] = False,
) -> None:
    """Stop servers of the running supervisor, or the supervisor itself.

    Examples:
      mcpctl stop files
      mcpctl stop --all
    """


def reload(servers: Servers = None) -> None:
    """Read the configuration again; with names, start their newest build.

    Examples:
      mcpctl reload
      mcpctl reload files
    """


def cache_clear(
    pattern: Annotated[
        str | None,
        typer.Argument(metavar="PATTERN", help="Only of `SERVER` or `SERVER.TOOL`; `*` stands for anything."),
    ] = None,
) -> None:
    """Forget answers that a running supervisor keeps: the next calls ask again.

    Examples:
      mcpctl cache clear
      mcpctl cache clear 'docs.search*'
    """


def answer(
    id: Annotated[str, typer.Argument(metavar="ID", help="What the call was parked under.")],
    answer: Annotated[str, typer.Argument(metavar="JSON", help="The form's content, or a whole answer.")],
) -> None:
    """Answer the question of a call that was parked with `--elicit park`.

    Examples:
      mcpctl answer 1 '{"name": "Ada"}'
      mcpctl answer 1 '{"action": "decline"}'
    """


def doctor(
    fix: Annotated[bool, typer.Option("--fix", help="End and remove what a crash left behind.")] = False,
) -> None:
    """Look at this machine: versions, programs, sockets, leftovers.

    Examples:
      mcpctl doctor
      mcpctl doctor --fix
    """
