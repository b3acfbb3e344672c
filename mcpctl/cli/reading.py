"""Words of one verb become the fields of its options. Errors say what was expected, in one voice for all verbs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from mcpctl.cli.argv import split_option
from mcpctl.cli.grammar import COUNT, ON, Argument, Grammar, Kind, read_value
from mcpctl.errors import UsageError

SEPARATOR = "--"
WORDS = "words"
"""The field of verbs that sort out their words themselves, since `--stdio` takes the place of the first one."""


def read(grammar: Grammar, pieces: Sequence[str], *, verb: str, also: Iterable[str] = ()) -> dict[str, Any]:
    """Only what was given; defaults are the options class's own. `also` are spellings to offer besides."""
    values: dict[str, Any] = {}
    words: list[str] = []
    remaining = iter(pieces)
    for piece in remaining:
        if piece == SEPARATOR and grammar.in_two_sets:
            words.append(piece)
        elif piece == SEPARATOR:
            words += remaining
        elif piece.startswith("-") and piece != "-":
            _read_option(grammar, piece, remaining, values, verb=verb, also=also)
        else:
            words.append(piece)
    _read_arguments(grammar, words, values, verb=verb)
    return {field: tuple(value) if isinstance(value, list) else value for field, value in values.items()}


def usage(verb: str, arguments: Iterable[Argument]) -> str:
    """Such as `mcpctl call SERVER TOOL [ITEM...]`. The metavar of `words` says all by itself."""
    words = ["mcpctl", *verb.split()]
    for argument in arguments:
        if argument.field == WORDS:
            words.append(argument.metavar)
            continue
        word = argument.metavar + ("..." if argument.many else "")
        words.append(word if argument.required else f"[{word}]")
    return " ".join(words)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """A hint that offers what was probably meant."""
    from difflib import get_close_matches

    close = get_close_matches(word, sorted(known), n=3, cutoff=0.65)
    return "did you mean " + " or ".join(f"`{name}`" for name in close) + "?" if close else None


def _read_option(
    grammar: Grammar,
    piece: str,
    remaining: Iterator[str],
    values: dict[str, Any],
    *,
    verb: str,
    also: Iterable[str],
) -> None:
    spelled, text = split_option(piece)
    option = grammar.options.get(spelled)
    if option is None:
        raise UsageError(
            f"unknown option `{spelled if piece.startswith('--') else piece}`",
            code="usage.unknown_option",
            hint=nearest(spelled, [*grammar.options, *also]) or see_help(verb),
        )
    if not option.takes_value:
        if text is not None:
            raise UsageError(f"option `{spelled}` takes no value", code="usage.unexpected_value")
        values[option.field] = values.get(option.field, 0) + 1 if option.kind == COUNT else option.kind == ON
        return
    if text is None:
        text = next(remaining, None)
    if text is None:
        raise UsageError(f"option `{spelled}` needs a value", code="usage.missing_value", hint=see_help(verb))
    value = _value(option.kind, text, spelled)
    if option.many:
        values.setdefault(option.field, []).append(value)
    else:
        values[option.field] = value


def _read_arguments(grammar: Grammar, words: list[str], values: dict[str, Any], *, verb: str) -> None:
    for argument in grammar.arguments:
        if not words:
            if argument.required:
                raise UsageError(
                    f"missing {argument.metavar}",
                    code="usage.missing_argument",
                    hint=f"type `{usage(verb, grammar.arguments)}`",
                )
            return
        taken, words = (words, []) if argument.many else (words[:1], words[1:])
        read_words = [_value(argument.kind, word, argument.metavar) for word in taken]
        values[argument.field] = read_words if argument.many else read_words[0]
    if words:
        raise UsageError(
            f"unexpected argument `{words[0]}`",
            code="usage.unexpected_argument",
            hint=f"type `{usage(verb, grammar.arguments)}`",
        )


def _value(kind: Kind, text: str, where: str) -> Any:
    try:
        return read_value(kind, text)
    except ValueError as error:
        raise UsageError(
            f"`{text}` is no value for `{where}`: {error}", code="usage.invalid_value"
        ) from error


def see_help(verb: str) -> str:
    return f"see `mcpctl {verb} --help`" if verb else "see `mcpctl --help`"
