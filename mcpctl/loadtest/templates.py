"""Arguments that differ from call to call: `{{n}}`, `{{uuid}}`, `{{choice a b}}`, `{{int 1 9}}`, `{{line FILE}}`.

A template is JSON text with expressions in it. Inside a JSON string an expansion is escaped, outside it stands as it
is. Everything is parsed once; a call costs one join. Files are read by the planner, never here.
"""

from __future__ import annotations

import json
import random
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, cycle
from uuid import UUID

from mcpctl.errors import UsageError

Source = Callable[[], bytes]
Part = bytes | Source

NAMES = ("n", "uuid", "choice", "int", "line")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    name: str
    words: tuple[str, ...]
    column: int
    quoted: bool
    """Whether it stands inside a JSON string."""


@dataclass(slots=True, kw_only=True)
class Draws:
    """Where expansions come from. `shard` of `shards` draws numbers and lines that no other shard draws."""

    seed: int
    shard: int = 0
    shards: int = 1
    lines: Mapping[str, Sequence[str]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(init=False)
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._numbers = count(self.shard, self.shards)
        self._random = random.Random(f"{self.seed}/{self.shard}")  # noqa: S311 - load, not secrets; must repeat

    def source(self, expression: Expression) -> Source:
        encode = _escaped if expression.quoted else str.encode
        words = expression.words
        match expression.name:
            case "n":
                number = self._numbers.__next__
                return lambda: b"%d" % number()
            case "uuid":
                bits = self._random.getrandbits
                return lambda: encode(str(UUID(int=bits(128), version=4)))
            case "int":
                low, span = int(words[0]), int(words[1]) - int(words[0]) + 1
                below = self._random.random
                return lambda: b"%d" % (low + int(below() * span))
            case "choice":
                choices = [encode(word) for word in words]
                choose = self._random.choice
                return lambda: choose(choices)
            case _:
                mine = self.lines[words[0]][self.shard :: self.shards] or self.lines[words[0]]
                return cycle([encode(line) for line in mine]).__next__


def parse(text: str) -> list[str | Expression]:
    """Cut JSON text at its expressions; `{{{{` stands for two literal braces."""
    parts: list[str | Expression] = []
    quoted = False
    position = 0
    while (start := text.find("{{", position)) >= 0:
        if text.startswith("{{{{", start):
            quoted ^= _flips(text[position:start])
            parts.append(text[position:start] + "{{")
            position = start + 4
            continue
        end = text.find("}}", start)
        if end < 0:
            raise _fault("a template is not closed with `}}`", start + 1)
        quoted ^= _flips(text[position:start])
        parts.append(text[position:start])
        parts.append(_expression(text[start + 2 : end], column=start + 1, quoted=quoted))
        position = end + 2
    parts.append(text[position:])
    return [part for part in parts if part]


def compile_parts(parts: Sequence[str | Expression], draws: Draws) -> tuple[Part, ...]:
    """Neighbouring constants become one, so that a join has as few parts as can be."""
    compiled: list[Part] = []
    for part in parts:
        piece = _sendable(part) if isinstance(part, str) else draws.source(part)
        if isinstance(piece, bytes) and compiled and isinstance(compiled[-1], bytes):
            compiled[-1] += piece
        else:
            compiled.append(piece)
    return tuple(compiled)


def expand(parts: Sequence[Part]) -> bytes:
    return b"".join([part if isinstance(part, bytes) else part() for part in parts])


def files_named(parts: Sequence[str | Expression]) -> list[str]:
    return [part.words[0] for part in parts if isinstance(part, Expression) and part.name == "line"]


def has_template(text: str) -> bool:
    return "{{" in text


def _sendable(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise UsageError(
            "a text to be sent holds bytes that are not valid UTF-8", code="usage.not_text"
        ) from error


def _flips(text: str) -> bool:
    """Whether an odd number of unescaped quotes turns string into structure, or back."""
    odd = False
    escaped = False
    for character in text:
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == '"':
            odd = not odd
    return odd


def _expression(inner: str, *, column: int, quoted: bool) -> Expression:
    try:
        plain = json.loads(f'"{inner}"') if quoted else inner
        name, *words = shlex.split(plain)
    except ValueError as error:
        raise _fault(f"the template `{{{{{inner}}}}}` cannot be read", column) from error
    expression = Expression(name=name, words=tuple(words), column=column, quoted=quoted)
    _check(expression)
    return expression


def _check(expression: Expression) -> None:
    name, words = expression.name, expression.words
    if name not in NAMES:
        known = ", ".join(f"`{{{{{name}}}}}`" for name in NAMES)
        hint = f"use one of {known}; write `{{{{{{{{` for two braces"
        raise _fault(f"there is no template `{name}`", expression.column, hint)
    if name in {"n", "uuid"} and words:
        raise _fault(f"`{name}` takes no words", expression.column)
    if name == "choice" and not words:
        raise _fault("`choice` has nothing to choose from", expression.column, "write `{{choice a b c}}`")
    if name == "line" and len(words) != 1:
        raise _fault("`line` takes the name of one file", expression.column, "write `{{line FILE}}`")
    if name == "int" and not (len(words) == 2 and _is_range(words)):
        raise _fault(
            "`int` takes the lowest and the highest number", expression.column, "write `{{int 1 100}}`"
        )


def _is_range(words: Sequence[str]) -> bool:
    try:
        return int(words[0]) <= int(words[1])
    except ValueError:
        return False


def _escaped(text: str) -> bytes:
    return json.dumps(text, ensure_ascii=False)[1:-1].encode()


def _fault(message: str, column: int, hint: str | None = None) -> UsageError:
    return UsageError(f"{message} (column {column})", code="usage.template", hint=hint, column=column)
