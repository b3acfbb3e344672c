from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpctl.config.documents import UnreadableError, load_value, parse
from mcpctl.config.documents.document import Document
from tests.config.places import assert_json_places, text_at
from tests.support import SHARED

KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


def faults(text: str | bytes, syntax: Any = "jsonc") -> list[tuple[str, int, int]]:
    data = text.encode() if isinstance(text, str) else text
    found = parse(data, syntax, "x.json").faults
    return [(fault.code, fault.span.line, fault.span.column) for fault in found]


def value(text: str, syntax: Any = "jsonc") -> Any:
    return parse(text.encode(), syntax, "x.json").value


@settings(max_examples=100, deadline=None)
@given(VALUES, st.sampled_from([None, 2, "\t"]), st.booleans())
def test_what_was_written_is_read_back_with_every_place(written: Any, indent: Any, ascii_only: bool) -> None:
    text = json.dumps(written, indent=indent, ensure_ascii=ascii_only)
    document = parse(text.encode(), "json", "x.json")
    assert document.faults == ()
    assert document.value == written
    assert_json_places(document)


def _spliced(text: str, pieces: list[tuple[int, str]]) -> str:
    """Put pieces where white space is allowed: behind commas, colons and openers outside of texts."""
    places, inside = [0], False
    for at, char in enumerate(text):
        if char == '"' and (at == 0 or text[at - 1] != "\\"):
            inside = not inside
        elif not inside and char in "[{,:":
            places.append(at + 1)
    for place, piece in sorted(((places[at % len(places)], piece) for at, piece in pieces), reverse=True):
        text = text[:place] + piece + text[place:]
    return text


PIECES = st.sampled_from(["/* c */", "// c\n", " ", "\n", "\r\n\t", "/**/"])


@settings(max_examples=80, deadline=None)
@given(VALUES, st.lists(st.tuples(st.integers(0, 99), PIECES), max_size=6))
def test_comments_and_blanks_anywhere_change_nothing(written: Any, pieces: list[tuple[int, str]]) -> None:
    text = json.dumps(written).replace("\\\\", "").replace('\\"', "")
    plain = json.loads(text)
    spliced = _spliced(text, pieces)
    document = parse(spliced.encode(), "jsonc", "x.json")
    assert document.faults == ()
    assert document.value == plain
    marks = [text_at(document, span) for span in document.comments]
    assert all(mark.startswith(("/*", "//")) for mark in marks)
    strict = parse(spliced.encode(), "json", "x.json")
    assert [fault.code for fault in strict.faults] == ["comment"] * len(marks)


@settings(max_examples=200, deadline=None)
@given(VALUES, st.data())
def test_a_damaged_file_has_faults_exactly_when_a_strict_parser_refuses_it(written: Any, data: Any) -> None:
    text = json.dumps(written, indent=1)
    at = data.draw(st.integers(0, len(text)))
    inserted = data.draw(st.text(st.sampled_from('{}[],:"\\/*# \n\t019.-eEtnul'), max_size=3))
    damaged = text[:at] + inserted + text[at + data.draw(st.integers(0, 3)) :]
    document = parse(damaged.encode(), "json", "x.json")
    try:
        accepted = json.loads(damaged, parse_constant=lambda name: json.loads(f"<{name}>"))
    except ValueError:
        assert document.faults
        return
    if {fault.code for fault in document.faults} <= {"lone_surrogate", "number_range"} and document.faults:
        return  # Python lets these through
    assert document.faults == ()
    assert document.value == accepted


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60), st.sampled_from(["json", "jsonc", "json5", "toml", "yaml"]))
def test_no_bytes_break_the_parser(data: bytes, syntax: Any) -> None:
    document = parse(data, syntax, "x")
    for fault in document.faults:
        first = fault.message.split()[0]
        assert (
            first.isupper() or first[0] == first[0].lower()
        )  # a sentence may begin with a name such as JSON
        assert not fault.message.endswith(".")
        assert 0 <= fault.span.offset_start <= fault.span.offset_end <= len(document.text)


def test_a_missing_comma_points_just_behind_the_previous_value() -> None:
    assert faults('{\n  "a": 1\n  "b": [1 2]\n}') == [("missing_comma", 2, 9), ("missing_comma", 3, 10)]


def test_all_faults_are_found_in_one_run_and_the_rest_is_read() -> None:
    text = """{
  "servers": {
    'one': {command: "npx", "args": ["-y" "x",], "env": {"A": True}}
    "two": {"command": "b\\q", "url" "http://x", "n": 01, "m": NaN}
  },,
  "open": {"list": [1, 2
}
"""
    document = parse(text.encode(), "json", "x.json")
    assert [fault.code for fault in document.faults] == [
        "unclosed",
        "quotes",
        "unquoted",
        "missing_comma",
        "trailing_comma",
        "unquoted",
        "missing_comma",
        "bad_escape",
        "missing_colon",
        "number_form",
        "not_finite",
        "extra_comma",
        "unclosed",
    ]
    assert document.value["servers"]["one"] == {"command": "npx", "args": ["-y", "x"], "env": {"A": True}}
    assert document.value["servers"]["two"]["url"] == "http://x"
    assert document.value["open"] == {"list": [1, 2]}
    assert document.span(("servers", "one", "env", "A")).line == 3


def test_trailing_commas_are_faults_only_where_json_is_strict() -> None:
    text = '{"a": [1, 2,], "b": {"c": 1,},}'
    assert faults(text) == []
    assert [code for code, _, _ in faults(text, "json")] == ["trailing_comma"] * 3
    document = parse(text.encode(), "jsonc", "x.json")
    assert [span.column for span in document.trailing_commas] == [12, 28, 30]
    assert document.value == {"a": [1, 2], "b": {"c": 1}}


def test_every_repetition_of_a_key_is_recorded_with_its_path() -> None:
    document = parse(b'{"a": {"k": 1,\n"k": 2, "x": 0, "k": 3}, "l": [{"k": 1, "k": 2}]}', "json", "x.json")
    assert document.value == {"a": {"k": 3, "x": 0}, "l": [{"k": 2}]}
    found = [(one.path, one.first.line, one.first.column, one.second.column) for one in document.duplicates]
    assert found == [(("a", "k"), 1, 8, 1), (("a", "k"), 1, 8, 17), (("l", 0, "k"), 2, 33, 41)]
    assert text_at(document, document.span(("a", "k"))) == "3"


def test_json5_reads_what_json_refuses() -> None:
    text = "{a: 'b', $c_d: 0xFF, e: +.5, f: 'l\\\nm\\x41', // c\n g: [1,],}"
    assert faults(text, "json5") == []
    assert value(text, "json5") == {"a": "b", "$c_d": 255, "e": 0.5, "f": "lmA", "g": [1]}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("// all\n/* of it */", "empty"),
        ('{"a": 1} {"b": 2}', "extra_data"),
        ('"mcpServers": {}', "extra_data"),
        ('{"a": "\\ud800"}', "lone_surrogate"),
        ('{"a": "x\ty"}', "control_character"),
        ('{"a": "x', "unclosed_string"),
        ('{"a": 1e999}', "number_range"),
        ('{"a": ' + "9" * 5000 + "}", "number_range"),
        ('{"a": Infinity}', "not_finite"),
        ("# yaml\n{}", "comment"),
        ("/* a", "unclosed_comment"),
        ('{"a":\u00a01}', "odd_space"),
        ("{\u201ca\u201d: 1}", "quotes"),
        ('{"a": [1}', "unclosed"),
        ('{"a": {"b": 1]}', "mismatch"),
        ('{"a": }', "missing_value"),
        ("{{}}", "missing_key"),
        ('{"a": 1 : 2}', "unexpected"),
    ],
)
def test_each_kind_of_fault_has_its_code(text: str, code: str) -> None:
    assert code in [found for found, _, _ in faults(text)]


def test_a_hundred_thousand_brackets_are_a_fault_and_no_crash() -> None:
    for data in (b"[" * 100_000, b'{"a":' * 100_000, b'[{"a":' * 50_000):
        assert [code for code, _, _ in faults(data)] == ["too_deep"]
        with pytest.raises(UnreadableError):
            load_value(data, "jsonc")


def test_a_binary_file_stops_after_a_bounded_number_of_faults() -> None:
    assert len(faults(b"\xff " * 4000)) == 100
    assert len(faults(b"x y z " * 100_000)) <= 100


def test_no_message_repeats_what_may_be_a_secret() -> None:
    text = '{"token": sk-canary-1, "key": "sk-canary-2\n, \'sk-canary-3\': \'sk-canary-4\', "x": "\\qsk-canary-5"}'
    for syntax in ("json", "toml", "yaml"):
        document = parse(text.encode(), syntax, "x")
        assert document.faults
        assert "canary" not in "".join(f"{fault.message}{fault.hint}" for fault in document.faults)


def test_the_place_of_what_is_not_there_is_that_of_its_nearest_parent() -> None:
    document = parse(b'{"a": {"b": 1}}', "json", "x.json")
    assert document.span(("a", "c")) is None
    assert text_at(document, document.nearest(("a", "c", 0))) == '"a"'
    assert document.nearest(("x",)).offset_start == 0


def test_large_flat_lists_and_objects_are_found_into() -> None:
    written = {"l": list(range(2000)), "o": {f"k{n}": n for n in range(2000)}}
    document = parse(json.dumps(written).encode(), "json", "x.json")
    assert document.value == written
    assert text_at(document, document.span(("l", 1234))) == "1234"
    assert text_at(document, document.key_span(("o", "k77"))) == '"k77"'


@pytest.mark.skipif(not SHARED.exists(), reason="the corpus is not part of a clone")
def test_every_json_file_of_the_corpus_is_read_with_every_place_right() -> None:
    checked = 0
    for path in sorted((SHARED / "corpus").glob("*.json")):
        document: Document = parse(path.read_bytes(), "jsonc", path.name)
        assert document.faults == (), path.name
        if not document.comments and not document.trailing_commas:
            assert document.value == json.loads(path.read_text())
            assert_json_places(document)
            checked += 1
    assert checked > 80
