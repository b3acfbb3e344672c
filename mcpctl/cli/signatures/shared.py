"""Options that several verbs take, each said once: under the title of their group, and by the names of the fields that
they have in `model.asking`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from copy import copy
from typing import Annotated, TypeVar, get_args

import typer

F = TypeVar("F", bound=Callable[..., None])

Url = Annotated[str | None, typer.Option(metavar="URL", help="In place of SERVER: where a server listens.")]
Headers = Annotated[
    list[str] | None, typer.Option("--header", metavar="'NAME: VALUE'", help="Send a header to the server.")
]
LogLevel = Annotated[
    str | None, typer.Option(metavar="LEVEL", help="Ask the server for log messages from this level on.")
]


def takes(*groups: Callable[..., None]) -> Callable[[F], F]:
    """Append the options of groups to a signature, so that they are spelled and explained alike everywhere."""

    def extended(signature: F) -> F:
        own = inspect.signature(signature, eval_str=True)
        shared = [each for group in groups for each in _options(group)]
        signature.__annotations__.update({each.name: each.annotation for each in shared})
        signature.__signature__ = own.replace(parameters=[*own.parameters.values(), *shared])  # type: ignore[attr-defined] # what `inspect.signature` looks for
        return signature

    return extended


def _options(group: Callable[..., None]) -> Iterator[inspect.Parameter]:
    for option in inspect.signature(group, eval_str=True).parameters.values():
        kind, about = get_args(option.annotation)
        titled = copy(about)
        titled.rich_help_panel = group.__doc__
        yield option.replace(annotation=Annotated[kind, titled])


def address(
    *,
    stdio: Annotated[
        str | None,
        typer.Option(metavar="COMMAND", help="In place of SERVER: a command that serves on stdio."),
    ] = None,
    url: Url = None,
) -> None:
    """Server"""


def access(
    *,
    headers: Headers = None,
    env: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Set a variable for the server's process.")
    ] = None,
    cwd: Annotated[
        str | None, typer.Option(metavar="DIR", help="Run the command of `--stdio` in this folder.")
    ] = None,
    bearer_env: Annotated[
        str | None, typer.Option(metavar="NAME", help="Authenticate with the token in this variable.")
    ] = None,
) -> None:
    """Server"""


def answers(
    *,
    elicit: Annotated[
        str | None,
        typer.Option(
            metavar="HOW",
            help="Answer the server's questions: `ask`, `decline`, `defaults`, `park`, JSON or `@FILE`.",
        ),
    ] = None,
    sample: Annotated[
        str | None,
        typer.Option(metavar="COMMAND", help="Answer sampling requests with this program, or `decline`."),
    ] = None,
    roots: Annotated[
        list[str] | None,
        typer.Option("--root", metavar="DIR", help="Offer this folder to the server as a root."),
    ] = None,
    log_level: LogLevel = None,
) -> None:
    """Questions of the server"""


def show(
    *,
    head: Annotated[int | None, typer.Option(metavar="N", min=0, help="Show the first N lines.")] = None,
    tail: Annotated[int | None, typer.Option(metavar="N", min=0, help="Show the last N lines.")] = None,
    max_chars: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Show at most N characters.")
    ] = None,
    max_tokens: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Show at most N tokens, estimated as characters / 4."),
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Show everything, even on a terminal.")] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Show the first 100 lines.")] = False,
    summary: Annotated[bool, typer.Option("--summary", help="Show the first and the last 50 lines.")] = False,
    recent: Annotated[bool, typer.Option("--recent", help="Show the last 200 lines.")] = False,
    adaptive: Annotated[bool, typer.Option("--adaptive", help="Show the less the longer it is.")] = False,
) -> None:
    """How much is shown"""
