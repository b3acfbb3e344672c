"""What can be typed to see what servers offer."""

from __future__ import annotations

from typing import Annotated

import typer

from mcpctl.cli.signatures.shared import (
    Adaptive,
    BearerEnv,
    Cwd,
    Elicit,
    Env,
    Full,
    Head,
    Headers,
    LogLevel,
    MaxChars,
    MaxTokens,
    Preview,
    Recent,
    Roots,
    Sample,
    Stdio,
    Summary,
    Tail,
    Url,
)
from mcpctl.model.duration import parse_duration

Grep = Annotated[str | None, typer.Option(metavar="WORD", help="Only what mentions this word.")]
Every = Annotated[bool, typer.Option("--all", help="All servers of the configuration, side by side.")]


def inspect(
    words: Annotated[list[str] | None, typer.Argument(metavar="SERVER")] = None,
    *,
    every: Every = False,
    stdio: Stdio = None,
    url: Url = None,
    headers: Headers = None,
    env: Env = None,
    cwd: Cwd = None,
    bearer_env: BearerEnv = None,
) -> None:
    """Show who a server is, what it can do and all it offers.

    Examples:
      mcpctl inspect demo
      mcpctl inspect --all --json
    """


def tools(
    words: Annotated[list[str] | None, typer.Argument(metavar="SERVER [TOOL]")] = None,
    *,
    every: Every = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print what the server declares, as JSON.")
    ] = False,
    grep: Grep = None,
    stdio: Stdio = None,
    url: Url = None,
    headers: Headers = None,
    env: Env = None,
    cwd: Cwd = None,
    bearer_env: BearerEnv = None,
) -> None:
    """List the tools of a server, or show one of them in full.

    Examples:
      mcpctl tools demo
      mcpctl tools demo echo
      mcpctl tools --all --grep file
    """


def resources(
    words: Annotated[list[str] | None, typer.Argument(metavar="SERVER")] = None,
    *,
    grep: Grep = None,
    stdio: Stdio = None,
    url: Url = None,
    headers: Headers = None,
    env: Env = None,
    cwd: Cwd = None,
    bearer_env: BearerEnv = None,
) -> None:
    """List the resources and resource templates of a server.

    Examples:
      mcpctl resources demo
    """


def read(
    words: Annotated[list[str] | None, typer.Argument(metavar="SERVER URI [NAME=VALUE...]")] = None,
    *,
    save: Annotated[str | None, typer.Option(metavar="DIR", help="Write the contents to files.")] = None,
    head: Head = None,
    tail: Tail = None,
    max_chars: MaxChars = None,
    max_tokens: MaxTokens = None,
    full: Full = False,
    preview: Preview = False,
    summary: Summary = False,
    recent: Recent = False,
    adaptive: Adaptive = False,
    elicit: Elicit = None,
    sample: Sample = None,
    roots: Roots = None,
    log_level: LogLevel = None,
    stdio: Stdio = None,
    url: Url = None,
    headers: Headers = None,
    env: Env = None,
    cwd: Cwd = None,
    bearer_env: BearerEnv = None,
) -> None:
    """Read a resource; `NAME=VALUE` fills the variables of a template.

    Examples:
      mcpctl read demo demo://note
      mcpctl read demo 'demo://greeting/{name}' name=Ada
    """


def prompts(
    words: Annotated[list[str] | None, typer.Argument(metavar="SERVER")] = None,
    *,
    grep: Grep = None,
    stdio: Stdio = None,
    url: Url = None,
    headers: Headers = None,
    env: Env = None,
    cwd: Cwd = None,
    bearer_env: BearerEnv = None,
) -> None:
    """List the prompts of a server.

    Examples:
      mcpctl prompts demo
    """


def prompt(
    words: Annotated[list[str] | None, typer.Argument(metavar="SERVER NAME [ITEM...]")] = None,
    *,
    elicit: Elicit = None,
    sample: Sample = None,
    roots: Roots = None,
    log_level: LogLevel = None,
    stdio: Stdio = None,
    url: Url = None,
    headers: Headers = None,
    env: Env = None,
    cwd: Cwd = None,
    bearer_env: BearerEnv = None,
) -> None:
    """Get a prompt and print its messages.

    Examples:
      mcpctl prompt demo translate text=hello language=French
    """


def complete(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="SERVER REF ARGUMENT=PREFIX [KNOWN=VALUE...]")
    ] = None,
    *,
    stdio: Stdio = None,
    url: Url = None,
    headers: Headers = None,
    env: Env = None,
    cwd: Cwd = None,
    bearer_env: BearerEnv = None,
) -> None:
    """Ask a server to complete an argument of a prompt or template.

    Examples:
      mcpctl complete demo translate language=F
    """


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
    stdio: Stdio = None,
    url: Url = None,
    headers: Headers = None,
    env: Env = None,
    cwd: Cwd = None,
    bearer_env: BearerEnv = None,
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
