"""What strangers may search for, and how long it may take."""

from __future__ import annotations

import pytest

from mcpctl.policy.patterns import UnusablePattern, searcher


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("error|warn", "a warning", True),
        ("(?i)ERROR", "an error", True),
        (r"^build v\d+$", "build v12", True),
        (r"\bfoo\b", "foobar", False),
        ("", "anything", True),
        ("é", "caf\u00e9", True),
    ],
)
def test_patterns_find_what_they_say(pattern: str, text: str, found: bool) -> None:
    assert searcher(pattern)(text) is found


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){20}$", "(x+x+)+y"])
def test_no_pattern_keeps_a_search_busy(pattern: str) -> None:
    find = searcher(pattern)
    for _ in range(1000):  # with backtracking, a single one of these would outlive the machine
        assert not find("a" * 400 + "!" if "x" not in pattern else "x" * 400)


@pytest.mark.parametrize("pattern", ["(", "[", "a{1000}{1000}{1000}", r"(a)\1", "a(?=b)", "(?<!a)b"])
def test_what_cannot_be_searched_in_bounded_time_is_refused(pattern: str) -> None:
    with pytest.raises(UnusablePattern):
        searcher(pattern)
