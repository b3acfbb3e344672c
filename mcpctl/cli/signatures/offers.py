"""What can be typed to see what servers offer."""

from __future__ import annotations

from typing import Annotated

import typer

from mcpctl.cli.signatures.shared import LogLevel, access, address, answers, show, takes
from mcpctl.model.duration import parse_duration

Grep = Annotated[str | None, typer.Option(metavar="WORD", help="Only what mentions this word.")]
Every = Annotated[bool, typer.Option("--all", help="All servers of the configuration, side by side.")]


@takes(address, access)
def inspect(
    words: Annotated[list[str] | None, typer.Argument(metavar="SERVER")] = None,
    *,
    every: Every = False,
) -> None:
    """Show who a server is, what it can do and all it offers.

    Examples:
      mcpctl inspect demo
      mcpctl inspect --all --json
    """


@takes(address, access)
def tools(
    words: Annotated[list[str] | None, typer.Argument(metavar="SERVER [TOOL]")] = None,
    *,
    every: Every = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print what the server declares, as JSON.")
    ] = False,
    grep: Grep = None,
) -> None:
    """List the tools of a server, or show one of them in full.

    Examples:
      mcpctl tools demo
      mcpctl tools demo echo
      mcpctl tools --all --grep file
    """


@takes(address, access)
def resources(
    words: Annotated[list[str] | None, typer.Argument(metavar="SERVER")] = None,
    *,
    grep: Grep = None,
) -> None:
    """List the resources and resource templates of a server.

    Examples:
      mcpctl resources demo
    """


@takes(show, answers, address, access)
def read(
    words: Annotated[list[str] | None, typer.Argument(metavar="SERVER URI [NAME=VALUE...]")] = None,
    *,
    save: Annotated[str | None, typer.Option(metavar="DIR", help="Write the contents to files.")] = None,
) -> None:
    """Read a resource; `NAME=VALUE` fills the variables of a template.

    Examples:
      mcpctl read demo demo://note
      mcpctl read demo 'demo://greeting/{name}' name=Ada
    """


@takes(address, access)
def prompts(
    words: Annotated[list[str] | None, typer.Argument(metavar="SERVER")] = None,
    *,
    grep: Grep = None,
) -> None:
    """List the prompts of a server.

    Examples:
      mcpctl prompts demo
    """


@takes(answers, address, access)
def prompt(
    words: Annotated[list[str] | None, typer.Argument(metavar="SERVER NAME [ITEM...]")] = None,
) -> None:
    """Get a prompt and print its messages.

    Examples:
      mcpctl prompt demo translate text=hello language=French
    """


@takes(address, access)
def complete(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="SERVER REF ARGUMENT=PREFIX [KNOWN=VALUE...]")
    ] = None,
) -> None:
    """Ask a server to complete an argument of a prompt or template.

    Examples:
      mcpctl complete demo translate language=F
    """


@takes(address, access)
def listen(
    words: Annotated[list[str] | None, typer.Argument(metavar="SERVER")] = None,
    *,
    uris: Annotated[
        list[str] | None, typer.Option("--uri", metavar="URI", help="Hear of changes of this resource.")
    ] = None,
    log_level: LogLevel = None,
    duration: Annotated[
        float | None,
        typer.Option("--for", metavar="DURATION", parser=parse_duration, help="Stop after this time."),
    ] = None,
    count: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Stop after so many announcements.")
    ] = None,
) -> None:
    """Print what a server announces, as it comes: changes and log messages.

    Examples:
      mcpctl listen demo --uri demo://counter
      mcpctl listen demo --json --for 30s
    """


def search(
    word: Annotated[str, typer.Argument(metavar="WORD", help="What to look for.")],
    *,
    server: Annotated[
        str | None, typer.Option(metavar="SERVER", help="Only among the tools of this one.")
    ] = None,
) -> None:
    """Find a tool by name, description or argument, among all servers.

    Examples:
      mcpctl search file
    """
