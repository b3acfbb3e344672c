"""What render/ has for each report: one view, found through the table of verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from mcpctl.model.events import Event
from mcpctl.model.report import Report
from mcpctl.model.value import NamedTuple
from mcpctl.render.blocks import Block

R = TypeVar("R", bound=Report)

BUILT_IN = ("human", "json")
"""Formats that every view has."""


def _silent(report: Any) -> Iterable[Any]:
    del report
    return ()


def _never(event: Any) -> bool:
    del event
    return False


class View(NamedTuple, Generic[R]):
    report: type[R]
    data: Callable[[R], dict[str, Any]]
    """`data` of the JSON envelope: a promise to users, in names that stay."""
    human: Callable[[R], Iterable[Block]]
    talk: Callable[[R], Iterable[Block]] = _silent
    """What belongs beside a human answer, on stderr, whatever `-q` says: an answer that is itself a complaint."""
    notes: Callable[[R], Iterable[Block]] = _silent
    """The rest of what belongs there, which `-q` leaves out."""
    formats: Mapping[str, Callable[[R], str]] = {}
    """Further values of `--format`."""
    files: Callable[[R], Iterable[tuple[str, str]]] = _silent
    """Paths, from the current folder, and what the report leaves in them."""
    streams: Mapping[type[Event], Callable[[Any], Block]] = {}
    """Events that are part of the answer of a verb that streams, and how a person sees one. All others are talk."""
    whispers: frozenset[type[Event]] = frozenset()
    """Those of them that a person sees on stderr."""
    grave: Callable[[Any], bool] = _never
    """Whether one of those is told in spite of `-q`."""
    drawn: Mapping[type[Event], Callable[[Any, int | None], Sequence[str]]] = {}
    """Events that are drawn over themselves: lines for a width, or the line that is told where there is none."""

    paged: bool = False
    """A list that may be longer than a screen."""

    @property
    def choices(self) -> tuple[str, ...]:
        return (*BUILT_IN, *(name for name in self.formats if name not in BUILT_IN))
