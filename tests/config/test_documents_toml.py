from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
import tomli
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpctl.config.documents import UnreadableError, load_value, parse
from mcpctl.config.documents.document import Document
from mcpctl.config.documents.draft import Draft, EnoughFaultsError
from mcpctl.config.documents.toml_reader import _TomlReader
from tests.config.places import paths, text_at
from tests.support import SHARED

NAMES = st.sampled_from(["a", "b", "c-d", "e_1", "1", '"q k"', "'l.t'", '"\\u00e9"'])
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6)
SCALARS = st.one_of(
    TEXTS.map(lambda text: json.dumps(text, ensure_ascii=False)),
    TEXTS.filter(lambda text: "'" not in text).map(lambda text: f"'{text}'"),
    TEXTS.map(lambda text: '"""\n' + text.replace("\\", "").replace('"', "") + '\nx"""'),
    st.integers(-(2**60), 2**60).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(
        ["true", "false", "0xFF", "1_000", "1979-05-27T07:32:00Z", "1979-05-27 07:32:00", "07:32:00"]
    ),
)


def _listed(items: list[str]) -> str:
    return (
        "[ # c\n" + "".join(f"  {item},\n" for item in items) + "]"
        if len(items) % 2
        else f"[{', '.join(items)}]"
    )


VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4).map(_listed), max_leaves=6)
ENTRIES = st.lists(st.tuples(st.lists(NAMES, min_size=1, max_size=2).map(".".join), VALUES), max_size=4)
TABLES = st.lists(
    st.tuples(st.sampled_from(["[%s]", "[[%s]]"]), st.lists(NAMES, min_size=1, max_size=3), ENTRIES),
    max_size=4,
)


@st.composite
def documents(draw: Any) -> str:
    lines = [f"{key} = {written}" for key, written in draw(ENTRIES)]
    for header, names, entries in draw(TABLES):
        lines += ["", header % ".".join(names) + draw(st.sampled_from(["", " # c"]))]
        lines += [f"{key} = {written}" for key, written in entries]
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines)


def read_alone(text: str) -> Draft:
    """What our own reader says without asking `tomli`."""
    draft = Draft()
    draft.text = text
    with suppress(EnoughFaultsError):
        _TomlReader(draft).run()
    return draft


def assert_agrees(text: str) -> None:
    alone = read_alone(text)
    try:
        expected = tomli.loads(text)
    except tomli.TOMLDecodeError:
        assert alone.faults, text
        return
    assert alone.faults == [], text
    assert alone.value == expected


def faults(text: str) -> list[tuple[str, int, int]]:
    return [
        (fault.code, fault.span.line, fault.span.column) for fault in parse(text.encode(), "toml", "x").faults
    ]


@settings(max_examples=120, deadline=None)
@given(documents())
def test_the_reader_and_tomli_agree_on_value_and_validity(text: str) -> None:
    assert_agrees(text)


@settings(max_examples=120, deadline=None)
@given(documents(), st.data())
def test_they_agree_on_damaged_files_too(text: str, data: Any) -> None:
    at = data.draw(st.integers(0, len(text)))
    inserted = data.draw(st.text(st.sampled_from("[]{}=.,\"'\\# \n\tab01-_:"), max_size=3))
    assert_agrees(text[:at] + inserted + text[at + data.draw(st.integers(0, 3)) :])


@settings(max_examples=100, deadline=None)
@given(documents())
def test_every_value_of_a_valid_file_has_its_place(text: str) -> None:
    document = parse(text.encode(), "toml", "x")
    if not document.faults:
        assert_toml_places(document)


def assert_toml_places(document: Document) -> None:
    for path, value in paths(document.value):
        written = text_at(document, document.span(path))
        of_tables = isinstance(value, list) and bool(value) and isinstance(value[0], dict)
        headed = (isinstance(value, dict) and written[:1] != "{") or (of_tables and "{" not in written)
        if not headed:
            assert tomli.loads(f"k={written}")["k"] == value
        if path and isinstance(path[-1], str):
            key = text_at(document, document.key_span(path))
            assert tomli.loads(f"{key}=1") == {path[-1]: 1}


def test_every_fault_is_found_in_one_run_and_the_rest_is_read() -> None:
    text = """name "x"
[servers.one]
command = npx
args = ["-y" "x"
env = { A = "b", B = True }
[servers.one]
url: "http://x"
cwd = "a\\qb"
[servers.two
command = "y" z
command = 'again'
tags = ["a", "b"
[servers.three]
count = 99999999999999999999x
last = "ok"
"""
    document = parse(text.encode(), "toml", "x")
    assert faults(text) == [
        ("missing_equals", 1, 5),
        ("unquoted", 3, 11),
        ("unclosed", 4, 8),
        ("missing_comma", 4, 13),
        ("unquoted", 5, 22),
        ("duplicate_table", 6, 1),
        ("missing_equals", 7, 4),
        ("bad_escape", 8, 9),
        ("unclosed", 9, 1),
        ("extra_data", 10, 15),
        ("duplicate_key", 11, 1),
        ("unclosed", 12, 8),
        ("unquoted", 14, 9),
    ]
    assert document.value["servers"]["one"]["args"] == ["-y", "x"]
    assert document.value["servers"]["one"]["env"] == {"A": "b", "B": True}
    assert document.value["servers"]["two"]["command"] == "y"
    assert document.value["servers"]["three"]["last"] == "ok"


def test_a_table_stands_where_its_header_does() -> None:
    document = parse(b"a.b = 1\n[[rows]]\nx = 1\n[[rows]]\n[rows.inner]\ny = { z = [1, 2] }\n", "toml", "x")
    assert text_at(document, document.span(("rows", 1))) == "[[rows]]"
    assert document.span(("rows", 1)).line == 4
    assert text_at(document, document.span(("rows", 1, "inner"))) == "[rows.inner]"
    assert text_at(document, document.key_span(("rows", 1, "inner", "y", "z"))) == "z"
    assert text_at(document, document.span(("rows", 1, "inner", "y", "z", 1))) == "2"
    assert text_at(document, document.key_span(("a", "b"))) == "b"


def test_what_toml_1_1_allows_is_allowed() -> None:
    assert faults('t = {\n  a = 1, # c\n  b = "\\x41\\e",\n}\n') == []


def test_an_unclosed_multi_line_text_costs_only_itself() -> None:
    document = parse(b'a = """x\ny\n[t]\nb = 1\n', "toml", "x")
    assert [fault.code for fault in document.faults] == ["unclosed_string"]
    assert document.value == {"t": {"b": 1}}


def test_a_hundred_thousand_brackets_are_a_fault_and_no_crash() -> None:
    for text in (
        "a = " + "[" * 100_000,
        "a = " + "{a=" * 100_000,
        "a." * 100_000 + "a = 1",
        "[" + "a." * 300 + "a]",
    ):
        assert [code for code, _, _ in faults(text)] == ["too_deep"]
    with pytest.raises(UnreadableError):
        load_value(b"a = " + b"[" * 100_000, "toml")


def test_a_number_of_five_thousand_digits_is_a_fault() -> None:
    assert faults("a = 1\nb = " + "9" * 5000) == [("number_range", 2, 5)]


def test_an_empty_file_and_one_of_comments_are_empty_tables() -> None:
    for text in ("", "# a = 1\n", "\ufeff"):
        document = parse(text.encode(), "toml", "x")
        assert (document.value, document.faults) == ({}, ())


def test_a_byte_order_mark_is_no_part_of_the_first_column() -> None:
    document = parse("\ufeffa = 1 # c".encode(), "toml", "x")
    assert document.bom
    assert document.key_span(("a",)).column == 1
    assert [text_at(document, span) for span in document.comments] == ["# c"]


@pytest.mark.skipif(not SHARED.exists(), reason="the corpus is not part of a clone")
def test_every_toml_file_of_the_corpus_is_read_with_every_place_right() -> None:
    files = sorted((SHARED / "corpus").glob("*.toml"))
    for path in files:
        document = parse(path.read_bytes(), "toml", path.name)
        if document.faults:
            with pytest.raises(tomli.TOMLDecodeError):
                tomli.loads(path.read_text())
            continue
        assert document.value == tomli.loads(path.read_text())
        assert_toml_places(document)
    assert len(files) > 15
