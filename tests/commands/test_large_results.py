"""A large result is shown as a small one is, and takes a few times its size of memory, whatever is written in it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mcpctl.commands import last
from mcpctl.policy import longtext
from mcpctl.session import answers
from tests.commands.places import Answer, configured, mcpctl
from tests.support import ROOT

SIZE = 24 << 20
"""Bytes of a result that is large for `mcpctl` and small for a test."""

MOST = 4
"""Times its size, as promised; as a text of Python it took 6.5."""

MEASURED = (
    "import os, sys; print(os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ), 0)[2].ru_maxrss)"
)
"""A process that was forked from a large one begins with the large one's peak: one stands between."""

LINES = "".join(
    f'{at}: "quoted" \\ back\tslash 😀 e\u0301 🇩🇪\r\n```py é\nx = {at}\n```\n' for at in range(120)
)
VALUE = json.dumps([{"id": at, "tags": ["a", "😀", "\x1b[31m"]} for at in range(120)], ensure_ascii=False)


@pytest.mark.parametrize("text", [LINES, VALUE], ids=["lines", "json"])
@pytest.mark.parametrize(
    ("tty", "options"),
    [(False, ""), (False, "--head 2 --tail 3"), (False, "--max-chars 90"), (True, ""), (True, "--full")],
)
def test_a_large_text_is_shown_as_a_small_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, tty: bool, options: str
) -> None:
    configured(tmp_path)
    arguments = json.dumps({"text": text}).encode()

    def shown() -> list[object]:
        call = ("call", "echo", "echo", "--args", "-", *options.split())
        found = mcpctl(tmp_path, *call, stdin=arguments, tty=tty)
        enveloped = mcpctl(tmp_path, *call, "--json", stdin=arguments, tty=tty)
        again = mcpctl(tmp_path, "call", "--last", tty=tty) if "truncated" in enveloped.out else None
        return [_timeless(answer) for answer in (found, enveloped, again) if answer is not None]

    small = shown()
    monkeypatch.setattr(answers, "LONG", 1000)
    monkeypatch.setattr(last, "LONG", 1000)
    assert shown() == small


def test_a_large_failure_is_told_as_a_small_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configured(tmp_path)
    small = mcpctl(tmp_path, "call", "rich", "fail")
    monkeypatch.setattr(answers, "LONG", 3)
    monkeypatch.setattr(longtext, "PIECE", 5)
    assert mcpctl(tmp_path, "call", "rich", "fail") == small


def test_several_large_blocks_and_embedded_resources_are_shown_like_small_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from mcpctl.commands.content import blocks_text

    blocks = [
        {"type": "text", "text": "long 😀\n" * 9},
        {"type": "text", "text": "short"},
        {"type": "resource", "resource": {"uri": "a:b", "text": "long é\n" * 9, "mimeType": "text/plain"}},
        {"type": "image", "data": "eHh4" * 9, "mimeType": "image/png"},
    ]
    monkeypatch.setattr(answers, "LONG", 30)
    result = answers.as_tool_result(json.dumps({"content": blocks, "isError": True, "_meta": {}}).encode())
    assert [type(block.get("text")) for block in result["content"]] == [bytes, str, type(None), type(None)]
    assert isinstance(result["content"][2]["resource"]["text"], bytes)
    assert (result["isError"], result["_meta"], result["content"][3]) == (True, {}, blocks[3])
    shown = blocks_text(result["content"], [])
    assert isinstance(shown, bytes)
    assert shown.decode() == blocks_text(blocks, [])


@pytest.mark.parametrize(
    ("tool", "options"),
    [
        ("lines", ""),
        ("emoji", ""),
        ("emoji", "--json"),
        ("emoji", "--head 300000"),
        ("emoji_json", "--max-chars 1000"),
    ],
)
def test_a_large_result_takes_a_few_times_its_size(
    tmp_path: Path, idle: int, tool: str, options: str
) -> None:
    assert _peak(tmp_path, tool, SIZE, *options.split()) - idle < MOST * SIZE


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> int:
    """What a call takes that has next to no result, and loads all the same what others load."""
    return _peak(tmp_path_factory.mktemp("idle"), "emoji_json", 1000, "--max-chars", "100")


def _peak(folder: Path, tool: str, size: int, *options: str) -> int:
    """Bytes."""
    server = {"command": sys.executable, "args": [str(ROOT / "tests/bench/servers/big.py")]}
    limits = {"max_message": "64MiB"}
    (folder / "mcpctl.json").write_text(json.dumps({"servers": {"big": {**server, "limits": limits}}}))
    words = [sys.executable, "-m", "mcpctl", "call", "--cold", "big", tool, f"size={size}", *options]
    answer = subprocess.run(
        [sys.executable, "-c", MEASURED, *words],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "HOME": str(folder), "PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
        check=True,
    )
    assert answer.stdout.count(b"\n") > 1
    return int(answer.stdout.split()[-1]) * (1 if sys.platform == "darwin" else 1024)


def _timeless(answer: Answer) -> object:
    out = re.sub(r'"(duration|connect)_ms": [\d.]+', "", answer.out)
    return answer.code, *(re.sub(r"\d{8}\.echo", "N.echo", text) for text in (out, answer.err))
