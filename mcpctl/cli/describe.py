"""Reads the Typer app: which verbs there are, and what each takes. From this everything users see is generated."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from typer.main import get_command

from mcpctl.cli.app import build
from mcpctl.cli.grammar import COUNT, OFF, ON, Argument, Grammar, Kind, Option
from mcpctl.cli.reading import usage
from mcpctl.cli.verbs import VERBS, Verb
from mcpctl.model.duration import parse_duration
from mcpctl.model.value import NamedTuple

PARSERS = {parse_duration: "duration"}
"""Functions that a signature may name as `parser`, and the kind that each stands for."""

PLAIN: dict[Any, str] = {str: "text", int: "integer", float: "number"}


class Parameter(NamedTuple):
    field: str
    spellings: tuple[str, ...]
    """None of them for an argument."""
    negations: tuple[str, ...]
    metavar: str
    help: str
    kind: Kind | None
    """None where the parse table has no word for it."""
    required: bool
    many: bool
    title: str = ""
    """What it stands under in the help, where that is not simply an option."""

    @property
    def takes_value(self) -> bool:
        return self.kind not in {ON, OFF, COUNT}


class Described(NamedTuple):
    name: str
    """The words of the verb; empty for the app itself."""
    heading: str
    summary: str
    body: str
    parameters: tuple[Parameter, ...]

    @property
    def options(self) -> tuple[Parameter, ...]:
        return tuple(each for each in self.parameters if each.spellings or each.negations)

    @property
    def arguments(self) -> tuple[Parameter, ...]:
        return tuple(each for each in self.parameters if not (each.spellings or each.negations))

    @property
    def usage(self) -> str:
        return usage(self.name, map(_argument, self.arguments))

    @property
    def grammar(self) -> Grammar | None:
        if any(each.kind is None for each in self.parameters):
            return None
        options: dict[str, Option] = {}
        for each in self.options:
            options.update({flag: Option(each.field, _kind(each), each.many) for flag in each.spellings})
            options.update({flag: Option(each.field, OFF) for flag in each.negations})
        arguments = tuple(map(_argument, self.arguments))
        return Grammar(options, arguments)


def describe(verbs: Mapping[str, Verb] = VERBS) -> dict[str, Described]:
    """Every verb by its words; the app itself, which holds the global options, by the empty name."""
    return {each.name: each for each in _walk(get_command(build(verbs)), "")}


def _walk(command: Any, name: str) -> Iterator[Described]:
    subcommands = getattr(command, "commands", None)
    if not (subcommands and name):
        summary, _, body = inspect.cleandoc(command.help or "").partition("\n")
        yield Described(
            name=name,
            heading=getattr(command, "rich_help_panel", None) or "",
            summary=summary.strip(),
            body=body.strip("\n"),
            parameters=tuple(map(_parameter, command.params)),
        )
    for word, inner in (subcommands or {}).items():
        yield from _walk(inner, f"{name} {word}".strip())


def _parameter(parameter: Any) -> Parameter:
    is_option = parameter.param_type_name == "option"
    kind = _kind_of(parameter)
    return Parameter(
        field=parameter.name,
        spellings=tuple(spelling.strip() for spelling in parameter.opts) if is_option else (),
        negations=tuple(parameter.secondary_opts),
        metavar=parameter.metavar or _metavar(kind, parameter.name),
        help=parameter.help or "",
        kind=kind,
        required=bool(parameter.required),
        many=parameter.nargs == -1 or getattr(parameter, "multiple", False),
        title=getattr(parameter, "rich_help_panel", None) or "",
    )


def _kind_of(parameter: Any) -> Kind | None:
    if getattr(parameter, "count", False):
        return COUNT
    if getattr(parameter, "is_flag", False):
        return ON
    descriptor = parameter.type_descriptor
    parser = getattr(descriptor.parameter_info, "parser", None)
    if parser is not None:
        return PARSERS.get(parser)
    if descriptor.is_choice:
        return ("choice", *descriptor.choices)
    annotation = descriptor.annotation
    plain = PLAIN.get(annotation.__args__[0] if descriptor.is_list else annotation)
    low, high = parameter.min, parameter.max
    if plain is not None and (low, high) != (None, None):
        return (plain, low, high)
    return plain


def _argument(parameter: Parameter) -> Argument:
    kind = parameter.kind or "text"
    return Argument(parameter.field, parameter.metavar, kind, parameter.required, parameter.many)


def _kind(parameter: Parameter) -> Kind:
    assert parameter.kind is not None
    return parameter.kind


def _metavar(kind: Kind | None, name: str) -> str:
    if isinstance(kind, tuple) and kind[0] == "choice":
        return "|".join(map(str, kind[1:]))
    return name.upper()
