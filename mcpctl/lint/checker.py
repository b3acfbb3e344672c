"""Compiles a JSON Schema into closures that answer yes or no, some fifty times as fast as explaining why.

It knows the keywords that the schemas of this package use, and `compile_schema` refuses any other: a checker that
skips what it does not know would say yes to anything. The explaining is left to jsonschema.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

Check = Callable[[Any], bool]

_ANNOTATIONS = frozenset(
    {
        "$schema",
        "$id",
        "$comment",
        "title",
        "description",
        "default",
        "examples",
        "definitions",
        "$defs",
        "deprecated",
        "format",
    }
    | {"markdownDescription", "x-source", "x-checked"}
)


def compile_schema(schema: dict[str, Any]) -> Check:
    """A function that tells whether a value keeps to the schema."""
    return _Compiler(schema).compile(schema)


class _Compiler:
    def __init__(self, root: dict[str, Any]) -> None:
        self.root = root
        self.done: dict[str, Check] = {}

    def compile(self, schema: Any) -> Check:
        if isinstance(schema, bool):
            return _always if schema else _never
        for common, check in _COMMON:
            if schema == common:
                return check
        if "$ref" in schema:
            return self.reference(schema["$ref"])
        unknown = schema.keys() - _ANNOTATIONS - _KEYWORDS.keys() - _TOGETHER
        if unknown:
            raise ValueError(f"keywords without a check: {sorted(unknown)}")
        return _all(list(self.checks(schema)))

    def checks(self, schema: dict[str, Any]) -> Iterator[Check]:
        """The kind first, because it is what fails most."""
        plain_object = schema.get("type") == "object" and bool(_OBJECT & schema.keys())
        if _OBJECT & schema.keys():
            yield self.properties(schema, required_kind=plain_object)
        for keyword, make in _KEYWORDS.items():
            if keyword in schema and not (keyword == "type" and plain_object):
                yield make(self, schema[keyword])
        if "if" in schema:
            yield self.condition(schema)

    def reference(self, pointer: str) -> Check:
        """By name and late, so that a schema may mention itself."""
        if pointer not in self.done:
            self.done[pointer] = self._later(pointer)
            target: Any = self.root
            for part in pointer.removeprefix("#/").split("/"):
                target = target[part]
            self.done[pointer] = self.compile(target)
        return self.done[pointer]

    def _later(self, pointer: str) -> Check:
        """What is not compiled yet is looked up when it is asked."""

        def check(value: Any) -> bool:
            return self.done[pointer](value)

        return check

    def properties(self, schema: dict[str, Any], *, required_kind: bool) -> Check:
        """`required_kind` says that it must be an object, and is not only looked at if it is one."""
        known = {name: self.compile(each) for name, each in schema.get("properties", {}).items()}
        patterns = [
            (re.compile(text).search, self.compile(each))
            for text, each in schema.get("patternProperties", {}).items()
        ]
        rest = schema.get("additionalProperties", True)
        other = self.compile(rest) if rest is not True else None

        open_ended = other is None and not patterns

        def check(value: Any) -> bool:
            if not isinstance(value, dict):
                return not required_kind
            for name, each in value.items():
                own = known.get(name)
                if not (own(each) if own is not None else open_ended or unnamed(name, each)):
                    return False
            return True

        def unnamed(name: str, value: Any) -> bool:
            fitting = [inner for search, inner in patterns if search(name)]
            if fitting:
                return all(inner(value) for inner in fitting)
            return other is None or other(value)

        return check

    def condition(self, schema: dict[str, Any]) -> Check:
        asked = self.compile(schema["if"])
        then, otherwise = self.compile(schema.get("then", True)), self.compile(schema.get("else", True))
        return lambda value: then(value) if asked(value) else otherwise(value)

    def any_of(self, schemas: list[Any]) -> Check:
        checks = [self.compile(each) for each in schemas]
        return lambda value: any(check(value) for check in checks)

    def one_of(self, schemas: list[Any]) -> Check:
        checks = [self.compile(each) for each in schemas]
        return lambda value: sum(check(value) for check in checks) == 1

    def all_of(self, schemas: list[Any]) -> Check:
        return _all([self.compile(each) for each in schemas])

    def negation(self, schema: Any) -> Check:
        check = self.compile(schema)
        return lambda value: not check(value)

    def items(self, schema: Any) -> Check:
        if schema == {"type": "string"}:
            return _only_texts
        check = self.compile(schema)
        return lambda value: not isinstance(value, list) or all(check(each) for each in value)

    def property_names(self, schema: Any) -> Check:
        check = self.compile(schema)
        return lambda value: not isinstance(value, dict) or all(check(each) for each in value)


def _always(value: Any) -> bool:
    del value
    return True


def _never(value: Any) -> bool:
    del value
    return False


def _all(checks: list[Check]) -> Check:
    if not checks:
        return _always
    if len(checks) == 1:
        return checks[0]
    if len(checks) == 2:
        first, second = checks
        return lambda value: first(value) and second(value)
    return lambda value: all(check(value) for check in checks)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _are_texts(value: Any) -> bool:
    if not isinstance(value, list):
        return False
    for each in value:  # noqa: SIM110 - a generator takes twice as long
        if not isinstance(each, str):
            return False
    return True


def _is_text_map(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    for each in value.values():  # noqa: SIM110
        if not isinstance(each, str):
            return False
    return True


_COMMON: tuple[tuple[dict[str, Any], Check], ...] = (
    ({"type": "string"}, _is_text),
    ({"type": "array", "items": {"type": "string"}}, _are_texts),
    ({"type": "object", "additionalProperties": {"type": "string"}}, _is_text_map),
)
"""What nearly every field is: one call instead of four."""


def _only_texts(value: Any) -> bool:
    return not isinstance(value, list) or _are_texts(value)


_TYPES: dict[str, Check] = {
    "string": lambda value: isinstance(value, str),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: (
        (isinstance(value, int) and not isinstance(value, bool))
        or (isinstance(value, float) and value.is_integer())
    ),
}


def _type(name: str | list[str]) -> Check:
    if isinstance(name, str):
        return _TYPES[name]
    return lambda value: any(_TYPES[each](value) for each in name)


def _pattern(text: str) -> Check:
    search = re.compile(text).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def _required(names: list[str]) -> Check:
    wanted = set(names)
    return lambda value: not isinstance(value, dict) or wanted <= value.keys()


def _constant(expected: Any) -> Check:
    return lambda value: value == expected and isinstance(value, bool) == isinstance(expected, bool)


def _choices(allowed: list[Any]) -> Check:
    def check(value: Any) -> bool:
        return any(value == each and isinstance(value, bool) == isinstance(each, bool) for each in allowed)

    return check


def _bounded(
    kind: type | tuple[type, ...], measure: Callable[[Any], Any], test: Callable[[Any, Any], bool]
) -> Any:
    def make(compiler: _Compiler, limit: Any) -> Check:
        del compiler
        return lambda value: (
            not isinstance(value, kind) or isinstance(value, bool) or test(measure(value), limit)
        )

    return make


def _itself(value: Any) -> Any:
    return value


def _at_least(value: Any, limit: Any) -> bool:
    return bool(value >= limit)


def _at_most(value: Any, limit: Any) -> bool:
    return bool(value <= limit)


_NUMBER = (int, float)

_KEYWORDS: dict[str, Callable[[_Compiler, Any], Check]] = {
    "type": lambda compiler, value: _type(value),  # noqa: ARG005 - every maker takes the compiler
    "const": lambda compiler, value: _constant(value),  # noqa: ARG005
    "enum": lambda compiler, value: _choices(value),  # noqa: ARG005
    "pattern": lambda compiler, value: _pattern(value),  # noqa: ARG005
    "required": lambda compiler, value: _required(value),  # noqa: ARG005
    "minLength": _bounded(str, len, _at_least),
    "maxLength": _bounded(str, len, _at_most),
    "minimum": _bounded(_NUMBER, _itself, _at_least),
    "maximum": _bounded(_NUMBER, _itself, _at_most),
    "exclusiveMinimum": _bounded(_NUMBER, _itself, lambda value, limit: bool(value > limit)),
    "exclusiveMaximum": _bounded(_NUMBER, _itself, lambda value, limit: bool(value < limit)),
    "minItems": _bounded(list, len, _at_least),
    "maxItems": _bounded(list, len, _at_most),
    "minProperties": _bounded(dict, len, _at_least),
    "maxProperties": _bounded(dict, len, _at_most),
    "uniqueItems": lambda compiler, value: _unique if value else _always,  # noqa: ARG005
    "items": _Compiler.items,
    "propertyNames": _Compiler.property_names,
    "anyOf": _Compiler.any_of,
    "oneOf": _Compiler.one_of,
    "allOf": _Compiler.all_of,
    "not": _Compiler.negation,
}

_OBJECT = frozenset({"properties", "patternProperties", "additionalProperties"})
_TOGETHER = _OBJECT | {"if", "then", "else"}
"""Keywords that are one check together."""


def _unique(value: Any) -> bool:
    if not isinstance(value, list):
        return True
    return all(each not in value[:index] for index, each in enumerate(value))
