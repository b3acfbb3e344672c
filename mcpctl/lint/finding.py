"""What a rule says: about which value, in which words, with which remedy. Where that stands is found out later."""

from __future__ import annotations

from typing import Any, Literal

from mcpctl.model.keypath import KeyPath
from mcpctl.model.lint import Fix, Severity
from mcpctl.model.value import NamedTuple

Part = Literal["key", "value", "whole"]


class Finding(NamedTuple):
    message: str
    """One sentence, lower case unless a name begins it: what happens, in which host, and why."""
    at: KeyPath = ()
    part: Part = "value"
    """`key` underlines the name, `value` what it holds, `whole` both."""
    within: str | None = None
    """The piece of the value that is meant: it alone is underlined."""
    span: tuple[int, int] | None = None
    """Offsets in the text, where no value is meant: faults of syntax."""
    label: str | None = None
    hint: str | None = None
    severity: Severity | None = None
    """Where the host makes this better or worse than the rule says."""
    server: str | None = None
    fix: Fix | None = None


class ShapeFault(NamedTuple):
    """What the schema of a host has against a value; rules make findings of it."""

    at: KeyPath
    keyword: str
    """The keyword of JSON Schema that says no."""
    expected: Any
    instance: Any
    message: str
    schema: dict[str, Any]
    """The part of the schema that the keyword stands in."""
    missing: str | None = None
