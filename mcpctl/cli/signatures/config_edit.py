"""What can be typed to carry configurations between hosts, and to change them."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

Name = Annotated[str, typer.Argument(metavar="NAME", help="The server's name.")]
File = Annotated[str | None, typer.Option("--file", metavar="PATH", help="In this file, of whatever host.")]
Host = Annotated[str | None, typer.Option(metavar="HOST", help="Take the file for this host's.")]
Servers = Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only this server.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit 1 if anything could not be carried.")]


def convert(
    path: Annotated[str | None, typer.Argument(metavar="PATH", help="The file to read.")] = None,
    *,
    to: Annotated[str, typer.Option(metavar="HOST", help="Whose file it should become.")] = "",
    source: Annotated[
        str | None, typer.Option("--from", metavar="HOST", help="Whose file it is, where that is not plain.")
    ] = None,
    output: Annotated[
        str | None, typer.Option(metavar="PATH", help="Write there; servers are added to a file that exists.")
    ] = None,
    server: Servers = None,
    strict: Strict = False,
) -> None:
    """Turn one host's configuration into another's, and tell what was lost.

    Variables stay variables, and nothing is executed.

    Examples:
      mcpctl config convert .mcp.json --to vscode --output .vscode/mcp.json
      mcpctl config convert --to codex
    """


def import_servers(
    hosts: Annotated[
        list[str] | None, typer.Argument(metavar="HOST", help="Only from these hosts; none means all.")
    ] = None,
    *,
    output: Annotated[str, typer.Option(metavar="PATH", help="The file to write.")] = "mcpctl.toml",
    server: Servers = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace servers that are there already.")
    ] = False,
    strict: Strict = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be written.")] = False,
) -> None:
    """Bring the servers of this machine's hosts into `mcpctl.toml`.

    Examples:
      mcpctl config import
      mcpctl config import claude-code cursor --dry-run
    """


def view(
    path: Annotated[str | None, typer.Argument(metavar="PATH", help="The file to look at.")] = None,
    *,
    hosts: Annotated[
        list[str] | None, typer.Option("--as", metavar="HOST", help="Hosts, separated by commas.")
    ] = None,
) -> None:
    """Show what each host would make of a configuration.

    Examples:
      mcpctl config view .mcp.json --as claude-code,vscode,gemini
    """


def add(
    name: Name,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[-- COMMAND ARG...]", help="What to start, behind `--`.")
    ] = None,
    *,
    url: Annotated[str | None, typer.Option(metavar="URL", help="Where to reach it instead.")] = None,
    env: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="A variable for it.")] = None,
    header: Annotated[
        list[str] | None, typer.Option(metavar="'NAME: VALUE'", help="A header to send.")
    ] = None,
    transport: Annotated[
        Literal["stdio", "http", "sse"] | None,
        typer.Option(metavar="KIND", help="How to reach it: stdio, http or sse."),
    ] = None,
    cwd: Annotated[str | None, typer.Option(metavar="DIR", help="The folder to start it in.")] = None,
    file: File = None,
    host: Host = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a server of that name.")] = False,
) -> None:
    """Add a server to a configuration; everything else in the file stays as it is.

    Examples:
      mcpctl config add files -- npx -y @acme/files@1.4.2 --root .
      mcpctl config add docs --url https://docs.example.com/mcp --file .mcp.json
    """


def remove(name: Name, *, file: File = None, host: Host = None) -> None:
    """Remove a server from a configuration.

    Examples:
      mcpctl config remove files
      mcpctl config remove docs --file .mcp.json
    """


def enable(name: Name, *, file: File = None, host: Host = None) -> None:
    """Switch a server on.

    Examples:
      mcpctl config enable files
    """


def disable(name: Name, *, file: File = None, host: Host = None) -> None:
    """Switch a server off, where its host can.

    Examples:
      mcpctl config disable files
      mcpctl config disable docs --file .vscode/mcp.json
    """


def set_value(
    name: Name,
    key: Annotated[
        str, typer.Argument(metavar="KEY", help="In the words of `mcpctl.toml`, such as `env.TOKEN`.")
    ],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="A text, or JSON.")],
    *,
    file: File = None,
    host: Host = None,
) -> None:
    """Change one value of a server.

    Examples:
      mcpctl config set files call_timeout 30s
      mcpctl config set files args '["-y", "@acme/files@1.4.2"]' --file .mcp.json
    """
