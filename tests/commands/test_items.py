"""What people type becomes what the schema wants, and nothing is guessed."""

from __future__ import annotations

from typing import Any

import pytest

from mcpctl.commands.items import assemble, parse
from mcpctl.errors import UsageError

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "text": {"type": "string"},
        "n": {"type": "integer"},
        "x": {"type": "number"},
        "flag": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "numbers": {"type": "array", "items": {"type": "integer"}},
        "color": {"enum": ["red", "green", 3, None]},
        "maybe": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "words": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "either": {"type": ["string", "integer"]},
        "where": {"$ref": "#/$defs/where"},
        "loop": {"$ref": "#/properties/loop"},
    },
    "$defs": {
        "where": {"type": "object", "properties": {"row": {"type": "integer"}, "name": {"type": "string"}}}
    },
}


def built(*words: str, files: dict[str, bytes] | None = None) -> dict[str, Any]:
    return assemble(parse(words, (files or {}).__getitem__), SCHEMA)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("n=5", {"n": 5}),
        ("n=-5", {"n": -5}),
        ("n=5.0", {"n": 5}),
        ("n=5.5", {"n": "5.5"}),
        ("n=five", {"n": "five"}),
        ("n=1_000", {"n": "1_000"}),
        ("n=٣", {"n": "٣"}),
        ("x=1e3", {"x": 1000.0}),
        ("x=nan", {"x": "nan"}),
        ("x=1e999", {"x": "1e999"}),
        ("flag=yes", {"flag": True}),
        ("flag=FALSE", {"flag": False}),
        ("flag=maybe", {"flag": "maybe"}),
        ("text=5", {"text": "5"}),
        ("text=null", {"text": "null"}),
        ("text=", {"text": ""}),
        ("text=a=b:=c", {"text": "a=b:=c"}),
        ("words=null", {"words": None}),
        ("words=5", {"words": "5"}),
        ("maybe=null", {"maybe": None}),
        ("maybe=7", {"maybe": 7}),
        ("either=7", {"either": "7"}),
        ("color=3", {"color": 3}),
        ("color=null", {"color": None}),
        ("color=blue", {"color": "blue"}),
        ("tags=a", {"tags": ["a"]}),
        ('tags=["a","b"]', {"tags": ["a", "b"]}),
        ("numbers=4", {"numbers": [4]}),
        ('where={"row": 1}', {"where": {"row": 1}}),
        ("where[row]=1", {"where": {"row": 1}}),
        ("unknown=5", {"unknown": "5"}),
        ("n:=5", {"n": 5}),
        ('text:={"a": [1]}', {"text": {"a": [1]}}),
        ("a[b][c]=d", {"a": {"b": {"c": "d"}}}),
        ("a[]=d", {"a": ["d"]}),
        ("odd[key=1", {"odd[key": "1"}),
        ("a\\=b=c", {"a=b": "c"}),
        ("loop=x", {"loop": "x"}),
    ],
)
def test_a_typed_item_becomes_the_declared_type_or_stays_text(word: str, expected: dict[str, Any]) -> None:
    assert built(word) == expected


def test_a_repeated_key_fills_a_list_and_otherwise_the_last_one_counts() -> None:
    assert built("tags=a", "tags=b", "text=one", "text=two") == {"tags": ["a", "b"], "text": "two"}


def test_nested_keys_share_their_parent() -> None:
    assert built("where[row]=1", "where[name]=5") == {"where": {"row": 1, "name": "5"}}


def test_a_file_gives_text_or_json() -> None:
    files = {"note.txt": b"hello\n", "list.json": b"[1, 2]"}
    assert built("text=@note.txt", "numbers:=@list.json", files=files) == {
        "text": "hello\n",
        "numbers": [1, 2],
    }


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("hello", "`hello` is not an argument"),
        ("=x", "`=x` is not an argument"),
        (":=x", "`:=x` has no key"),
        ("n:=five", "the value of `n` is not JSON"),
        ("n:=NaN", "NaN is not JSON"),
        ("n:=" + "[" * 100_000, "the value of `n` is not JSON"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(word: str, said: str) -> None:
    with pytest.raises(UsageError, match=said.replace("`", "`")) as caught:
        built(word)
    assert caught.value.hint


def test_a_binary_file_is_named_with_the_byte_that_is_no_text() -> None:
    with pytest.raises(UsageError, match="`blob` is not text: byte 1 is not UTF-8"):
        built("text=@blob", files={"blob": b"a\xff"})


def test_a_key_cannot_be_both_a_value_and_a_parent() -> None:
    with pytest.raises(UsageError, match="both as a value and with parts"):
        built("where=x", "where[row]=1")
