"""Events become lines for people and lines for logs."""

from __future__ import annotations

import io
import json
import stat
import sys
from pathlib import Path

import pytest

from mcpctl.errors import UsageError
from mcpctl.model.events import CallFinished, Connected, Event, FellBack, Logged, Noticed, Progressed, Retried
from mcpctl.model.options import GlobalOptions
from mcpctl.policy.redaction import Redactor
from mcpctl.render.blocks import Cell, Flow, Line
from mcpctl.render.faults import fault
from mcpctl.render.journal import Journal
from mcpctl.render.layout import laid_out
from mcpctl.render.renderer import Renderer
from mcpctl.render.safe import Cleaner
from mcpctl.render.screen import Screen
from mcpctl.render.talk import progress, talk
from tests.support import world


def lines(event: Event, *, verbose: int = 0, quiet: bool = False) -> list[str]:
    told = []
    for block in talk(event, verbose=verbose, quiet=quiet):
        assert isinstance(block, Line | Flow)
        told.append("".join(part.text if isinstance(part, Cell) else part for part in block.parts))
    return told


def test_a_narrow_terminal_breaks_an_error_between_words_and_never_its_hint() -> None:
    screen = Screen(io.BytesIO(), terminal=True, columns=30, colour=False)
    error = UsageError("server `demo` has no tool `nosuch`", hint="see what there is: `mcpctl tools demo`")
    shown = b"".join(laid_out(fault(error), screen, Cleaner(Redactor(), patterns=False))).decode()
    assert shown == (
        "error: server `demo` has no\n    tool `nosuch`\n  = see what there is: `mcpctl tools demo`\n"
    )


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (Noticed(message="careful", hint="do it"), ["note: careful", "  = do it"]),
        (Retried(server="a", attempt=2, reason="busy", delay=1.5), ["note: `a`: trying again in 1.5s: busy"]),
        (FellBack(server="a", to="b", reason="gone"), ["note: `a`: asking `b` instead: gone"]),
        (Logged(server="a", level="info", logger="db", data="open"), ["info: a/db: open"]),
        (Logged(level="error", logger=None, data={"b": 1, "a": 2}), ['error: {"a": 2, "b": 1}']),
        (Logged(server="a", level="debug", logger=None, data="x"), []),
        (Connected(server="a", protocol_version="2025-11-25", seconds=0.2), []),
        (Progressed(progress=1), []),
    ],
)
def test_people_are_told_what_matters(event: Event, expected: list[str]) -> None:
    assert lines(event) == expected


def test_more_is_told_when_asked_for() -> None:
    connected = Connected(server="a", protocol_version="2025-11-25", seconds=0.2)
    assert lines(connected, verbose=1) == ["info: `a`: connected in 200ms, protocol 2025-11-25"]
    assert lines(Logged(server="a", level="debug", logger=None, data="x"), verbose=1) == ["debug: a: x"]


def test_quiet_leaves_the_errors_of_servers() -> None:
    assert lines(Noticed(message="careful"), quiet=True) == []
    assert lines(Logged(level="info", logger=None, data="x"), quiet=True) == []
    assert lines(Logged(level="critical", logger=None, data="x"), quiet=True) == ["critical: x"]


def test_progress_fits_its_line() -> None:
    assert progress(Progressed(progress=3, total=10, message="reading"), width=80) == (
        "[######              ] 3/10 reading"
    )
    assert progress(Progressed(progress=3, total=10, message="reading"), width=40) == "3/10 reading"
    assert progress(Progressed(progress=3), width=80) == "3"
    assert progress(Progressed(progress=30, total=10), width=80).startswith("[####################] 30/10")


def test_progress_is_drawn_on_terminals_only_and_wiped_before_anything_else(tmp_path: Path) -> None:
    here = world(tmp_path, tty=True, columns=12)
    renderer = Renderer(here, GlobalOptions(no_color=True), command=[], redactor=Redactor())
    renderer.event(Progressed(progress=1, message="\x1b[2J and more"), None)
    renderer.event(Noticed(message="x"), None)
    assert here.stderr.getvalue() == "\r\x1b[K1 \\x1… more\r\x1b[Knote: x\n".encode()
    here = world(tmp_path)
    Renderer(here, GlobalOptions(), command=[], redactor=Redactor()).event(Progressed(progress=1), None)
    assert here.stderr.getvalue() == b""


COMPLAINTS: list[str] = []


def journal(path: Path, *secrets: str) -> Journal:
    clean = Cleaner(Redactor(secrets), patterns=True)
    return Journal(str(path), "--log-file", clean=clean, now=lambda: 0.25, complain=COMPLAINTS.append)


def test_the_log_has_a_line_for_each_call_and_no_arguments(tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = journal(path)
    log.event(Progressed(progress=1))
    log.event(
        CallFinished(
            server="a", tool="t", arguments={"password": "x"}, ok=False, seconds=0.0125, error="busy"
        )
    )
    log.close()
    (line,) = path.read_text().splitlines()
    entry = json.loads(line)
    assert len(entry.pop("arguments_hash")) == 64
    assert entry == {
        "time": "1970-01-01T00:00:00.250Z",
        "type": "call",
        "server": "a",
        "tool": "t",
        "ok": False,
        "duration_ms": 12.5,
        "error": "busy",
        "attempts": 1,
        "cached": False,
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_logs_are_appended_to_and_know_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "log"
    for message in ("one", "hunter2-canary"):
        log = journal(path, "hunter2-canary")
        log.event(Noticed(server="a", message=message))
        log.close()
    assert [json.loads(line)["message"] for line in path.read_text().splitlines()] == ["one", "***"]


def test_the_trace_shows_messages_as_they_were_even_broken_ones(tmp_path: Path) -> None:
    path = tmp_path / "trace"
    trace = journal(path, "hunter2-canary")
    trace.message("a", "out", b'{"id": 1, "token": "hunter2-canary"}')
    trace.message("a", "in", b"\xff not JSON")
    trace.close()
    first, second = map(json.loads, path.read_text().splitlines())
    assert (first["direction"], first["message"]) == ("out", {"id": 1, "token": "***"})
    assert (second["direction"], second["message"]) == ("in", "\ufffd not JSON")


def test_a_log_that_cannot_be_written_is_an_error_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="which `--log-file` names: no such file or directory"):
        journal(tmp_path / "no" / "log")


@pytest.mark.skipif(sys.platform != "linux", reason="the full device is a thing of Linux")
def test_a_log_that_is_full_is_told_once_and_stops_nothing() -> None:
    COMPLAINTS.clear()
    log = journal(Path("/dev/full"))
    log.event(Noticed(message="one"))
    log.event(Noticed(message="two"))
    assert COMPLAINTS == ["the file of `--log-file` ends here: No space left on device"]
