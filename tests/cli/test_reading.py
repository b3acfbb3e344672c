"""What a verb is given, and how it is told that something is wrong."""

from __future__ import annotations

import pytest

from mcpctl.cli.grammar import Argument, Grammar, Option
from mcpctl.cli.reading import read, usage
from mcpctl.cli.understanding import compose
from mcpctl.errors import UsageError
from mcpctl.model.value import dataclass, field

GRAMMAR = Grammar(
    {
        "--header": Option("headers", "text", many=True),
        "--level": Option("level", ("choice", "config", "start")),
        "--count": Option("count", ("integer", 1, 9)),
        "-n": Option("count", ("integer", 1, 9)),
        "--rate": Option("rate", "number"),
        "--for": Option("duration", "duration"),
        "--full": Option("full", "on"),
        "--no-full": Option("full", "off"),
        "-x": Option("depth", "count"),
    },
    (
        Argument("server", "SERVER", "text", required=True),
        Argument("items", "ITEM", "text", required=False, many=True),
    ),
)


def values(text: str) -> dict[str, object]:
    return read(GRAMMAR, text.split(), verb="try")


def test_only_what_was_given_is_there() -> None:
    assert values("s") == {"server": "s"}


def test_every_kind_of_value_is_read() -> None:
    assert values("s a b --header x --header=y --level start -n 3 --rate .5 --for 250ms --full -x -x") == {
        "server": "s",
        "items": ("a", "b"),
        "headers": ("x", "y"),
        "level": "start",
        "count": 3,
        "rate": 0.5,
        "duration": 0.25,
        "full": True,
        "depth": 2,
    }


def test_the_mark_between_two_sets_is_kept_and_ends_no_options() -> None:
    words = Argument("words", "FILE... -- FILE...", "text", required=False, many=True)
    found = read(
        Grammar({"--floor": Option("floor", "text")}, (words,)), ["a", "--", "b", "--floor", "5%"], verb="try"
    )
    assert found == {"words": ("a", "--", "b"), "floor": "5%"}


def test_the_last_of_two_wins_and_values_may_look_like_options() -> None:
    assert values("--full --no-full s -n1 -n 2 -- --full -") == {
        "server": "s",
        "full": False,
        "count": 2,
        "items": ("--full", "-"),
    }
    assert values("--header --full s") == {"headers": ("--full",), "server": "s"}


@pytest.mark.parametrize(
    ("text", "code", "message", "hint"),
    [
        ("s --head", "usage.unknown_option", "unknown option `--head`", "did you mean `--header`?"),
        ("s --zzzz", "usage.unknown_option", "unknown option `--zzzz`", "see `mcpctl try --help`"),
        ("s -n", "usage.missing_value", "option `-n` needs a value", "see `mcpctl try --help`"),
        ("s --full=1", "usage.unexpected_value", "option `--full` takes no value", None),
        ("", "usage.missing_argument", "missing SERVER", "type `mcpctl try SERVER [ITEM...]`"),
        ("s -n 10", "usage.invalid_value", "`10` is no value for `-n`: expected at most 9", None),
        ("s -n x", "usage.invalid_value", "`x` is no value for `-n`: expected a whole number", None),
        ("s --rate x", "usage.invalid_value", "`x` is no value for `--rate`: expected a number", None),
        (
            "s --level x",
            "usage.invalid_value",
            "`x` is no value for `--level`: expected one of `config`, `start`",
            None,
        ),
        (
            "s --for -3s",
            "usage.invalid_value",
            "`-3s` is no value for `--for`: expected a duration such as `250ms`, `30s`, `5m`, `1h` or a number of seconds",
            None,
        ),
    ],
)
def test_errors_say_what_was_expected(text: str, code: str, message: str, hint: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        values(text)
    assert (caught.value.code, caught.value.message, caught.value.hint) == (code, message, hint)


def test_a_word_too_many_is_named() -> None:
    with pytest.raises(UsageError, match="unexpected argument `b`"):
        read(Grammar({}, GRAMMAR.arguments[:1]), ["a", "b"], verb="try")


def test_the_metavar_of_words_is_the_usage_as_it_stands() -> None:
    words = Argument("words", "SERVER TOOL [ITEM...]", "text", required=False, many=True)
    assert usage("call", [words]) == "mcpctl call SERVER TOOL [ITEM...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    url: str | None = None
    depth: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    words: tuple[str, ...] = ()
    depth: int = 5
    shared: Shared = field(default_factory=Shared)
    names: tuple[str, ...] = field(default_factory=tuple)


def test_shared_fields_go_into_the_value_that_has_them() -> None:
    assert compose(Options, {"words": ("a",), "url": "u", "depth": 7}) == Options(
        words=("a",), depth=7, shared=Shared(url="u")
    )
    assert compose(Options, {}) == Options()
