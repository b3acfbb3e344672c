"""Values against schemas that a server wrote: linear in time, never over the network, every fault with its path."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from mcpctl.model.protocol import JsonObject
from mcpctl.model.value import dataclass

MAX_FAULTS = 20
"""More than anybody reads; bounds the work on a hostile value."""

MAX_COMPILED = 256
"""Schemas kept ready per server."""

BACKTRACKING = 100_000
"""Steps that a pattern may take where only a backtracking engine knows it (look-around): well under a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    path: tuple[str | int, ...]
    message: str

    def __str__(self) -> str:
        return f"`{dotted(self.path)}`: {self.message}" if self.path else self.message


class UnusableSchema(Exception):  # noqa: N818 - reads as what it is, and never leaves this room
    """The schema itself is broken; the text says how."""


class SchemaChecker:
    """Compiles each schema once. Keys are names chosen by the caller, such as `("echo", "input")`."""

    def __init__(self) -> None:
        self._compiled: OrderedDict[tuple[str, str], tuple[JsonObject, Any]] = OrderedDict()

    def faults(self, key: tuple[str, str], schema: JsonObject, value: Any) -> tuple[Fault, ...]:
        """Raises `UnusableSchema` where the schema cannot judge anything."""
        if _is_plainly_valid(schema, value):
            return ()
        validator = self._validator(key, schema)
        found: list[Fault] = []
        try:
            for error in validator.iter_errors(value):
                found.append(Fault(path=tuple(error.instance_path), message=error.message))
                if len(found) == MAX_FAULTS:
                    break
        except (ValueError, RecursionError) as error:
            raise UnusableSchema(_first_line(error)) from error
        return tuple(found)

    def forget(self) -> None:
        self._compiled.clear()

    def _validator(self, key: tuple[str, str], schema: JsonObject) -> Any:
        kept = self._compiled.get(key)
        if kept is not None and kept[0] is schema:
            return kept[1]
        validator = compile_schema(schema)
        self._compiled[key] = (schema, validator)
        self._compiled.move_to_end(key)
        while len(self._compiled) > MAX_COMPILED:
            self._compiled.popitem(last=False)
        return validator


def compile_schema(schema: JsonObject) -> Any:
    """A validator that fetches nothing and whose patterns cannot run away."""
    import jsonschema_rs

    linear, bounded = (
        jsonschema_rs.RegexOptions(),
        jsonschema_rs.FancyRegexOptions(backtrack_limit=BACKTRACKING),
    )
    try:
        try:
            return jsonschema_rs.validator_for(schema, offline=True, pattern_options=linear)
        except (ValueError, jsonschema_rs.ReferencingError):
            return jsonschema_rs.validator_for(schema, offline=True, pattern_options=bounded)
    except (ValueError, jsonschema_rs.ReferencingError, RecursionError) as error:
        raise UnusableSchema(_first_line(error)) from error


def dotted(path: tuple[str | int, ...]) -> str:
    """`items[0].name`, the way a person would write it."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
}
_SAYS_NOTHING = frozenset({"title", "description", "default", "examples", "type", "$schema"})
_UNDERSTOOD = _SAYS_NOTHING | {"properties", "required", "additionalProperties"}


def _is_plainly_valid(schema: JsonObject, value: Any) -> bool:
    """Most calls have a flat schema and fit it: seen in a microsecond, without loading the real checker.

    Only ever says yes to what is surely valid; everything else goes to the checker.
    """
    properties = schema.get("properties", {})
    if schema.get("type") != "object" or not isinstance(value, dict) or not isinstance(properties, dict):
        return False
    if not schema.keys() <= _UNDERSTOOD or not isinstance(schema.get("additionalProperties", False), bool):
        return False
    required = schema.get("required", [])
    if not isinstance(required, list) or not all(
        isinstance(each, str) and each in value for each in required
    ):
        return False
    return all(_fits(properties.get(name), each) for name, each in value.items())


def _fits(schema: Any, value: Any) -> bool:
    if not isinstance(schema, dict) or not schema.keys() <= _SAYS_NOTHING:
        return False
    kind = schema.get("type")
    if not isinstance(kind, str) or kind in ("object", "array"):
        return False
    return isinstance(value, _TYPES.get(kind, ())) and isinstance(value, bool) == (kind == "boolean")


def _first_line(error: BaseException) -> str:
    return str(error).split("\n", 1)[0]
