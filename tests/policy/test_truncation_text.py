import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpctl.model.server import TruncateSpec
from mcpctl.policy.truncation import Cut, Window, cut, window_for
from mcpctl.policy.truncation.edges import safe_end, safe_start
from mcpctl.policy.truncation.lines import count_lines
from mcpctl.policy.truncation.utf8 import STRIDE, Utf8

MARKER = re.compile(
    r"^… ([\d,]+) (?:lines? \(([\d,]+) characters?\)|characters?) left out …\r?$", re.MULTILINE
)


def _numbered(count: int) -> str:
    return "".join(f"line {number}\n" for number in range(1, count + 1))


specs = st.builds(
    TruncateSpec,
    head=st.none() | st.integers(0, 6),
    tail=st.none() | st.integers(0, 6),
    max_chars=st.none() | st.integers(0, 80),
    max_tokens=st.none() | st.integers(0, 20),
    preset=st.sampled_from([None, "preview", "summary", "recent", "adaptive", "full"]),
)
texts = st.lists(
    st.sampled_from(["a", "word ", "\n", "\r\n", "\r", "é", "e\u0301", "👩\u200d🚀", "🇩🇪", "\x1b[31m", "\x1b]8;;x\x07", "```", "~~~\n", "1,2"]),
    max_size=40,
).map("".join)  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "terminal", "spec", "kept"),
    [
        (250, False, None, (None, None)),
        (200, True, None, (None, None)),
        (201, True, None, (100, 100)),
        (10_000, True, TruncateSpec(), (100, 100)),
        (10_000, True, TruncateSpec(preset="full"), (None, None)),
        (10_000, True, TruncateSpec(max_chars=5), (None, None)),
        (500, False, TruncateSpec(preset="preview"), (100, 0)),
        (500, False, TruncateSpec(preset="summary"), (50, 50)),
        (500, False, TruncateSpec(preset="recent"), (0, 200)),
        (999, False, TruncateSpec(preset="adaptive"), (None, None)),
        (1_000, False, TruncateSpec(preset="adaptive"), (500, 500)),
        (9_999, False, TruncateSpec(preset="adaptive"), (500, 500)),
        (10_000, False, TruncateSpec(preset="adaptive"), (200, 200)),
        (500, False, TruncateSpec(head=5), (5, 0)),
        (500, False, TruncateSpec(tail=5, preset="preview"), (0, 5)),
    ],
)
def test_presets_and_defaults_have_these_numbers(lines, terminal, spec, kept):
    window = window_for(spec, lines, terminal=terminal)
    assert (window.head, window.tail) == kept


def test_tokens_are_four_characters_each_and_the_note_says_that_it_is_an_estimate():
    found = cut("x" * 1000, TruncateSpec(max_tokens=10))
    assert found.chars == 40
    assert "estimate" in (found.note or "")
    assert "estimate" not in (cut("x" * 1000, TruncateSpec(max_tokens=10, max_chars=8)).note or "")


def test_head_gives_these_lines_and_nothing_else():
    found = cut(_numbered(10), TruncateSpec(head=3))
    assert found.text == "line 1\nline 2\nline 3\n"
    assert (found.lines, found.total_lines, found.chars, found.total_chars) == (3, 10, 21, 71)
    assert found.note == "showing 3 of 10 lines, 21 of 71 characters"


def test_tail_gives_the_last_lines():
    assert cut(_numbered(10), TruncateSpec(tail=2)).text == "line 9\nline 10\n"
    assert cut("a\nb\nc", TruncateSpec(tail=2)).text == "b\nc"


def test_both_have_a_line_between_that_says_what_is_missing():
    found = cut(_numbered(1000), TruncateSpec(head=1, tail=1))
    assert found.text == "line 1\n… 998 lines (8,876 characters) left out …\nline 1000\n"
    assert found.lines == 2


def test_a_text_that_fits_is_handed_back_as_it_is():
    text = _numbered(10)
    found = cut(text, TruncateSpec(head=5, tail=5))
    assert found.text is text
    assert (found.how, found.note, found.shortened) == ("whole", None, False)


def test_characters_are_taken_from_the_end_where_lines_would_be():
    text = "0123456789" * 10
    assert cut(text, TruncateSpec(max_chars=5)).text == "01234"
    assert cut(text, TruncateSpec(max_chars=5, tail=3)).text == "56789"
    both = cut(text, TruncateSpec(max_chars=60, head=3, tail=3)).text
    assert both.startswith("0123")
    assert both.endswith("6789")
    assert MARKER.search(both)
    assert len(both) <= 60


def test_where_there_is_no_room_for_a_marker_there_is_none():
    found = cut("0123456789" * 10, TruncateSpec(max_chars=6, head=1, tail=1))
    assert found.text == "012789"
    assert (found.lines, found.chars) == (1, 6)


def test_nothing_may_be_asked_for():
    for spec in (TruncateSpec(head=0), TruncateSpec(max_chars=0)):
        found = cut("some\ntext", spec)
        assert (found.text, found.lines, found.chars) == ("", 0, 0)
    assert cut("", TruncateSpec(head=0)).text == ""


def test_line_ends_stay_what_they_are():
    text = "".join(f"{number}\r\n" for number in range(10))
    found = cut(text, TruncateSpec(head=1, tail=1))
    assert found.text == "0\r\n… 8 lines (24 characters) left out …\r\n9\r\n"
    assert cut("ab\r\ncd", TruncateSpec(max_chars=3)).text == "ab"


@given(texts, specs)
@settings(max_examples=300, deadline=None)
def test_sizes_obey_the_limits_and_counts_are_true(text, spec):
    found = cut(text, spec)
    assert (found.total_lines, found.total_chars) == (count_lines(text), len(text))
    window = window_for(spec, found.total_lines)
    if window.holds(lines=found.total_lines, chars=found.total_chars):
        assert found.text == text
        return
    if found.how == "json":
        return
    if window.chars is not None:
        assert len(found.text) <= window.chars
    assert found.chars <= len(text)
    assert found.lines <= (window.lines if window.lines is not None else found.total_lines)
    _check_marker(found, text)


def _check_marker(found: Cut, text: str) -> None:
    marker = MARKER.search(found.text)
    if marker is None:
        return
    numbers = [int(number.replace(",", "")) for number in marker.groups() if number]
    assert numbers[-1] == len(text) - found.chars
    if len(numbers) == 2:
        assert numbers[0] == found.total_lines - found.lines


@given(texts.map(lambda text: text.replace("```", "").replace("~~~\n", "")), specs)
@settings(max_examples=200, deadline=None)
def test_what_is_shown_stood_at_the_beginning_and_the_end(text, spec):
    found = cut(text, spec)
    if found.how == "json":
        return
    marker = MARKER.search(found.text)
    if marker is None:
        places = range(len(found.text) + 1)
        assert any(text.startswith(found.text[:at]) and text.endswith(found.text[at:]) for at in places)
        return
    front, end = found.text[: marker.start()], found.text[marker.end() :]
    # The marker has a line of its own: an end of line beside it may not be of the text.
    assert text.startswith((front, re.sub(r"\r?\n\Z", "", front)))
    assert text.endswith((end, re.sub(r"\A\r?\n", "", end)))
    assert 0 <= len(front) + len(end) - found.chars <= len("\r\n\r\n")


@given(texts, specs)
@settings(max_examples=150, deadline=None)
def test_utf8_is_cut_like_text(text, spec):
    same = cut(text.encode(), spec)
    assert replace(same, text=same.text.decode()) == cut(text, spec)


@pytest.mark.parametrize(
    "unit",
    ["\r\n", "e\u0301\u0302", "👩\u200d👩\u200d👧", "🇩🇪", "👍🏽", "❤\ufe0f", "\U0001f3f4\U000e0067\U000e007f", "\ud83d\ude00", "한".encode().decode(), "\u1112\u1161\u11ab", "\x1b[1;31m", "\x1b]0;title\x07", "\x1b]8;;http://x\x1b\\", "\x1bPq\x1b\\", "\x1b(B"],
)  # fmt: skip
def test_no_unit_is_split(unit):
    text = f"ab{unit}cd"
    for at in range(len(text) + 1):
        inside = 2 < at < 2 + len(unit)
        assert safe_end(text, at) == (2 if inside else at)
        assert safe_start(text, at) == (2 + len(unit) if inside else at)


@given(texts, st.sampled_from([0, 1, 4000, 4400]), st.sampled_from([0, 5000]), st.data())
@settings(max_examples=100, deadline=None)
def test_units_in_utf8_are_those_of_text(text, before, behind, data):
    text = "\x1b]" + "x" * before + text + "x" * behind
    at = data.draw(st.integers(0, len(text)))
    viewed = Utf8(text.encode())
    assert safe_end(viewed, at) == safe_end(text, at)
    assert safe_start(viewed, at) == safe_start(text, at)


def test_two_flags_are_told_apart():
    assert safe_end("🇩🇪🇫🇷", 2) == 2
    assert safe_end("🇩🇪🇫🇷", 3) == 2


def test_an_endless_pile_of_accents_is_cut_all_the_same():
    found = cut("e" + "\u0301" * 10_000, TruncateSpec(max_chars=500))
    assert found.chars == 500


def test_a_fence_is_closed_before_the_gap_and_opened_again_behind_it():
    text = "intro\n```python\none\ntwo\nthree\nfour\n```\nend\n"
    found = cut(text, TruncateSpec(head=3, tail=3))
    assert found.text == (
        "intro\n```python\none\n```\n… 2 lines (10 characters) left out …\n```python\nfour\n```\nend\n"
    )
    assert (found.lines, found.chars) == (6, len(text) - 10)


def test_a_fence_is_closed_where_the_text_just_ends_or_begins():
    text = "  ~~~~ js\none\ntwo\n  ~~~~\n"
    assert cut(text, TruncateSpec(head=2)).text == "  ~~~~ js\none\n  ~~~~\n"
    assert cut(text, TruncateSpec(tail=2)).text == "  ~~~~ js\ntwo\n  ~~~~\n"


@pytest.mark.parametrize("inner", ["``", "~~~", "``` x", "`````x", "text ```", "````x`y"])
def test_what_only_looks_like_a_fence_closes_none(inner):
    text = f"````\n{inner}\ncode\ncode\n````\nend\n"
    assert cut(text, TruncateSpec(head=3)).text.endswith("code\n````\n")


def _is_open(text: str) -> bool:
    state = ""
    for line in text.split("\n"):
        sign = re.match(r"[ \t]{0,12}(```+|~~~+)(.*)", line.rstrip("\r"))
        if not sign:
            continue
        if not state and not (sign[1][0] == "`" and "`" in sign[2]):
            state = sign[1]
        elif state and sign[1].startswith(state) and not sign[2].strip():
            state = ""
    return bool(state)


@given(
    st.lists(st.sampled_from(["```", "```py", "~~~", "````", "text", "", "  ```"]), max_size=25),
    st.integers(0, 5),
    st.integers(0, 5),
)
@settings(max_examples=200, deadline=None)
def test_no_fence_is_open_at_the_end_unless_it_was(lines, head, tail):
    text = "\n".join(lines)
    found = cut(text, TruncateSpec(head=head, tail=tail))
    if tail == 0 or not _is_open(text):
        assert found.how == "whole" or not _is_open(found.text)


@given(st.text(st.sampled_from("ab\n\r"), max_size=50))
@settings(max_examples=60, deadline=None)
def test_lines_are_counted_as_an_editor_does(text):
    assert (
        count_lines(text)
        == count_lines(Utf8(text.encode()).shape)
        == len(re.findall(r"[^\n]*\n|[^\n]+", text))
    )


@given(st.text(st.sampled_from("a\né€😀"), max_size=40), st.integers(0, STRIDE), st.data())
@settings(max_examples=100, deadline=None)
def test_every_part_of_utf8_is_found_by_its_characters(text, lead, data):
    text = "x" * lead + text * 60
    viewed = Utf8(text.encode())
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    assert len(viewed.shape) == len(text)
    assert viewed.part(start, end) == text[start:end]


def test_a_window_of_shares_needs_no_lines():
    assert Window(chars=5, split=(1, 1)).sides == (1, 1)
    assert Window(chars=0, split=(0, 0)).sides == (1, 0)
