"""What a view says, before anybody knows whether a terminal or a pipe will show it.

Texts are as they came: making them safe, colouring and cutting happen where they are laid out, once for all views.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from mcpctl.model.value import NamedTuple

Style = Literal["", "strong", "dim", "good", "warn", "bad", "name"]


class Cell(NamedTuple):
    text: str
    style: Style = ""


Words = str | Cell


class Line(NamedTuple):
    """One line of several parts, without spaces between them."""

    parts: tuple[Words, ...] = ()


class Flow(NamedTuple):
    """A line that is to be read and not to be copied: a narrow terminal breaks it between words."""

    parts: tuple[Words, ...] = ()


class Table(NamedTuple):
    """Columns that do not fit a terminal are cut in the middle; a pipe gets them whole."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Words]]
    prose: bool = False
    """The last column is to be read: it is broken between words, and nothing is cut."""


class Fields(NamedTuple):
    """Labels and their values, one to a line."""

    rows: Sequence[tuple[str, Words]]


class Prose(NamedTuple):
    """Text of several lines; wrapped on a terminal, and formatted where it is Markdown."""

    text: str
    markdown: bool = False


class Code(NamedTuple):
    """Kept as it is, line by line; highlighted on a terminal."""

    text: str
    language: str = "text"


class Verbatim(NamedTuple):
    """For a pipe, untouched but for secrets; a terminal gets it made safe."""

    data: bytes | str


class Screenful(NamedTuple):
    """Drawn over the whole terminal, in place of the one before; a pipe gets it below."""

    blocks: tuple[Block, ...]


Block = str | Line | Flow | Table | Fields | Prose | Code | Verbatim | Screenful
