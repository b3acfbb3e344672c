"""One way of laying out: whole on a pipe, fitted to any terminal, safe on both."""

from __future__ import annotations

import io

import pytest

from mcpctl.policy.redaction import Redactor
from mcpctl.render.blocks import Block, Cell, Code, Fields, Line, Prose, Table, Verbatim
from mcpctl.render.layout import laid_out
from mcpctl.render.safe import Cleaner
from mcpctl.render.screen import Screen, wants_colour
from mcpctl.render.width import columns_of, elide

SERVERS = Table(
    ("NAME", "STATE", "TARGET"),
    [
        (
            Cell("production-database-reader", "name"),
            Cell("enabled", "good"),
            "npx -y @scope/server-postgres",
        ),
        ("db", "disabled", "https://example.test/mcp"),
    ],
)


def laid(
    *blocks: Block, columns: int | None = None, colour: bool = False, secrets: tuple[str, ...] = ()
) -> str:
    screen = Screen(io.BytesIO(), terminal=columns is not None, columns=columns or 80, colour=colour)
    clean = Cleaner(Redactor(secrets), patterns=False)
    return b"".join(laid_out(blocks, screen, clean)).decode()


def test_a_pipe_gets_a_table_whole() -> None:
    assert laid(SERVERS) == (
        "NAME                        STATE     TARGET\n"
        "production-database-reader  enabled   npx -y @scope/server-postgres\n"
        "db                          disabled  https://example.test/mcp\n"
    )


def test_a_terminal_gets_long_names_cut_in_the_middle() -> None:
    assert laid(SERVERS, columns=50) == (
        "NAME                 STATE     TARGET\n"
        "productio…se-reader  enabled   npx -y @s…-postgres\n"
        "db                   disabled  https://e….test/mcp\n"
    )


@pytest.mark.parametrize("columns", [1, 7, 20, 33, 80])
@pytest.mark.parametrize(
    "block",
    [
        SERVERS,
        Table(("A", "B"), []),
        Table(("日本語の名前", "B"), [("日本語" * 20, "é" * 50)]),
        Prose("words that are wrapped, and one_very_long_word_that_is_cut_somewhere"),
    ],
)
def test_nothing_is_wider_than_the_terminal(block: Block, columns: int) -> None:
    for line in laid(block, columns=columns).splitlines():
        label = line.split(" ")[0]
        assert columns_of(line) <= max(columns, columns_of(label) + 2), line


def test_a_terminal_too_narrow_for_a_table_gets_records() -> None:
    assert laid(SERVERS, columns=20).splitlines()[:4] == [
        "NAME product…-reader",
        "STATE enabled",
        "TARGET npx -y…stgres",
        "",
    ]


RULES = Table(
    ("RULE", "NAME", "WHAT"),
    [("MCP105", "no-command-or-url", "A server has neither a command nor an address."), ("MCP106", "x", "")],
    prose=True,
)


def test_a_terminal_breaks_prose_between_words_and_cuts_nothing() -> None:
    assert laid(RULES, columns=50) == (
        "RULE    NAME               WHAT\n"
        "MCP105  no-command-or-url  A server has neither a\n"
        "                           command nor an address.\n"
        "MCP106  x\n"
    )
    assert laid(RULES, columns=80) == laid(RULES)


def test_prose_is_broken_by_columns_and_a_word_that_fits_no_line_inside() -> None:
    table = Table(("A", "WHAT"), [("a", "日本語" * 8 + " end")], prose=True)
    assert laid(table, columns=30) == (
        "A  WHAT\na  日本語日本語日本語日本語日\n   本語日本語日本語日本語 end\n"
    )


def test_a_terminal_too_narrow_for_prose_in_a_column_gets_records_that_cut_nothing() -> None:
    assert laid(RULES, columns=30).splitlines()[:5] == [
        "RULE MCP105",
        "NAME no-command-or-url",
        "WHAT A server has neither a",
        "    command nor an address.",
        "",
    ]


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 5, "short"),
        ("abcdefghij", 5, "ab…ij"),
        ("abcdefghij", 4, "ab…j"),
        ("abcdefghij", 1, "…"),
        ("abcdefghij", 0, ""),
        ("日本語日本語", 7, "日…語"),
    ],
)
def test_names_keep_their_beginning_and_their_end(text: str, limit: int, expected: str) -> None:
    assert elide(text, limit) == expected
    assert columns_of(expected) <= max(limit, 0) or text == expected


@pytest.mark.parametrize(
    ("character", "columns"),
    [("a", 1), ("é", 1), ("e\u0301", 1), ("日", 2), ("\uff57", 2), ("🚀", 2), ("\u200d", 0)],
)
def test_columns_are_what_a_terminal_shows(character: str, columns: int) -> None:
    assert columns_of(character) == columns


@pytest.mark.parametrize(
    "block",
    [
        "a\x1b[2Jb",
        Line(("a", Cell("\x1b]0;x\x07", "bad"))),
        Table(("A", "B"), [("\x1b[31m", Cell("\x9b", "good"))]),
        Fields([("label", "\x1b[2J")]),
        Prose("\x1b[2J\n\x07"),
        Prose("# title\n\x1b[2J", markdown=True),
        Code("\x1b[2J", "json"),
        Verbatim(b"\x1b[2J\xff"),
    ],
)
def test_no_view_can_forget_to_make_a_text_safe(block: Block) -> None:
    for shown in (laid(block, columns=40), laid(block) if not isinstance(block, Verbatim) else ""):
        assert not {"\x1b", "\x07", "\x9b"} & set(shown)
    coloured = laid(block, columns=40, colour=True)
    assert "\x1b[2J" not in coloured
    assert "\x1b]" not in coloured


@pytest.mark.parametrize(
    "block",
    [
        "it is hunter2!",
        Table(("A",), [("hunter2!",)]),
        Fields([("label", Cell("hunter2!"))]),
        Prose("a\nhunter2!"),
        Code("hunter2!"),
        Verbatim(b"\x00hunter2!"),
    ],
)
def test_no_view_can_forget_a_secret(block: Block) -> None:
    assert "hunter2" not in laid(block, secrets=("hunter2!",))


def test_a_line_stays_one_line() -> None:
    assert laid("a\nb", Fields([("k", "v\nw")])) == "a\\nb\nk  v\\nw\n"


def test_bytes_reach_a_pipe_as_they_are() -> None:
    screen = Screen(io.BytesIO(), terminal=False, columns=80, colour=False)
    data = bytes(range(256))
    assert b"".join(laid_out([Verbatim(data)], screen, Cleaner(Redactor(), patterns=False))) == data


def test_colours_are_there_only_where_they_are_wanted() -> None:
    assert (
        laid(Line((Cell("good", "good"), Cell("plain"))), columns=80, colour=True)
        == "\x1b[32mgood\x1b[0mplain\n"
    )
    assert laid(Line((Cell("good", "good"),)), columns=80) == "good\n"


def test_markdown_and_code_are_formatted_on_a_terminal_and_left_alone_on_a_pipe() -> None:
    text = "# Title\n\n* point"
    assert laid(Prose(text, markdown=True)) == f"{text}\n"
    assert "•" in laid(Prose(text, markdown=True), columns=40, colour=True)
    assert laid(Code('{"a": 1}', "json")) == '{"a": 1}\n'
    assert "\x1b[" in laid(Code('{"a": 1}', "json"), columns=40, colour=True)


@pytest.mark.parametrize(
    ("env", "no_color", "terminal", "expected"),
    [
        ({}, False, True, True),
        ({}, False, False, False),
        ({}, True, True, False),
        ({"NO_COLOR": "1"}, False, True, False),
        ({"NO_COLOR": ""}, False, True, True),
        ({"FORCE_COLOR": "1"}, False, False, True),
        ({"FORCE_COLOR": "0"}, False, True, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False, False),
        ({"FORCE_COLOR": "1"}, True, False, False),
        ({"TERM": "dumb"}, False, True, False),
    ],
)
def test_colour_is_decided_by_option_environment_and_terminal(
    env: dict[str, str], no_color: bool, terminal: bool, expected: bool
) -> None:
    assert wants_colour(env, no_color=no_color, terminal=terminal) is expected


def test_long_fields_are_broken_between_words_where_there_is_a_terminal() -> None:
    fields = Fields([("can", "tools, prompts, resources"), ("who", "me")])
    assert laid(fields) == "can  tools, prompts, resources\nwho  me\n"
    assert laid(fields, columns=20) == "can  tools, prompts,\n    resources\nwho  me\n"
