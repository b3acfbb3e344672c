"""What can be typed to call a tool, or to send any request."""

from __future__ import annotations

from typing import Annotated

import typer

from mcpctl.cli.signatures.shared import access, address, answers, show, takes


@takes(show, answers, address, access)
def call(
    words: Annotated[list[str] | None, typer.Argument(metavar="SERVER TOOL [ITEM...]")] = None,
    *,
    arguments: Annotated[
        str | None, typer.Option("--args", metavar="JSON", help="All arguments as JSON, `@FILE` or `-`.")
    ] = None,
    field: Annotated[
        str | None, typer.Option(metavar="PATH", help="Show one value: `/items/0/name` or `items.0.name`.")
    ] = None,
    save: Annotated[
        str | None, typer.Option(metavar="DIR", help="Write images, audio and blobs to files.")
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Print the result as it came, as JSON.")] = False,
    last: Annotated[
        bool, typer.Option("--last", help="Show the last result that was cut again; call nothing.")
    ] = False,
    retries: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Try again so often, if the tool allows it.")
    ] = None,
    validate: Annotated[
        bool, typer.Option("--validate/--no-validate", help="Check arguments before they are sent.")
    ] = True,
    use_cache: Annotated[bool, typer.Option("--cache/--no-cache", help="Let a cached answer do.")] = True,
    cold: Annotated[
        bool, typer.Option("--cold", help="Start a server of our own; use no supervisor.")
    ] = False,
    strict_output: Annotated[
        bool, typer.Option("--strict-output", help="Exit 5 if the result breaks the tool's own schema.")
    ] = False,
) -> None:
    """Call a tool and print its result.

    An item is `key=text`, `key:=JSON`, `key=@FILE` or `key:=@FILE`; text becomes
    the type that the tool declares. `SERVER.TOOL` is one word for both.

    Examples:
      mcpctl call demo echo text=hello
      mcpctl call demo add a=1 b=2 --json
      mcpctl call --stdio 'uvx mcp-server-time' get_current_time timezone=UTC
    """


@takes(answers, address, access)
def rpc(
    words: Annotated[list[str] | None, typer.Argument(metavar="SERVER METHOD [JSON]")] = None,
) -> None:
    """Send any request and print the raw result.

    Examples:
      mcpctl rpc demo tools/list
      mcpctl rpc demo resources/read '{"uri": "demo://note"}'
    """
