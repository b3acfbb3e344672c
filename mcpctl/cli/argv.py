"""Sorts the words of a command line: global options wherever they stand, the verb, and what is the verb's own.

Never fails, so that even the error about a broken command line is rendered in the format it asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mcpctl.cli.grammar import Grammar, Option

HELP = ("--help", "-h")
VERSION = ("--version", "-V")


class Line:
    """A command line after sorting."""

    def __init__(
        self, argv: Sequence[str], grammars: Mapping[str, Grammar | None], verbatim: frozenset[str]
    ) -> None:
        self.everywhere: list[str] = []
        """Global options and their values, in their order."""
        self.words: tuple[str, ...] = ()
        self.rest: list[str] = []
        self.stray: str | None = None
        """The word that is no verb."""
        self.wants_help = False
        self.wants_version = False
        self.verbs = [name for name in grammars if name]
        self._grammars = grammars
        self._groups = {" ".join(words[:-1]) for name in grammars if len(words := name.split(" ")) > 1}
        self._sort(list(reversed(argv)))
        if self.rest and self.name in verbatim:
            self.rest.insert(0, "--")

    @property
    def name(self) -> str:
        return " ".join(self.words)

    @property
    def is_verb(self) -> bool:
        return bool(self.words) and self.name in self._grammars

    @property
    def grammar(self) -> Grammar | None:
        """None for a verb that only the framework can read."""
        return self._grammars[self.name] if self.is_verb else None

    @property
    def everywhere_grammar(self) -> Grammar:
        grammar = self._grammars[""]
        assert grammar is not None
        return grammar

    def _sort(self, pieces: list[str]) -> None:
        while pieces:
            piece = pieces.pop()
            if piece == "--" and self.grammar is not None and self.grammar.in_two_sets:
                self.rest.append(piece)
                continue
            if piece == "--":
                self.rest += [piece, *reversed(pieces)]
                return
            if piece.startswith("-") and piece != "-":
                self._sort_option(piece, pieces)
            elif self.is_verb or self.stray is not None:
                self.rest.append(piece)
            else:
                self._sort_word(piece)

    def _sort_word(self, piece: str) -> None:
        name = " ".join([*self.words, piece])
        if name in self._groups or name in self._grammars:
            self.words = (*self.words, piece)
        else:
            self.stray = piece

    def _sort_option(self, piece: str, pieces: list[str]) -> None:
        if piece in HELP:
            self.wants_help = True
            return
        if piece in VERSION and not self.words:
            self.wants_version = True
            return
        spelled, attached = split_option(piece)
        option, belongs = self._find(spelled)
        if option is not None and not option.takes_value and attached and not piece.startswith("--"):
            pieces.append(f"-{attached}")  # `-qv` is `-q -v`
            attached, piece = None, spelled
        belongs.append(piece)
        if option is not None and option.takes_value and attached is None and pieces:
            belongs.append(pieces.pop())

    def _find(self, spelled: str) -> tuple[Option | None, list[str]]:
        own = self.grammar.options if self.grammar is not None else {}
        if spelled in own:
            return own[spelled], self.rest
        everywhere = self.everywhere_grammar.options
        if spelled in everywhere:
            return everywhere[spelled], self.everywhere
        return None, self.rest if self.words else self.everywhere


def split_option(piece: str) -> tuple[str, str | None]:
    """`--name=value` and `-nvalue` in two; None where nothing is attached."""
    if piece.startswith("--"):
        spelled, equals, value = piece.partition("=")
        return spelled, value if equals else None
    return piece[:2], piece[2:] or None
