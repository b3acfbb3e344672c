"""What can be typed to log in to remote servers."""

from __future__ import annotations

from typing import Annotated

import typer

from mcpctl.cli.signatures.shared import Headers, Url

Server = Annotated[
    str | None, typer.Argument(metavar="SERVER", help="A name of the configuration, or an address.")
]


def login(
    server: Server = None,
    *,
    scope: Annotated[
        list[str] | None,
        typer.Option(metavar="SCOPE", help="Ask for this right besides those that the server wants."),
    ] = None,
    headless: Annotated[
        bool,
        typer.Option(
            "--headless", help="Print the page to open, and read the address that it leads to from stdin."
        ),
    ] = False,
    browser: Annotated[bool, typer.Option("--browser", help="Open the page in a browser.")] = False,
    port: Annotated[
        int | None,
        typer.Option(metavar="PORT", min=1, max=65535, help="Come back from the browser on this local port."),
    ] = None,
    url: Url = None,
    headers: Headers = None,
) -> None:
    """Log in to a remote server with OAuth.

    The page to open is printed; no browser is started unless you say so. The tokens are kept for you alone, and
    are sent and renewed from then on.

    Examples:
      mcpctl login github
      mcpctl login https://example.com/mcp --browser
      mcpctl login github --headless --scope repo
    """


def logout(
    server: Server = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Log out of every server.")] = False,
) -> None:
    """Forget the tokens of a server.

    Examples:
      mcpctl logout github
    """


def status(server: Server = None) -> None:
    """Show which servers there are logins for, and how long they last. Asks no server.

    Examples:
      mcpctl auth status
      mcpctl auth status github --json
    """
