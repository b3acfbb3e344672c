"""From the words of a command line to a verb and its options; what is wrong with them is said in one voice."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from mcpctl.cli.argv import Line
from mcpctl.cli.reading import nearest, read
from mcpctl.cli.verbs import Verb
from mcpctl.errors import UsageError
from mcpctl.model.options import GlobalOptions
from mcpctl.model.value import NamedTuple, fields_of


class Invocation(NamedTuple):
    """A command line that was understood."""

    words: tuple[str, ...]
    verb: Verb
    everywhere: GlobalOptions
    options: Any


def understand(line: Line, verbs: Mapping[str, Verb]) -> Invocation:
    everywhere = GlobalOptions(**read(line.everywhere_grammar, line.everywhere, verb=""))
    words, values = _verb(line)
    verb = verbs[" ".join(words)]
    if everywhere.format is not None:
        _check_format(everywhere.format, verb)
    options = compose(verb.load_options(), values)
    return Invocation(words=words, verb=verb, everywhere=everywhere, options=options)


def compose(options: Any, values: Mapping[str, Any]) -> Any:
    """Fields that several verbs share are values of their own inside the options: `--stdio` belongs to `aside`."""
    fields = fields_of(options)
    own = {name: value for name, value in values.items() if name in fields}
    for name, field in fields.items():
        inner = fields_of(field.default_factory)
        shared = {each: values[each] for each in inner if each in values and each not in fields}
        if shared:
            own[name] = field.default_factory(**shared)
    return options(**own)


def _verb(line: Line) -> tuple[tuple[str, ...], dict[str, Any]]:
    if line.wants_version:
        return ("version",), {}
    if line.stray is not None:
        raise _unknown(line)
    if line.wants_help or not line.is_verb:
        return ("help",), {"topic": line.words}
    if line.grammar is None:
        from mcpctl.cli.app import read_by_typer

        return line.words, read_by_typer([*line.words, *line.rest])
    return line.words, read(line.grammar, line.rest, verb=line.name, also=line.everywhere_grammar.options)


def _unknown(line: Line) -> UsageError:
    word = " ".join([*line.words, line.stray or ""])
    return UsageError(
        f"unknown verb `{word}`",
        code="usage.unknown_verb",
        hint=nearest(word, line.verbs) or "see `mcpctl --help`",
    )


def _check_format(name: str, verb: Verb) -> None:
    choices = verb.load_view().choices
    if name not in choices:
        raise UsageError(
            f"unknown format `{name}`",
            code="usage.unknown_format",
            hint="use " + " or ".join(f"`{choice}`" for choice in choices),
        )


def whatever_was_asked_for(line: Line) -> GlobalOptions:
    """Of a command line that is broken, the part that says how to show the error."""
    words = line.everywhere
    as_json = "--json" in words or "--format=json" in words or ("--format", "json") in pairwise(words)
    return GlobalOptions(json=as_json, no_color="--no-color" in words, debug="--debug" in words)
