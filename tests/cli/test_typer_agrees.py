"""The parse table reads every command line as the Typer app would, and refuses what it would refuse."""

from __future__ import annotations

from typing import Any

import pytest
from typer.exceptions import TyperException
from typer.main import get_command

from mcpctl.cli.app import build, given
from mcpctl.cli.argv import Line
from mcpctl.cli.generated.table import GRAMMARS
from mcpctl.cli.reading import read
from mcpctl.cli.understanding import compose
from mcpctl.cli.verbs import VERBATIM, VERBS
from mcpctl.errors import UsageError
from mcpctl.model.options import GlobalOptions

LINES = [
    "ls",
    "ls --tag a --tag=b",
    "ls --tag",
    "ls x",
    "ls --nope",
    "config show",
    "config show a b --origin",
    "config show --origin -- --origin",
    "config show --origin=yes",
    "config sources",
    "config schema x",
    "help",
    "help config show",
    "version",
    "version --x",
]

GLOBAL_LINES = [
    "",
    "--config a --config=b --profile p",
    "--input a=b --input c=d=e",
    "--json --format json --no-color -q -vv --debug",
    "--timeout 250ms --trace f --log-file g",
    "--timeout 5 --quiet --verbose",
    "--timeout soon",
    "--timeout",
    "--json=1",
    "-x",
    "-vq",
]


PLAUSIBLE = {
    "on": [""],
    "off": [""],
    "count": [""],
    "text": ["x", "--x", "", "-"],
    "integer": ["3", "0", "-1", "100000", "3.5", "x", " 7", "1_0"],
    "number": ["0.5", "3", "-1", "x", "1e3", "1_0.5"],
    "duration": ["250ms", "3", "x", "-1s"],
    "choice": [],
}

SEEN: dict[str, Any] = {}
COMMAND = get_command(build(everywhere=SEEN))


def by_typer(verb: str, words: list[str]) -> Any:
    """The options, or None where they are refused."""
    SEEN.clear()
    try:
        values: dict[str, Any] = COMMAND.main(
            [*verb.split(), *words], prog_name="mcpctl", standalone_mode=False
        )
    except TyperException:
        return None
    return compose(VERBS[verb].load_options(), given(values))


def by_table(verb: str, words: list[str], options: Any = None) -> Any:
    grammar = GRAMMARS[verb]
    assert grammar is not None
    try:
        return compose(options or VERBS[verb].load_options(), read(grammar, words, verb=verb))
    except UsageError:
        return None


@pytest.mark.parametrize("line", LINES)
def test_a_verb_is_read_as_typer_reads_it(line: str) -> None:
    words = line.split()
    verb = next(name for name in (" ".join(words[:2]), words[0]) if name in GRAMMARS)
    own = words[len(verb.split()) :]
    assert by_table(verb, own) == by_typer(verb, own)


@pytest.mark.parametrize("verb", [name for name in VERBS if name not in VERBATIM])
def test_every_option_of_every_verb_is_read_as_typer_reads_it(verb: str) -> None:
    grammar = GRAMMARS[verb]
    assert grammar is not None
    words = ["w" for argument in grammar.arguments if argument.required]
    for flag, option in grammar.options.items():
        plausible = PLAUSIBLE[option.kind if isinstance(option.kind, str) else option.kind[0]]
        if option.kind[0] == "choice":
            plausible = [str(option.kind[1]), "no such choice"]
        for typed in plausible:
            line = [flag, *([typed] if option.takes_value else []), *words]
            assert by_table(verb, line) == by_typer(verb, line), line
    assert by_table(verb, words) == by_typer(verb, words)


@pytest.mark.parametrize("line", GLOBAL_LINES)
def test_global_options_are_read_as_typer_reads_them(line: str) -> None:
    sorted_out = Line([*line.split(), "version"], GRAMMARS, frozenset())
    try:
        COMMAND.main([*line.split(), "version"], prog_name="mcpctl", standalone_mode=False)
        expected = compose(GlobalOptions, given(SEEN))
    except TyperException:
        expected = None
    assert by_table("", sorted_out.everywhere, GlobalOptions) == expected
