"""What may come next on a command line, for the shell that asks. Starts no server and loads no framework.

Verbs and options come from the generated table, servers from the configuration, names of tools and their arguments
from what servers offered when they were last used. Never fails: what cannot be told is not told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from mcpctl.cli.shellwords import Candidate, told, typed
from mcpctl.model.value import NamedTuple

if TYPE_CHECKING:
    from mcpctl.cli.offered import Offered

TABLE = f"{__file__.removesuffix('completing.py')}generated/completion.tsv"

TOPICS = f"{__file__.removesuffix('cli/completing.py')}help"

MAX_CANDIDATES = 1000
"""No shell asks before it lists them all, and nobody reads more."""


def complete_process(argv: Sequence[str]) -> bytes:
    """`mcpctl --complete SHELL …`: the answer of this process."""
    try:
        shell, *arguments = argv
        asked = typed(shell, arguments)
        return told(shell, candidates(asked.words, asked.current), asked)
    except Exception:  # a traceback in the middle of a line that somebody types helps nobody
        return b""


class Word(NamedTuple):
    follows: str
    """What follows it, as help calls it; empty for a switch."""
    about: str


class Page(NamedTuple):
    usage: tuple[str, ...]
    about: str
    options: dict[str, Word]


Table = dict[str, Page]
"""By the words of the verb; global options under the empty name."""


class Position:
    """Where a line stands: the verb, what it was given, and what would have to come next."""

    def __init__(self, words: Sequence[str], table: Table) -> None:
        self.table = table
        self.verb = ""
        self.words: list[str] = []
        """Those of the verb, without options."""
        self.given: dict[str, list[str]] = {}
        self.awaiting: str | None = None
        """The option whose value comes next."""
        self.plain = False
        """After `--` nothing is an option."""
        self.lost = False
        """A word is no verb: nothing is known about the rest."""
        remaining = iter(words)
        for word in remaining:
            self._read(word, remaining)

    @property
    def is_verb(self) -> bool:
        return bool(self.verb) and not self.inner(self.verb)

    def inner(self, verb: str) -> list[str]:
        """The words that may follow those of a group; all verbs for the empty name."""
        start = f"{verb} " if verb else ""
        return [
            name[len(start) :]
            for name in self.table
            if name and name.startswith(start) and " " not in name[len(start) :]
        ]

    def option(self, flag: str) -> Word | None:
        own = self.table[self.verb].options
        return own.get(flag) or self.table[""].options.get(flag)

    @property
    def expected(self) -> list[str]:
        """What the next word may be, as the usage calls it."""
        usage = self.table[self.verb].usage
        at = len(self.words)
        if usage[:1] == ("SERVER",) and not {"--stdio", "--url"}.isdisjoint(self.given):
            at += 1
        slots = usage[at : at + 1] or (usage[-1:] if usage and "..." in usage[-1] else ())
        found = [slot.strip("[].") for slot in slots]
        if found and found[0].islower() and at + 1 < len(usage):  # an optional word such as `install`
            found.append(usage[at + 1].strip("[]."))
        return found

    def _read(self, word: str, remaining: Iterator[str]) -> None:
        if word == "--" and not self.plain:
            self.plain = True
        elif word.startswith("-") and word != "-" and not self.plain:
            self._read_option(word, remaining)
        elif self.is_verb:
            self.words.append(word)
        else:
            name = f"{self.verb} {word}".strip()
            self.lost = self.lost or name not in self.table
            self.verb = self.verb if self.lost else name

    def _read_option(self, word: str, remaining: Iterator[str]) -> None:
        flag, equals, value = word.partition("=") if word.startswith("--") else (word[:2], "", word[2:])
        option = self.option(flag)
        if option is None:
            return
        if option.follows and not (equals or value):
            value = next(remaining, "")
            self.awaiting = None if value else flag
        self.given.setdefault(flag, []).append(value)


def candidates(words: Sequence[str], current: str) -> list[Candidate]:
    at = Position(words, read_table())
    found = [
        each for each in _candidates(at, current) if each.text.startswith(current) and _is_printable(each)
    ]
    return list(dict.fromkeys(found))[:MAX_CANDIDATES]


def read_table() -> Table:
    with open(TABLE, encoding="utf-8") as file:  # noqa: PTH123 - pathlib costs as much as Python itself
        rows = [line.rstrip("\n").split("\t") for line in file]
    table: Table = {}
    for verb, word, follows, about in rows:
        if word:
            table[verb].options[word] = Word(follows, about)
        else:
            table[verb] = Page(tuple(follows.split()), about, {})
    return table


def _candidates(at: Position, current: str) -> Iterable[Candidate]:
    flag, equals, value = current.partition("=")
    if at.lost:
        return ()
    if at.awaiting is not None:
        return _values(at, at.awaiting, current)
    if not at.plain and equals and flag.startswith("--"):
        return [each._replace(text=f"{flag}={each.text}") for each in _values(at, flag, value)]
    if not at.plain and current.startswith("-"):
        return _options(at)
    return _words(at, current)


def _words(at: Position, current: str) -> Iterable[Candidate]:
    if not at.is_verb:
        start = f"{at.verb} " if at.verb else ""
        return [Candidate(word, at.table[start + word].about) for word in at.inner(at.verb)]
    if at.verb == "help":
        topics = _topics() if not at.words else ()
        return [*(Candidate(word) for word in at.inner(" ".join(at.words))), *map(Candidate, topics)]
    return _offered(at).words(at.expected, current)


def _topics() -> list[str]:
    from os import scandir

    with scandir(TOPICS) as entries:
        return sorted(entry.name.removesuffix(".txt") for entry in entries)


def _options(at: Position) -> Iterator[Candidate]:
    for options in (at.table[at.verb].options, at.table[""].options) if at.verb else (at.table[""].options,):
        yield from (Candidate(flag, word.about) for flag, word in options.items())
    yield Candidate("--help", "Explain it.")


def _values(at: Position, flag: str, current: str) -> Iterable[Candidate]:
    option = at.option(flag)
    return _offered(at).values(flag, option.follows, current) if option is not None and option.follows else ()


def _offered(at: Position) -> Offered:
    """Loaded only now: verbs and options are told without the configuration."""
    from mcpctl.cli.offered import Offered
    from mcpctl.config.env import world_from_process

    return Offered(world_from_process(), words=at.words, given=at.given)


def _is_printable(candidate: Candidate) -> bool:
    """Servers choose names: what would steer a terminal is not offered."""
    return candidate.text.isprintable() and candidate.about.isprintable()
