from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpctl.config.documents import parse
from tests.config.places import assert_json_places, text_at
from tests.config.test_documents_json import KEYS


def faults(text: str) -> list[tuple[str, int, int]]:
    return [
        (fault.code, fault.span.line, fault.span.column) for fault in parse(text.encode(), "yaml", "x").faults
    ]


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.text(st.characters(categories=["L", "N", "P"]), max_size=6)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_json_is_yaml_and_every_place_is_right(written: Any) -> None:
    document = parse(json.dumps(written).encode(), "yaml", "x")
    assert document.faults == ()
    assert document.value == written
    assert_json_places(document)


def test_words_mean_what_the_core_schema_says() -> None:
    text = "[yes, no, true, Null, ~, 012, 0x1F, 0o17, 1.5, .5, 2026-11-20, 1_000, '1', !!str 1]"
    value = parse(text.encode(), "yaml", "x").value
    assert value == ["yes", "no", True, None, None, 12, 31, 15, 1.5, 0.5, "2026-11-20", "1_000", "1", "1"]


def test_block_style_has_places_and_comments() -> None:
    text = "# first\nservers:\n  one: # c\n    args:\n      - -y\n      - 'x # no'\n    note: |\n      # text\n      more\n"
    document = parse(text.encode(), "yaml", "x")
    assert document.value["servers"]["one"]["args"] == ["-y", "x # no"]
    assert text_at(document, document.span(("servers", "one", "args", 0))) == "-y"
    assert text_at(document, document.key_span(("servers", "one", "note"))) == "note"
    assert [text_at(document, span) for span in document.comments] == ["# first", "# c"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("empty", 1, 1)),
        ("a: 1\na: 2\n", ("duplicate_key", 2, 1)),
        ("a: 1\n---\nb: 2\n", ("extra_data", 2, 1)),
        ("a: [1,\nb: 2", ("yaml", 2, 5)),
        ("a: !x 1", ("tag", 1, 4)),
        ("a: *b", ("anchor", 1, 4)),
        ("a: &b [1]\nc: *b", ("anchor", 1, 4)),
        ("? [a]\n: b", ("bad_key", 1, 3)),
        ("a: 1e999", ("number_range", 1, 4)),
        ("\ta: 1", ("yaml", 1, 1)),
    ],
)
def test_each_kind_of_fault_has_its_code_and_place(text: str, expected: tuple[str, int, int]) -> None:
    assert faults(text) == [expected]


def test_deep_nesting_and_size_are_bounded() -> None:
    assert [code for code, _, _ in faults("[" * 20_000)] == ["too_deep"]
    assert [code for code, _, _ in faults("- " * 20_000)] == ["too_deep"]
    assert [code for code, _, _ in faults("a: 1\n" * 300_000)] == ["too_large"]


def test_an_anchor_that_holds_itself_ends() -> None:
    assert [code for code, _, _ in faults("&a [*a, *a]")] == ["anchor"]
