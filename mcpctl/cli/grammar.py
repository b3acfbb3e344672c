"""The shape of the parse table: what a verb takes, in values that load without any framework.

The table itself is generated from the Typer app, which alone is edited by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mcpctl.model.duration import parse_duration
from mcpctl.model.value import NamedTuple

Kind = str | tuple[Any, ...]
"""A name of `READERS`, or `("choice", …words)`, `("integer", low, high)`, `("number", low, high)`; a bound may be None."""

ON = "on"
OFF = "off"
COUNT = "count"
SWITCHES = (ON, OFF, COUNT)
"""Kinds of options that take no value."""


class Option(NamedTuple):
    field: str
    kind: Kind
    many: bool = False

    @property
    def takes_value(self) -> bool:
        return self.kind not in SWITCHES


class Argument(NamedTuple):
    field: str
    metavar: str
    kind: Kind
    required: bool
    many: bool = False


class Grammar(NamedTuple):
    options: dict[str, Option]
    """By every spelling, such as `-q` and `--quiet`."""
    arguments: tuple[Argument, ...] = ()

    @property
    def in_two_sets(self) -> bool:
        """A verb whose words come in two sets says so in its usage; `--` parts them there and ends no options."""
        return any(" -- " in argument.metavar for argument in self.arguments)


def read_value(kind: Kind, text: str) -> Any:
    """Raises `ValueError` with what was expected."""
    if isinstance(kind, str):
        return READERS[kind](text)
    name, *bounds = kind
    if name == "choice":
        if text not in bounds:
            raise ValueError("expected one of " + ", ".join(f"`{word}`" for word in bounds))
        return text
    value = READERS[name](text)
    low, high = bounds
    if low is not None and value < low:
        raise ValueError(f"expected at least {low}")
    if high is not None and value > high:
        raise ValueError(f"expected at most {high}")
    return value


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError("expected a whole number") from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError("expected a number") from None


READERS: dict[str, Callable[[str], Any]] = {
    "text": str,
    "integer": _integer,
    "number": _number,
    "duration": parse_duration,
}
