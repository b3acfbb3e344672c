"""The Typer app: the one place where words of the command line are declared.

It runs only where the generated parse table cannot read a verb. Everything users see of it is generated: help, the
parse table, completion.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import typer
from typer.exceptions import TyperException

from mcpctl.cli.verbs import EVERYWHERE, GROUPS, VERBS, Verb, load_signature
from mcpctl.errors import UsageError


def build(verbs: Mapping[str, Verb] = VERBS, *, everywhere: dict[str, Any] | None = None) -> typer.Typer:
    """An app whose verbs return what was typed. `everywhere` receives the global options."""
    app = _typer(help="Run, inspect, check and load-test MCP servers.")
    seen = {} if everywhere is None else everywhere
    app.callback()(_collecting(load_signature(EVERYWHERE), seen.update))
    groups = {name: _typer(help=text) for name, text in GROUPS.items()}
    for name, group in groups.items():
        app.add_typer(group, name=name)
    for name, verb in verbs.items():
        *group_words, word = name.split()
        target = groups[" ".join(group_words)] if group_words else app
        target.command(
            word,
            rich_help_panel=verb.heading,
            context_settings={"ignore_unknown_options": True} if verb.verbatim else None,
            add_help_option=not verb.verbatim,
        )(_collecting(load_signature(verb.signature), dict))
    return app


def read_by_typer(argv: Sequence[str], verbs: Mapping[str, Verb] = VERBS) -> dict[str, Any]:
    try:
        values: dict[str, Any] = build(verbs)(list(argv), standalone_mode=False)
    except TyperException as error:
        message = error.format_message().rstrip(".")
        raise UsageError(message[:1].lower() + message[1:], hint="see `--help` of the verb") from error
    return given(values)


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what was not typed; lists as tuples."""
    return {
        field: tuple(value) if isinstance(value, list) else value
        for field, value in values.items()
        if value is not None
    }


def _typer(*, help: str) -> typer.Typer:  # noqa: A002 - Typer's own name for it
    return typer.Typer(
        help=help,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def _collecting(signature: Callable[..., None], collect: Callable[..., Any]) -> Callable[..., Any]:
    """A signature declares and does nothing: what stands behind it here hands the values on."""

    @functools.wraps(signature)
    def collected(**values: Any) -> Any:
        return collect(values)

    return collected
