from __future__ import annotations

import json
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpctl.errors import UsageError
from mcpctl.loadtest.templates import Draws, compile_parts, expand, files_named, parse


def drawn(text: str, times: int = 3, **about: object) -> list[object]:
    parts = compile_parts(parse(text), Draws(seed=7, **about))  # type: ignore[arg-type]
    return [json.loads(expand(parts)) for _ in range(times)]


def test_text_without_templates_is_one_constant() -> None:
    assert compile_parts(parse('{"a": {"b": 1}}'), Draws(seed=1)) == (b'{"a": {"b": 1}}',)


def test_numbers_count_inside_and_outside_of_strings() -> None:
    assert drawn('{"n": {{n}}, "text": "call {{n}}"}', 2) == [
        {"n": 0, "text": "call 1"},
        {"n": 2, "text": "call 3"},
    ]


def test_shards_draw_numbers_and_lines_of_their_own() -> None:
    about = {"shards": 2, "lines": {"f": ["a", "b", "c"]}}
    assert drawn('["{{n}}", "{{line f}}"]', 3, shard=0, **about) == [["0", "a"], ["2", "c"], ["4", "a"]]
    assert drawn('["{{n}}", "{{line f}}"]', 2, shard=1, **about) == [["1", "b"], ["3", "b"]]


def test_draws_repeat_for_one_seed_and_differ_between_shards() -> None:
    text = '["{{uuid}}", "{{choice a b c d}}", {{int 1 1000000}}]'
    assert drawn(text) == drawn(text)
    assert drawn(text) != drawn(text, shard=1, shards=2)
    identifier, letter, number = drawn(text, 1)[0]
    assert UUID(identifier).version == 4
    assert letter in "abcd"
    assert 1 <= number <= 1_000_000


def test_a_choice_may_hold_quotes_and_spaces_inside_a_json_string() -> None:
    text = json.dumps({"m": "{{choice 'say \"hi\"'}}"})
    assert drawn(text, 1) == [{"m": 'say "hi"'}]


def test_lines_are_escaped_where_they_stand_in_a_string() -> None:
    assert drawn('{"m": "{{line f}}"}', 1, lines={"f": ['a "quoted" \\ line']}) == [
        {"m": 'a "quoted" \\ line'}
    ]
    assert files_named(parse('"{{line f}} {{n}}"')) == ["f"]


def test_doubled_braces_are_literal() -> None:
    assert drawn('{"m": "{{{{name}} {{n}}"}', 1) == [{"m": "{{name}} 0"}]


@pytest.mark.parametrize(
    ("text", "words", "column"),
    [
        ('{"a": "{{foo}}"}', "there is no template `foo`", 8),
        ('{"a": "{{n"}', "not closed", 8),
        ('"{{}}"', "cannot be read", 2),
        ('"{{choice}}"', "nothing to choose from", 2),
        ('"{{line}}"', "one file", 2),
        ('"{{int 5 1}}"', "lowest and the highest", 2),
        ('"{{int a b}}"', "lowest and the highest", 2),
        ('"{{n 5}}"', "takes no words", 2),
        ('"{{choice \'a}}"', "cannot be read", 2),
    ],
)
def test_a_mistake_in_a_template_is_named_with_its_column(text: str, words: str, column: int) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert words in caught.value.message
    assert caught.value.column == column


PLAIN = st.text(alphabet=st.characters(exclude_characters="{}"), max_size=20)


@settings(deadline=None)
@given(st.dictionaries(PLAIN, PLAIN))
def test_json_without_braces_comes_through_unchanged(value: dict[str, str]) -> None:
    assert drawn(json.dumps(value), 1) == [value]
