import json
import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpctl.policy.sanitise import is_clean, json_safe, sanitise_line, sanitise_text

nasty = st.text(
    st.sampled_from(
        "ab é😀\n\t\r\x00\x07\x1b\x7f\x85\x9b\u200b\u202e\u2066\u2028\ufeff\U000e0041\ud800\udfff[]31m;\\"
    )
    | st.characters(),
    max_size=40,
)


def _is_unsafe(character: str) -> bool:
    """By the categories of Unicode, not by the table that is tested."""
    if character in "\n\t":
        return False
    return unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or unicodedata.bidirectional(character) in {
        "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI",
    }  # fmt: skip


@given(nasty)
@settings(max_examples=200, deadline=None)
def test_no_control_character_ever_comes_out(text):
    assert not any(map(_is_unsafe, sanitise_text(text)))
    line = sanitise_line(text)
    assert not any(map(_is_unsafe, line))
    assert "\n" not in line
    assert "\t" not in line


@given(nasty)
@settings(max_examples=100, deadline=None)
def test_sanitising_twice_changes_nothing_more(text):
    assert sanitise_text(sanitise_text(text)) == sanitise_text(text)
    assert is_clean(sanitise_text(text))


@given(st.text(st.characters(exclude_categories=["C", "Z", "M"]) | st.just("\n"), max_size=30).map(lambda t: t.replace("\u115f", "").replace("\u1160", "").replace("\u3164", "").replace("\uffa0", "")))  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_letters_and_signs_of_every_script_stay(text):
    assert sanitise_text(text) is text


def test_every_unsafe_character_of_unicode_is_caught():
    missed = [code for code in range(0x110000) if _is_unsafe(chr(code)) and is_clean(chr(code))]
    assert missed == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x1b]52;c;ZXZpbA==\x1b\\", "\\x1b]52;c;ZXZpbA==\\x1b\\"),
        ("\x1bPdcs\x1b\\ \x1b_apc\x1b\\", "\\x1bPdcs\\x1b\\ \\x1b_apc\\x1b\\"),
        ("\x9b2J", "\\x9b2J"),
        ("progress\rdone", "progress\\rdone"),
        ("windows\r\nfile\r\n", "windows\nfile\n"),
        ("\r\r\n", "\\r\n"),
        ("a\u202eb\u200bc", "a\\u202eb\\u200bc"),
        ("\U000e0041", "\\U000e0041"),
        ("half \ud83d", "half \\ud83d"),
        ("backspace\x08\x7f\x00", "backspace\\x08\\x7f\\x00"),
        ("tab\tand\nline", "tab\tand\nline"),
    ],
)
def test_what_would_steer_the_terminal_is_shown(text, shown):
    assert sanitise_text(text) == shown


def test_a_name_is_one_line():
    assert sanitise_line("two\nlines\tand a tab") == "two\\nlines\\tand a tab"
    assert sanitise_line("plain") == "plain"


@given(st.recursive(nasty | st.integers(), lambda inner: st.lists(inner, max_size=3), max_leaves=5))
@settings(max_examples=100, deadline=None)
def test_safe_json_has_the_same_value_and_no_control_character(value):
    for indent in (None, 2):
        safe = json_safe(json.dumps(value, ensure_ascii=False, indent=indent))
        assert json.loads(safe) == json.loads(json.dumps(value))
        assert not any(map(_is_unsafe, safe))


def test_safe_json_escapes_as_json_does():
    assert json_safe('"\x9b\u202e\U000e0041\x7f"') == '"\\u009b\\u202e\\udb40\\udc41\\u007f"'
    assert json_safe('{\r\n\t"a": 1}') == '{\n\t"a": 1}'


def test_dirty_text_of_a_megabyte_keeps_its_length_in_bounds():
    assert re.fullmatch(r"(?:\\x1b)+", sanitise_text("\x1b" * 100_000))
