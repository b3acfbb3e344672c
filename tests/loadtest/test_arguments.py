"""Arguments with templates: of the type that the schema declares, whatever the template makes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpctl.commands.items import parse
from mcpctl.commands.loadtest_arguments import first_of, from_items, from_table
from mcpctl.errors import UsageError

SCHEMA = {
    "type": "object",
    "properties": {
        "text": {"type": "string"},
        "n": {"type": "integer"},
        "ratio": {"type": "number"},
        "yes": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "at": {"type": "object", "properties": {"x": {"type": "integer"}}},
    },
}


def made(*words: str) -> object:
    text = from_items(parse(words, lambda _: b""), SCHEMA, {"words.txt": ("one", 'say "two"')})
    return json.loads(first_of(text, {"words.txt": ("one", 'say "two"')}))


def test_a_template_becomes_the_type_that_the_schema_declares() -> None:
    assert made("text={{n}}", "n={{n}}", "ratio={{int 3 3}}", "yes={{choice true}}") == {
        "text": "0", "n": 1, "ratio": 3, "yes": True,
    }  # fmt: skip


def test_a_template_within_text_stays_text() -> None:
    assert made("text=call {{n}} of {{choice a}}") == {"text": "call 0 of a"}


def test_json_items_take_templates_as_they_stand() -> None:
    assert made('at:={"x": {{n}}}', "n:={{int 7 7}}") == {"at": {"x": 0}, "n": 7}


def test_lists_and_nested_keys_take_templates() -> None:
    assert made("tags={{choice a}}", "tags={{choice b}}", "at[x]={{int 4 4}}") == {
        "tags": ["a", "b"],
        "at": {"x": 4},
    }
    assert made("tags[]={{choice a}}") == {"tags": ["a"]}


def test_lines_of_a_file_are_escaped_for_json() -> None:
    lines = {"words.txt": ('say "two"\\',)}
    text = from_items(parse(["text={{line words.txt}}"], lambda _: b""), SCHEMA, lines)
    assert json.loads(first_of(text, lines)) == {"text": 'say "two"\\'}


def test_a_table_of_a_file_is_typed_at_its_first_level() -> None:
    text = from_table({"n": "{{n}}", "text": "{{n}}", "at": {"x": 1, "note": "{{choice a}}"}}, SCHEMA, {})
    assert json.loads(first_of(text, {})) == {"n": 0, "text": "1", "at": {"x": 1, "note": "a"}}


def test_text_that_is_no_text_is_refused_in_words() -> None:
    with pytest.raises(UsageError, match="not valid UTF-8"):
        made("text=\udc80 {{n}}")


TEXTS = st.text(alphabet=st.characters(exclude_characters="{", exclude_categories=["Cs"]))


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["text", "other"]), TEXTS))
def test_arguments_without_templates_come_through_unchanged(table: dict[str, str]) -> None:
    assert json.loads(first_of(from_table(table, SCHEMA, {}), {})) == table
