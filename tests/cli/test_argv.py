"""Global options are taken before and after the verb, and nothing else moves."""

from __future__ import annotations

import pytest

from mcpctl.cli.argv import Line
from mcpctl.cli.grammar import Argument, Grammar, Option

GRAMMARS = {
    "": Grammar(
        {
            "--json": Option("json", "on"),
            "--config": Option("config", "text", many=True),
            "--timeout": Option("timeout", "duration"),
            "-q": Option("quiet", "on"),
            "-v": Option("verbose", "count"),
        }
    ),
    "call": Grammar(
        {"--args": Option("args", "text"), "-c": Option("concurrency", "integer")},
        (Argument("words", "WORD", "text", required=True, many=True),),
    ),
    "compare": Grammar(
        {"--floor": Option("floor", "text")},
        (Argument("words", "FILE... -- FILE...", "text", required=False, many=True),),
    ),
    "config show": Grammar({"--origin": Option("origin", "on")}),
    "demo": Grammar({}, (Argument("arguments", "ARGUMENT", "text", required=False, many=True),)),
}


def sort(text: str) -> Line:
    return Line(text.split(), GRAMMARS, frozenset({"demo"}))


@pytest.mark.parametrize(
    "text",
    [
        "--json --config a.toml call files read path=x",
        "call --json files --config a.toml read path=x",
        "call files read path=x --json --config a.toml",
        "--json call files read --config a.toml path=x",
    ],
)
def test_global_options_may_stand_anywhere(text: str) -> None:
    line = sort(text)
    assert line.everywhere == ["--json", "--config", "a.toml"]
    assert line.words == ("call",)
    assert line.rest == ["files", "read", "path=x"]


@pytest.mark.parametrize(
    ("text", "everywhere", "rest"),
    [
        ("call s t --args --json", [], ["s", "t", "--args", "--json"]),
        ("call s t --args=--json --json", ["--json"], ["s", "t", "--args=--json"]),
        ("call s t -- --json", [], ["s", "t", "--", "--json"]),
        ("call --config --json s", ["--config", "--json"], ["s"]),
        ("call --config=x s", ["--config=x"], ["s"]),
        ("call -qv s", ["-q", "-v"], ["s"]),
        ("call -c10 s", [], ["-c10", "s"]),
        ("call -qc 10 s", ["-q"], ["-c", "10", "s"]),
        ("call s -", [], ["s", "-"]),
        ("call --unknown s", [], ["--unknown", "s"]),
        ("--unknown call s", ["--unknown"], ["s"]),
        ("call s --timeout", ["--timeout"], ["s"]),
    ],
)
def test_values_stay_with_their_options(text: str, everywhere: list[str], rest: list[str]) -> None:
    line = sort(text)
    assert (line.everywhere, line.rest) == (everywhere, rest)
    assert line.words == ("call",)


def test_a_double_dash_between_two_sets_ends_no_options() -> None:
    line = sort("compare a -- b --floor 5% --json")
    assert (line.everywhere, line.rest) == (["--json"], ["a", "--", "b", "--floor", "5%"])
    assert sort("compare a -- b --help").wants_help


def test_a_word_that_is_no_verb_is_kept_for_the_error() -> None:
    line = sort("config shw --json now")
    assert (line.words, line.stray, line.rest) == (("config",), "shw", ["now"])
    assert line.everywhere == ["--json"]
    assert not line.is_verb


def test_help_is_heard_anywhere_but_behind_a_double_dash_or_as_a_value() -> None:
    assert sort("call s t --help").wants_help
    assert sort("config -h").wants_help
    assert not sort("call s t -- --help").wants_help
    assert not sort("call s t --args --help").wants_help


def test_version_is_an_option_of_mcpctl_and_of_no_verb() -> None:
    assert sort("--json --version").wants_version
    assert not sort("call --version").wants_version


def test_what_is_behind_a_verbatim_verb_is_its_own_but_for_global_options() -> None:
    line = sort("--json demo --http 8000 --json -- x")
    assert line.everywhere == ["--json", "--json"]
    assert line.rest == ["--", "--http", "8000", "--", "x"]
    assert sort("demo --help").wants_help
