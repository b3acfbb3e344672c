"""The parse table reads every command line as the Typer app would, and refuses what it would refuse."""

from __future__ import annotations

from typing import Any

import pytest
from typer.exceptions import TyperException

from mcpctl.cli.app import build, given
from mcpctl.cli.generated.table import GRAMMARS
from mcpctl.cli.reading import read
from mcpctl.errors import UsageError

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


def by_typer(argv: list[str], everywhere: dict[str, Any] | None = None) -> dict[str, Any] | None:
    try:
        values: dict[str, Any] = build(everywhere=everywhere)(argv, standalone_mode=False)
    except TyperException:
        return None
    return meaningful(given(values))


def by_table(verb: str, words: list[str]) -> dict[str, Any] | None:
    grammar = GRAMMARS[verb]
    assert grammar is not None
    try:
        return meaningful(read(grammar, words, verb=verb))
    except UsageError:
        return None


def meaningful(values: dict[str, Any]) -> dict[str, Any]:
    """Typer fills in switches that were not given."""
    return {name: value for name, value in values.items() if value is not False and value != 0}


@pytest.mark.parametrize("line", LINES)
def test_a_verb_is_read_as_typer_reads_it(line: str) -> None:
    words = line.split()
    verb = next(name for name in (" ".join(words[:2]), words[0]) if name in GRAMMARS)
    assert by_table(verb, words[len(verb.split()) :]) == by_typer(words)


@pytest.mark.parametrize("line", GLOBAL_LINES)
def test_global_options_are_read_as_typer_reads_them(line: str) -> None:
    seen: dict[str, Any] = {}
    accepted = by_typer([*line.split(), "version"], seen) is not None
    words = [
        part
        for word in line.split()
        for part in (["-v", "-v"] if word == "-vv" else ["-v", "-q"] if word == "-vq" else [word])
    ]
    assert by_table("", words) == (meaningful(given(seen)) if accepted else None)
