"""Words for faults of shape: where they are and what stands there. Says nothing of a value but its kind."""

from __future__ import annotations

from typing import Any

from mcpctl.lint.entry import Entry
from mcpctl.lint.finding import ShapeFault
from mcpctl.lint.subject import Subject
from mcpctl.model.keypath import KeyPath

KINDS = {
    "string": "a text", "array": "a list", "object": "an object", "boolean": "`true` or `false`", "number": "a number",
    "integer": "a whole number", "null": "null",
}  # fmt: skip
"""The kinds of values that a schema names, in words."""


def server_of(fault: ShapeFault, subject: Subject) -> str | None:
    """The server that a fault is in."""
    for entry in subject.entries:
        if fault.at[: len(entry.path)] == entry.path:
            return entry.name
    return None


def name_of(at: KeyPath) -> str:
    """What a value is called, in words: its key, and of a list which item."""
    if not at:
        return "the file"
    *_, last = at
    return f"`{at[-2]}[{last}]`" if isinstance(last, int) and len(at) > 1 else f"`{last}`"


def kind_of(value: Any) -> str:
    """What a value is, in words."""
    if value is None:
        return "null"
    kinds = ((bool, "a boolean"), (str, "a text"), (int, "a number"), (float, "a number"), (list, "a list"))
    return next((words for kind, words in kinds if isinstance(value, kind)), "an object")


def lost(entry: Entry, subject: Subject) -> str:
    """What becomes of a server that its host cannot take, in words."""
    return {
        "skipped": f"`{entry.name}` is left out",
        "file refused": "the whole file is refused",
        "fails at start": f"`{entry.name}` fails when it should start",
        "error shown": f"`{entry.name}` does not start",
    }[subject.host.bad_entry]
