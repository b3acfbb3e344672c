"""Parameters that several verbs take, each said once; they are the fields of `Aside`, `Answers` and `Show`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import typer

Stdio = Annotated[
    str | None, typer.Option(metavar="COMMAND", help="In place of SERVER: a command that serves on stdio.")
]
Url = Annotated[str | None, typer.Option(metavar="URL", help="In place of SERVER: where a server listens.")]
Headers = Annotated[
    list[str] | None, typer.Option("--header", metavar="'NAME: VALUE'", help="Send a header to the server.")
]
Env = Annotated[
    list[str] | None, typer.Option(metavar="NAME=VALUE", help="Set a variable for the server's process.")
]
Cwd = Annotated[str | None, typer.Option(metavar="DIR", help="Run the command of `--stdio` in this folder.")]
BearerEnv = Annotated[
    str | None, typer.Option(metavar="NAME", help="Authenticate with the token in this variable.")
]

Elicit = Annotated[
    str | None,
    typer.Option(
        metavar="HOW",
        help="Answer the server's questions: `ask`, `decline`, `defaults`, `park`, JSON or `@FILE`.",
    ),
]
Sample = Annotated[
    str | None,
    typer.Option(metavar="COMMAND", help="Answer sampling requests with this program, or `decline`."),
]
Roots = Annotated[
    list[str] | None, typer.Option("--root", metavar="DIR", help="Offer this folder to the server as a root.")
]
LogLevel = Annotated[
    str | None, typer.Option(metavar="LEVEL", help="Ask the server for log messages from this level on.")
]

Head = Annotated[int | None, typer.Option(metavar="N", min=0, help="Show the first N lines.")]
Tail = Annotated[int | None, typer.Option(metavar="N", min=0, help="Show the last N lines.")]
MaxChars = Annotated[int | None, typer.Option(metavar="N", min=1, help="Show at most N characters.")]
MaxTokens = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="Show at most N tokens, estimated as characters / 4.")
]
Full = Annotated[bool, typer.Option("--full", help="Show everything, even on a terminal.")]
Preview = Annotated[bool, typer.Option("--preview", help="Show the first 100 lines.")]
Summary = Annotated[bool, typer.Option("--summary", help="Show the first and the last 50 lines.")]
Recent = Annotated[bool, typer.Option("--recent", help="Show the last 200 lines.")]
Adaptive = Annotated[bool, typer.Option("--adaptive", help="Show the less the longer it is.")]

F = TypeVar("F", bound=Callable[..., None])

ASIDE: dict[str, tuple[Any, Any]] = {
    "stdio": (Stdio, None),
    "url": (Url, None),
    "headers": (Headers, None),
    "env": (Env, None),
    "cwd": (Cwd, None),
    "bearer_env": (BearerEnv, None),
}
"""A server described on the spot: the fields of `model.asking.Aside`."""

ANSWERS: dict[str, tuple[Any, Any]] = {
    "elicit": (Elicit, None),
    "sample": (Sample, None),
    "roots": (Roots, None),
    "log_level": (LogLevel, None),
}
"""What the server is told when it asks: the fields of `model.asking.Answers`."""

SHOW: dict[str, tuple[Any, Any]] = {
    "head": (Head, None),
    "tail": (Tail, None),
    "max_chars": (MaxChars, None),
    "max_tokens": (MaxTokens, None),
    "full": (Full, False),
    "preview": (Preview, False),
    "summary": (Summary, False),
    "recent": (Recent, False),
    "adaptive": (Adaptive, False),
}
"""How much of a result is shown: the fields of `model.asking.Show`."""


def takes(*groups: dict[str, tuple[Any, Any]]) -> Callable[[F], F]:
    """Append shared options to a signature, so that they are spelled and explained alike everywhere."""

    def extended(signature: F) -> F:
        own = inspect.signature(signature, eval_str=True)
        shared = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
            for group in groups
            for name, (annotation, default) in group.items()
        ]
        signature.__annotations__.update({each.name: each.annotation for each in shared})
        signature.__signature__ = own.replace(parameters=[*own.parameters.values(), *shared])  # type: ignore[attr-defined] # what `inspect.signature` looks for
        return signature

    return extended
