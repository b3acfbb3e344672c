from __future__ import annotations

from typing import Any

import pytest

from mcpctl.config.documents import UnreadableError, load_value, parse


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings_are_named_and_still_read(encoding: str) -> None:
    document = parse('{"a": "\u00e9"}'.encode(encoding), "json", "x.json")
    assert document.value == {"a": "\u00e9"}
    assert [fault.code for fault in document.faults] == ["encoding"]
    assert "UTF-" in document.faults[0].message


def test_invalid_bytes_are_shown_where_they_stand() -> None:
    document = parse(b'{\n "a": "x\xff\xfey\xc3"}', "json", "x.json")
    assert [(fault.code, fault.span.line, fault.span.column) for fault in document.faults] == [
        ("encoding", 2, 9),
        ("encoding", 2, 12),
    ]
    assert document.value == {"a": "x\ufffd\ufffdy\ufffd"}


def test_a_byte_order_mark_is_a_fault_only_in_strict_json() -> None:
    data = b'\xef\xbb\xbf{"a": 1}'
    assert [fault.code for fault in parse(data, "json", "x").faults] == ["bom"]
    document = parse(data, "jsonc", "x")
    assert document.faults == ()
    assert document.bom
    assert document.key_span(("a",)).column == 2


@pytest.mark.parametrize("data", [b'{"a": "\0"}', b"\0", b'{"a"\0: 1}'])
def test_a_zero_byte_is_a_fault(data: bytes) -> None:
    assert parse(data, "json", "x").faults


def test_columns_count_characters_and_any_line_end_counts_once() -> None:
    document = parse('{"\U0001f600": 1,\r\n"b": 2,\r"c": 3,\n"d": 4}'.encode(), "json", "x")
    assert document.span(("\U0001f600",)).column == 7
    assert [document.key_span((key,)).line for key in "bcd"] == [2, 3, 4]


@pytest.mark.parametrize(
    ("data", "syntax"),
    [
        (b'{"a": 1,}', "jsonc"),
        (b'\xef\xbb\xbf{"a": 1}', "json"),
        (b'{"a": NaN}', "json"),
        (b'{"a": "\\ud800"}', "json"),
        (b'{"a": ' + b"1" * 5000 + b"}", "json"),
        ('{"a": 1}'.encode("utf-16"), "json"),
        (b"a = ", "toml"),
        (b"a: 1", "yaml"),
    ],
)
def test_the_fast_path_leaves_everything_odd_to_the_other(data: bytes, syntax: Any) -> None:
    with pytest.raises(UnreadableError):
        load_value(data, syntax)


def test_both_paths_read_the_same() -> None:
    assert (
        load_value(b'{"a": [1, 2.5, null]}', "jsonc") == parse(b'{"a": [1, 2.5, null]}', "jsonc", "x").value
    )
    assert load_value(b"a = [1, 2.5]", "toml") == parse(b"a = [1, 2.5]", "toml", "x").value
