import json
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpctl.model.server import TruncateSpec
from mcpctl.policy.truncation import cut
from mcpctl.policy.truncation.lines import count_lines
from mcpctl.policy.truncation.literal import literal_end, literal_length, literal_start
from mcpctl.policy.truncation.scan import Scanner

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.sampled_from('ab"\\\n/{}[],:é😀e\u0301\x1b… '), max_size=30)
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=12) | st.dictionaries(st.text(st.sampled_from('ab",{}é\\'), max_size=6), inner, max_size=8)
    ),
    max_leaves=60,
)  # fmt: skip
containers = values.filter(lambda value: isinstance(value, dict | list | str))
layouts = st.sampled_from(
    [
        {"ensure_ascii": True},
        {"ensure_ascii": False, "separators": (",", ":")},
        {"indent": 2},
        {"indent": "\t", "ensure_ascii": False},
    ]
)
specs = st.builds(
    TruncateSpec,
    head=st.none() | st.integers(1, 12),
    tail=st.none() | st.integers(0, 12),
    max_chars=st.none() | st.integers(2, 400),
).filter(lambda spec: spec.head is not None or spec.tail != 0)


@given(containers, layouts, specs)
@settings(max_examples=150, deadline=None)
def test_json_in_utf8_is_cut_like_text(value, layout, spec):
    text = json.dumps(value, **layout)
    found = cut(text.encode(), spec)
    assert replace(found, text=found.text.decode()) == cut(text, spec)


def _cut(value, **spec):
    found = cut(json.dumps(value), TruncateSpec(**spec))
    return json.loads(found.text), found


@given(containers, layouts, specs)
@settings(max_examples=250, deadline=None)
def test_cut_json_is_json_within_its_limits(value, layout, spec):
    text = json.dumps(value, **layout)
    found = cut(text, spec)
    again = json.loads(found.text)
    if spec.max_chars is not None:
        assert len(found.text) <= spec.max_chars
    if spec.head is not None or spec.tail is not None:
        assert count_lines(found.text) <= (spec.head or 0) + (spec.tail or 0)
    assert found.chars <= found.total_chars
    assert found.lines <= found.total_lines
    if found.how == "whole":
        assert again == value
    else:
        _check(again, value)


def _check(shown, whole) -> None:
    """Everything shown is in the whole, and every count is true."""
    if shown == "…" or shown == whole:
        return
    if isinstance(whole, str):
        _check_string(shown, whole)
    elif isinstance(whole, list):
        _check_list(shown, whole)
    elif isinstance(whole, dict):
        said = [text for key, text in shown.items() if key == "…" and isinstance(text, str)]
        left_out = int(said[0].split()[0]) if said and "…" not in whole else 0
        assert shown == {} or len(shown) - bool(left_out) + left_out == len(whole)
        for key, each in shown.items():
            if key in whole:
                _check(each, whole[key])
    else:
        pytest.fail(f"{shown!r} instead of {whole!r}")


def _check_string(shown, whole) -> None:
    marker = re.search(r"… (\d+) more characters?(?: …)?", shown)
    if marker is None:
        # The text may have such a sign of its own.
        places = [at for at, sign in enumerate(shown) if sign == "…"]
        assert shown == "" or any(
            whole.startswith(shown[:at]) and whole.endswith(shown[at + 1 :]) for at in places
        )
        return
    before, after = shown[: marker.start()], shown[marker.end() :]
    assert whole.startswith(before)
    assert whole.endswith(after)
    assert int(marker[1]) == len(whole) - len(before) - len(after)


def _check_list(shown, whole) -> None:
    if shown == []:
        return
    places = [
        (place, int(said[1]))
        for place, each in enumerate(shown)
        if isinstance(each, str) and (said := re.fullmatch(r"… (\d+) more items?", each))
    ]
    front, left_out, back = shown, 0, []
    if places:
        place, left_out = places[0]
        front, back = shown[:place], shown[place + 1 :]
    assert len(front) + left_out + len(back) == len(whole)
    for each, original in zip(front, whole, strict=False):
        _check(each, original)
    for each, original in zip(reversed(back), reversed(whole), strict=False):
        _check(each, original)


def test_a_long_array_keeps_its_beginning_and_counts_the_rest():
    shown, found = _cut(list(range(10_000)), max_chars=60)
    assert shown[:5] == [0, 1, 2, 3, 4]
    assert shown[-1] == f"… {10_000 - len(shown) + 1} more items"
    assert found.how == "json"


def test_recent_keeps_the_end():
    shown, _ = _cut(list(range(10_000)), max_chars=60, tail=1)
    assert shown[-1] == 9999
    assert shown[0] == f"… {10_000 - len(shown) + 1} more items"


def test_both_ends_have_the_marker_between():
    shown, _ = _cut(list(range(10_000)), max_chars=100, head=1, tail=1)
    assert (shown[0], shown[-1]) == (0, 9999)


def test_all_keys_stay_while_there_is_any_room_for_their_values():
    value = {"id": 7, "text": "long " * 1000, "items": list(range(1000)), "owner": {"name": "me"}, "ok": True}
    shown, found = _cut(value, max_chars=250)
    assert list(shown) == list(value)
    assert (shown["id"], shown["owner"], shown["ok"]) == (7, {"name": "me"}, True)
    assert re.search(r"… \d+ more characters$", shown["text"])
    assert len(found.text) > 200


def test_several_long_items_are_shown_shortened_rather_than_one_whole():
    shown, _ = _cut([{"title": f"page {n}", "body": "x" * 100_000} for n in range(20)], max_chars=8000)
    assert len(shown) >= 7
    assert [each["title"] for each in shown[:3]] == ["page 0", "page 1", "page 2"]
    assert "more characters" in shown[0]["body"]


def test_the_layout_stays_and_lines_are_counted():
    text = json.dumps({"items": [{"id": n, "name": "x"} for n in range(1000)], "total": 1000}, indent=2)
    found = cut(text, None, terminal=True)
    assert count_lines(found.text) <= 200
    assert found.text.startswith('{\n  "items": [\n    {\n      "id": 0,')
    shown = json.loads(found.text)
    assert (shown["items"][0]["id"], shown["items"][-1]["id"], shown["total"]) == (0, 999, 1000)


def test_numbers_are_kept_to_the_letter():
    text = '{"a": 1.10, "b": 12345678901234567890123, "c": [' + "1e3," * 100 + "0]}"
    found = cut(text, TruncateSpec(max_chars=100))
    assert '"a": 1.10, "b": 12345678901234567890123' in found.text
    assert "1e3" in found.text


def test_a_string_is_json_too():
    shown, _ = _cut("é\n" * 1000, max_chars=80)
    assert re.fullmatch(r"(?:é\n)*é?… \d+ more characters", shown)


@pytest.mark.parametrize(
    ("limit", "text"),
    [(1, ""), (2, "{}"), (3, '"…"'), (19, '{"…": "3 more keys"}'), (20, '{"…": "3 more keys"}')],
)
def test_the_less_room_the_less_is_said(limit, text):
    found = cut(json.dumps({"a" * 30: 1, "b" * 30: 2, "c": 3}), TruncateSpec(max_chars=limit))
    if limit != 19:
        assert found.text == text


@pytest.mark.parametrize(
    "text", ['{"a": 1,}' * 9, "[1, 2" + " " * 50, "{not json at all, just braces} " * 3, '["\ud800 half a pair"]' * 2, "[" * 200_000 + "]" * 200_000]
)  # fmt: skip
def test_what_only_begins_like_json_is_cut_as_text(text):
    found = cut(text, TruncateSpec(max_chars=20))
    assert (found.how, found.text) == ("text", text[:20])


def test_white_space_around_is_no_part_of_it():
    found = cut("\n \t" + json.dumps(list(range(100))) + "\r\n\n", TruncateSpec(max_chars=50))
    assert found.text.startswith("[0, 1")


def test_deep_nesting_ends_in_a_count():
    value: list = list(range(5000))
    for _ in range(700):
        value = [value, "x"]
    shown, _ = _cut(value, max_chars=5000)
    assert json.dumps(shown).count("more item") >= 1


@given(containers, layouts)
@settings(max_examples=150, deadline=None)
def test_the_scanner_finds_every_member(value, layout):
    text = json.dumps(value, **layout)
    scanner = Scanner(text)
    assert scanner.end_of(0) == len(text)
    if isinstance(value, str):
        return
    in_object = isinstance(value, dict)
    batches = list(scanner.batches(0))
    assert sum(batch.members for batch in batches) == len(value)
    members = [member for batch in batches for member in scanner.members(batch, in_object=in_object)]
    found = [json.loads(text[member.value : member.end]) for member in members]
    assert found == list(value.values() if in_object else value)


@given(st.lists(st.integers(0, 200_000), max_size=12), st.booleans())
@settings(max_examples=40, deadline=None)
def test_members_longer_than_a_step_are_counted_too(sizes, in_object):
    members = [["x" * size, {"a": [size]}] for size in sizes]
    value = {f"k{place}": each for place, each in enumerate(members)} if in_object else members
    assert sum(batch.members for batch in Scanner(json.dumps(value)).batches(0)) == len(sizes)


def test_members_of_every_kind_are_counted_in_runs():
    for each in (
        "1",
        '"a"',
        '"a,b"',
        '"a\\"b"',
        "[]",
        '{"a":"]"}',
        "[1,2]",
        "[[1],2]",
        '{"a":{"b":[{}]}}',
        "[" * 9 + "]" * 9,
    ):
        text = "[" + ", ".join([each] * 1500) + "]"
        assert sum(batch.members for batch in Scanner(text).batches(0)) == 1500


@given(
    st.lists(
        st.sampled_from(
            ["a", "é", "\\n", "\\\\", '\\"', "\\u00e9", "\\ud83d\\ude00", "\\u001b[31m", "e\u0301", "/"]
        ),
        max_size=12,
    )
)
@settings(max_examples=200, deadline=None)
def test_a_literal_is_cut_only_between_units(units):
    content = "".join(units)
    text = f'"{content}"'
    edges = {1}
    for unit in units:
        edges.add(max(edges) + len(unit))
    high = len(text) - 1
    for at in range(1, high + 1):
        assert literal_end(text, 1, at) == max(edge for edge in edges if edge <= at)
        assert literal_start(text, 1, at, high) == min(edge for edge in edges if edge >= at)
    assert literal_length(text, 1, high) == len(json.loads(text))


def test_a_long_literal_is_measured_in_pieces():
    content = "\\ud83d\\ude00\\\\x" * 300_000
    assert literal_length(f'"{content}"', 1, len(content) + 1) == 900_000
