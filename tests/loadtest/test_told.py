"""What a load tells beside its figures, and what it leaves empty where there are none."""

from __future__ import annotations

from pathlib import Path

from tests.commands.places import mcpctl
from tests.loadtest.servers import compiled


def test_a_hint_of_a_comparison_names_what_was_typed(tmp_path: Path) -> None:
    words = ("loadtest-ab", "--a", "demo", "--b", "demo", "echo", "-n", "5")
    assert "`mcpctl tools demo echo`" in mcpctl(tmp_path, *words).err


def test_two_commands_of_one_name_are_two_servers(tmp_path: Path) -> None:
    server = compiled("echo_server")
    words = ("echo", "text=hi", "-n", "5", "-c", "1", "--warmup", "10ms", "--pairs", "1")
    sides = ("--a", f"{server} stdio", "--b", f"{server} stdio --no-such-option")
    answer = mcpctl(tmp_path, "loadtest-ab", *sides, *words)
    assert answer.code == 4
