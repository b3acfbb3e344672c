"""`@CAPABILITY` in place of a server: the fastest healthy one is asked, then the next."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from mcpctl.commands.own_place import history_file
from mcpctl.history.recorder import Recorder
from mcpctl.model.events import CallFinished
from mcpctl.model.options import GlobalOptions
from tests.commands.places import ECHO, HOSTILE, mcpctl
from tests.support import world


def configured(tmp_path: Path, *, dead: bool = False) -> None:
    entries = {"slow": [str(ECHO)], "fast": [str(HOSTILE), "exit3"] if dead else [str(ECHO)]}
    text = "".join(
        f"[servers.{name}]\ncommand = {json.dumps(sys.executable)}\nargs = {json.dumps(args)}\n"
        f'capabilities = ["say"]\n'
        for name, args in entries.items()
    )
    (tmp_path / "mcpctl.toml").write_text(
        text + '[servers.off]\ncommand = "x"\ncapabilities = ["say"]\nenabled = false\n'
    )


def remember(tmp_path: Path, *calls: tuple[str, float, str | None]) -> None:
    made = Recorder(
        history_file(world(tmp_path), GlobalOptions()), now=lambda: time.time() - 5, flush_every=60
    )
    for server, seconds, error in calls:
        made.record(
            CallFinished(
                server=server, tool="t", arguments={}, ok=error is None, seconds=seconds, error=error
            )
        )
    made.close()


def order(tmp_path: Path) -> list[str]:
    return [each["server"] for each in mcpctl(tmp_path, "route", "@say", "--json").data["candidates"]]


def test_the_fastest_of_late_is_asked_first(tmp_path: Path) -> None:
    configured(tmp_path)
    assert order(tmp_path) == ["slow", "fast"]
    remember(tmp_path, ("slow", 0.5, None), ("fast", 0.01, None))
    assert order(tmp_path) == ["fast", "slow"]
    said = mcpctl(tmp_path, "route", "say").out
    assert "10 ms on average" in said


def test_errors_in_a_row_put_a_server_last(tmp_path: Path) -> None:
    configured(tmp_path)
    remember(tmp_path, ("slow", 0.5, None), ("fast", 0.01, None), *[("fast", 0.01, "connect.exited")] * 4)
    assert order(tmp_path) == ["slow", "fast"]
    assert "4 errors in a row" in mcpctl(tmp_path, "route", "say").out


def test_mistakes_of_callers_do_not_count(tmp_path: Path) -> None:
    configured(tmp_path)
    remember(tmp_path, ("slow", 0.5, None), ("fast", 0.01, None), *[("fast", 0.0, "usage.arguments")] * 9)
    assert order(tmp_path) == ["fast", "slow"]


def test_a_call_goes_to_the_first_and_falls_back_on_the_next(tmp_path: Path) -> None:
    configured(tmp_path)
    remember(tmp_path, ("slow", 0.5, None), ("fast", 0.01, None))
    served = mcpctl(tmp_path, "call", "@say", "echo", "text=hi", "--json")
    assert (served.code, served.data["server"]) == (0, "fast")
    configured(tmp_path, dead=True)
    saved = mcpctl(tmp_path, "call", "@say", "echo", "text=hi", "--json")
    assert saved.code == 0
    assert saved.data["text"] == "hi"
    assert "asking `slow` instead" in saved.err


def test_an_unknown_capability_is_told_with_those_there_are(tmp_path: Path) -> None:
    configured(tmp_path)
    answer = mcpctl(tmp_path, "route", "fly")
    assert answer.code == 2
    assert "`@say`" in answer.err
    assert mcpctl(tmp_path, "call", "@fly", "echo").code == 2
