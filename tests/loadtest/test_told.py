"""What a load tells beside its figures, and what it leaves empty where there are none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.commands.places import mcpctl
from tests.loadtest.samples import stored
from tests.loadtest.servers import compiled


def test_a_quiet_load_tells_what_was_missed_and_nothing_besides(tmp_path: Path) -> None:
    server = ("--stdio", f"{compiled('echo_server')} stdio")
    words = ("echo", "text=hi", "-n", "300", "-c", "2", "--threshold", "p99<1us")
    told = mcpctl(tmp_path, "loadtest", *server, *words).err
    assert "note: 300 requests: p99 rests on few of them" in told
    quiet = mcpctl(tmp_path, "loadtest", *server, *words, "-q")
    assert quiet.code == 1
    assert "missed: p99<1us" in quiet.err
    assert "note:" not in quiet.err
    progress = mcpctl(tmp_path, "loadtest", *server, "echo", "text=hi", "-d", "1.1s", "-q")
    assert "in flight" not in progress.err


def test_a_quiet_comparison_tells_no_notes(tmp_path: Path) -> None:
    from mcpctl.loadtest.stored import save

    for name, seed in (("a", 1), ("b", 2)):
        save(replace(stored(seed=seed), file=None), tmp_path / f"{name}.json")
    words = ("loadtest-compare", "a.json", "--", "b.json")
    assert "note:" in mcpctl(tmp_path, *words).err
    assert mcpctl(tmp_path, *words, "-q").err == ""


def test_a_hint_of_a_comparison_names_what_was_typed(tmp_path: Path) -> None:
    words = ("loadtest-ab", "--a", "demo", "--b", "demo", "echo", "-n", "5")
    assert "`mcpctl tools demo echo`" in mcpctl(tmp_path, *words).err


def test_two_commands_of_one_name_are_two_servers(tmp_path: Path) -> None:
    server = compiled("echo_server")
    words = ("echo", "text=hi", "-n", "5", "-c", "1", "--warmup", "10ms", "--pairs", "1")
    sides = ("--a", f"{server} stdio", "--b", f"{server} stdio --no-such-option")
    answer = mcpctl(tmp_path, "loadtest-ab", *sides, *words)
    assert answer.code == 4
