"""Schemas that servers wrote: none of them may break more than its own check."""

from __future__ import annotations

from typing import Any

import pytest

from mcpctl.session.schemas import SchemaChecker, UnusableSchema

KEY = ("tool", "input")


def _nested(depth: int) -> Any:
    value: Any = {}
    for _ in range(depth):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "required": [["a"]]},
        {"type": "object", "required": [{}]},
        {"type": "object", "allOf": [_nested(5000)]},
        {"type": "object", "properties": {"a": {"$ref": "https://example.com/schema"}}},
        {"type": "object", "properties": {"a": {"pattern": "("}}},
        {"type": "object", "title": "\ud800", "minProperties": 1},
    ],
)
def test_a_broken_schema_is_named_unusable(schema: dict[str, Any]) -> None:
    with pytest.raises(UnusableSchema):
        SchemaChecker().faults(KEY, schema, {"a": 1})


def test_a_value_as_deep_as_the_decoder_lets_in_is_judged() -> None:
    schema = {"additionalProperties": {"$ref": "#"}, "minProperties": 1}
    (fault,) = SchemaChecker().faults(KEY, schema, _nested(900))
    assert len(fault.path) == 900
