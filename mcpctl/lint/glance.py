"""The traits of a file: what can be told of it before any rule is asked."""

from __future__ import annotations

from stat import S_IWOTH
from typing import TYPE_CHECKING

from mcpctl.lint.shape import is_shapely
from mcpctl.lint.traits import Traits

if TYPE_CHECKING:
    from mcpctl.lint.subject import Subject


def traits_of(subject: Subject) -> Traits:
    found = set()
    entries = subject.entries
    if not entries:
        found.add("empty")
    elif len(entries) > 1:
        found.add("several")
    if entries and entries[-1].name_is_value:
        found.add("listed")
    if subject.strays or subject.odd_container:
        found.update(("strays", "odd container"))
    if subject.mode is not None and subject.mode & S_IWOTH:
        found.add("writable")
    if not subject.data.isascii():
        found.add("not ascii")
    if not is_shapely(subject):
        found.add("misshapen")
    return frozenset(found)
