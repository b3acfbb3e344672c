"""A command line in, an exit code out. Whoever has an argv and a world may call it: the process, a supervisor, a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from mcpctl.cli.argv import Line
from mcpctl.cli.execute import Invocation, execute, refuse
from mcpctl.cli.generated.table import GRAMMARS
from mcpctl.cli.grammar import Grammar
from mcpctl.cli.reading import nearest, read
from mcpctl.cli.verbs import VERBATIM, VERBS, Verb
from mcpctl.commands.context import HandOver
from mcpctl.control.client import is_for_supervisor
from mcpctl.errors import McpctlError, UsageError
from mcpctl.model.options import GlobalOptions
from mcpctl.model.world import World


def run(
    argv: Sequence[str],
    world: World,
    *,
    verbs: Mapping[str, Verb] = VERBS,
    grammars: Mapping[str, Grammar | None] = GRAMMARS,
    hands_over: bool = False,
) -> int:
    line = Line(argv, grammars, VERBATIM)
    try:
        invocation = understand(line, verbs)
    except McpctlError as error:
        return refuse(error, world, whatever_was_asked_for(line), line.words)
    return execute(invocation, world, hands_over=hands_over)


def run_process(argv: Sequence[str]) -> int:
    """The command line of this very process."""
    from pathlib import Path

    from mcpctl.config.env import world_from_process

    try:
        world = world_from_process()
    except McpctlError as error:
        line = Line(argv, GRAMMARS, VERBATIM)
        return refuse(error, world_from_process(cwd=Path("/")), whatever_was_asked_for(line), line.words)
    try:
        return run(argv, world, hands_over=is_for_supervisor(argv))
    except HandOver as handed:
        return _hand_over(argv, handed)


def _hand_over(argv: Sequence[str], handed: HandOver) -> int:
    """Start the supervisor that keeps this server alive, and let it do the command."""
    import asyncio

    from mcpctl.commands.detaching import keep_alive
    from mcpctl.control import client

    world = handed.ctx.world
    line = Line(argv, GRAMMARS, VERBATIM)
    try:
        asyncio.run(keep_alive(handed.spec, handed.ctx))
    except McpctlError as error:
        return refuse(error, world, whatever_was_asked_for(line), line.words)
    code = client.run(list(argv), world.env)
    return code if isinstance(code, int) and code >= 0 else run(argv, world)


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
    fields = options.__dataclass_fields__
    own = {name: value for name, value in values.items() if name in fields}
    for name, field in fields.items():
        inner = getattr(field.default_factory, "__dataclass_fields__", ())
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
