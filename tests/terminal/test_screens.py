"""What people see, drawn by an emulator: nothing wraps, nothing is told by colour alone, nothing is left behind."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from mcpctl.render.width import columns_of
from tests.docs.console import surroundings, work
from tests.security.scene import OURS, UNSAFE
from tests.support import ROOT
from tests.terminal.emulator import Shown, shown

WIDTHS = (20, 40, 80, 132)

NAMES = (
    "short",
    "a-server-with-a-name-that-is-longer-than-anybody-would-like-it-to-be",
    "サーバー",
    "größe",
    "con",
)
"""Ascii, too long, twice as wide as long, with an accent, and what Windows calls a device."""

SERVER = """
import json, sys
NAMES = ["read", "a_tool_whose_name_goes_on_and_on_until_no_terminal_could_hold_it_in_one_line", "読む", "naïve", "emoji_🎉", "Ελληνικά"]
TOOLS = [{"name": name, "description": "Ein Satz über " + name + ", der länger ist als jede Zeile, " * 4,
          "inputSchema": {"type": "object", "properties": {"größe": {"type": "string"}, "q": {"type": "integer"}}}} for name in NAMES]
RESULTS = {
    "initialize": {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": {"name": "ünïcode", "version": "1"}},
    "tools/list": {"tools": TOOLS},
    "tools/call": {"content": [{"type": "text", "text": "Größe: 10 µm — “quoted” 日本語 🎉"}]},
}
for line in sys.stdin:
    message = json.loads(line)
    if "id" in message:
        known = message["method"] in RESULTS
        answer = {"result": RESULTS[message["method"]]} if known else {"error": {"code": -32601, "message": "no"}}
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], **answer}), flush=True)
"""

COMMANDS = {
    "ls": "mcpctl ls",
    "tools": "mcpctl tools short",
    "tool": "mcpctl tools short read",
    "inspect": "mcpctl inspect short",
    "call": "mcpctl call short read",
    "sources": "mcpctl config sources",
    "show": "mcpctl config show",
    "validate": "mcpctl validate",
    "help": "mcpctl help truncation",
    "error": "mcpctl call short no_such_tool",
    "search": "mcpctl search read",
    "health": "mcpctl health short",
}

FREE = {"call", "health", "show", "help", "validate", "inspect", "tool", "error", "tools"}
"""Their lines are text that a terminal may wrap; tables never do."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("terminal")
    (work(folder) / "server.py").write_text(SERVER)
    # The interpreter behind an environment, which may lie inside this repository.
    python = getattr(sys, "_base_executable", sys.executable)
    entry = {"command": python, "args": ["-S", "server.py"], "description": "Ein Dienst für Größen"}
    servers = {name: entry if name == "short" else {**entry, "enabled": False} for name in NAMES}
    (work(folder) / "mcpctl.json").write_text(json.dumps({"servers": servers}))
    return folder


def seen(folder: Path, command: str, *, columns: int = 80, rows: int = 200, **env: str) -> Shown:
    around = {**surroundings(folder), "PAGER": "cat", **env}
    return shown(command, folder=work(folder), env=around, columns=columns, rows=rows)


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in FREE])
def test_tables_fit_every_terminal(name: str, columns: int, folder: Path) -> None:
    screen = seen(folder, COMMANDS[name], columns=columns)
    plain = OURS.sub("", screen.sent).replace("\r\n", "\n")
    wide = [line for line in plain.split("\n") if columns_of(line) > columns]
    assert wide == []
    assert screen.code in {0, 1}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_screen_holds_no_more_than_text_and_colours(name: str, folder: Path) -> None:
    screen = seen(folder, COMMANDS[name])
    assert UNSAFE.search(OURS.sub("", screen.sent).replace("\r\n", "\n")) is None
    assert screen.lines


@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_is_told_by_colour_alone(name: str, folder: Path) -> None:
    coloured, plain = seen(folder, COMMANDS[name]), seen(folder, COMMANDS[name], NO_COLOR="1")
    assert "\x1b[3" not in plain.sent
    assert settled(coloured) == settled(plain)


def settled(screen: Shown) -> list[str]:
    """Times differ from run to run, and with them the widths of columns."""
    times = re.compile(r"\d+(\.\d+)? ?(ms|s)\b")
    return [re.sub(" {2,}", "  ", times.sub("TIME", line)) for line in screen.lines]


@pytest.mark.parametrize(
    "locale",
    [{"LANG": "C"}, {"LC_ALL": "POSIX"}, {"LANG": "de_DE.ISO-8859-1"}, {"PYTHONIOENCODING": "cp1252"}],
)
def test_text_is_utf_8_whatever_the_locale_says(locale: dict[str, str], folder: Path) -> None:
    screen = seen(folder, COMMANDS["call"], **locale)
    assert screen.code == 0, screen.lines
    assert screen.sent.replace("\r\n", "\n") == "Größe: 10 µm — “quoted” 日本語 🎉\n"


def test_long_names_lose_their_middle(folder: Path) -> None:
    text = "\n".join(seen(folder, COMMANDS["ls"], columns=60).lines)
    assert re.search(r"^a-\S*…\S*be ", text, re.MULTILINE)
    assert NAMES[1] not in text


def test_a_dumb_terminal_gets_no_sequences(folder: Path) -> None:
    screen = seen(folder, COMMANDS["ls"], TERM="dumb")
    assert "\x1b" not in screen.sent


def test_progress_leaves_a_clean_screen(folder: Path) -> None:
    screen = seen(folder, "mcpctl call demo slow seconds=0.6", columns=60)
    assert "\r" in screen.sent.replace("\r\n", "")
    (last,) = screen.lines
    assert "waited" in last or "s" in last


def test_a_load_test_draws_over_itself_and_cleans_up(folder: Path) -> None:
    screen = seen(folder, "mcpctl loadtest demo slow seconds=0.05 -c 2 -d 2s", columns=100, rows=60)
    text = "\n".join(screen.lines)
    assert text.count("verdict") == 1
    assert "in flight," not in text.partition("requests")[0].replace("closed, 2 in flight,", "")
    assert not screen.screen.cursor.hidden


def test_ctrl_c_leaves_the_cursor_and_says_what_happened(folder: Path) -> None:
    command = (
        "mcpctl call demo slow seconds=20 & child=$!; sleep 1.5; kill -INT $child; wait $child; echo exit $?"
    )
    screen = seen(folder, f"set -m; {command}")
    assert "exit 130" in "\n".join(screen.lines)
    assert not screen.screen.cursor.hidden


def test_the_way_to_this_repository_is_not_in_any_screen(folder: Path) -> None:
    for command in COMMANDS.values():
        assert str(ROOT) not in "\n".join(seen(folder, command).lines)
