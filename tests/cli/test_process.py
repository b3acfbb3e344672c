"""What only a real process can show: signals, closed pipes, full disks, and what is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from mcpctl import __version__
from tests.support import PYTHON, ROOT

PROBE = """
import asyncio, sys, time
from mcpctl.__main__ import _finish
from mcpctl.cli import drive
from mcpctl.cli.entry import run
from mcpctl.config.env import world_from_process
from mcpctl.model.events import Announced, Noticed
from tests.cli.probe import ProbeReport, probe

drive.GRACE = 1.0

def ready(ctx):
    ctx.emit(Noticed(message="ready"))

{command}

sys.exit(_finish(run(["probe", *sys.argv[1:]], world_from_process(), **probe(command, streams={{Announced: lambda event: event.kind}}))))
"""

WAITS = """
async def command(options, ctx):
    ready(ctx)
    await asyncio.sleep(60)
"""

BLOCKS = """
def command(options, ctx):
    ready(ctx)
    time.sleep(60)
"""

CLINGS = """
async def command(options, ctx):
    ready(ctx)
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ctx.emit(Noticed(message="not yet"))
"""

STREAMS = """
async def command(options, ctx):
    for _ in range(100_000):
        ctx.emit(Announced(kind="tools"))
        await asyncio.sleep(0)
"""


@contextmanager
def started(command: str, *arguments: str, **how: object) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [PYTHON, "-c", PROBE.format(command=command), *arguments],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        **how,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def is_ready(process: subprocess.Popen[str], word: str = "note: ready\n") -> None:
    assert process.stderr.readline() == word


def until_it_ends(process: subprocess.Popen[str], number: signal.Signals) -> None:
    while process.poll() is None:
        process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.2)


def mcpctl(*arguments: str, **how: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [PYTHON, "-m", "mcpctl", *arguments],
        cwd=ROOT,
        timeout=30,
        check=False,
        stdin=subprocess.DEVNULL,
        **how,
    )


@pytest.mark.parametrize("command", [WAITS, BLOCKS], ids=["asynchronous", "blocking"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_command_in_words(command: str, number: signal.Signals) -> None:
    with started(command, "--json") as process:
        is_ready(process)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    envelope = json.loads(out)
    assert (process.returncode, envelope["exit_code"], err) == (130, 130, "")
    assert envelope["errors"][0]["message"] == f"interrupted by {number.name}"


def test_a_hangup_that_was_ignored_stays_ignored() -> None:
    with started(WAITS, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)) as process:
        is_ready(process)
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "error: interrupted by SIGTERM\n")


def test_a_second_interrupt_ends_at_once_what_does_not_want_to_end() -> None:
    with started(CLINGS) as process:
        is_ready(process)
        process.send_signal(signal.SIGINT)
        is_ready(process, "note: not yet\n")
        until_it_ends(process, signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "")


def test_an_interrupt_that_a_wrapper_forwards_as_well_is_one() -> None:
    with started(f"import mcpctl.control.client\nmcpctl.control.client.ECHO[2] = 60.0\n{CLINGS}") as process:
        is_ready(process)
        process.send_signal(signal.SIGINT)
        is_ready(process, "note: not yet\n")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "error: interrupted by SIGINT\n")


def test_a_terminal_that_goes_away_twice_is_no_impatience() -> None:
    with started(CLINGS, "--json") as process:
        is_ready(process)
        for _ in range(3):
            process.send_signal(signal.SIGHUP)
        out, _ = process.communicate(timeout=30)
    assert (process.returncode, json.loads(out)["errors"][0]["message"]) == (130, "interrupted by SIGHUP")


def test_a_signal_to_the_process_and_then_to_its_group_is_one() -> None:
    with started(CLINGS) as process:
        is_ready(process)
        process.send_signal(signal.SIGTERM)
        is_ready(process, "note: not yet\n")
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "error: interrupted by SIGTERM\n")


def test_one_interrupt_is_enough_in_the_end() -> None:
    with started(CLINGS, "--json") as process:
        is_ready(process)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
    assert (process.returncode, json.loads(out)["errors"][0]["code"]) == (130, "interrupted")


def test_a_reader_that_has_seen_enough_is_no_failure() -> None:
    with started(STREAMS) as process:
        assert process.stdout.readline() == "tools\n"
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(timeout=30) == 0


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["help", "ls", "--json"], ["version"]])
def test_a_closed_pipe_is_no_failure(arguments: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = mcpctl(*arguments, stdout=write, stderr=subprocess.PIPE)
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(sys.platform != "linux", reason="the full device is a thing of Linux")
@pytest.mark.parametrize("arguments", [["--help"], ["help", "ls", "--json"], ["version"]])
def test_a_full_disk_is_a_failure(arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = mcpctl(*arguments, stdout=full, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (
        74,
        b"error: cannot write the answer: No space left on device\n",
    )


@pytest.mark.parametrize("arguments", [["--help"], ["version"], ["ls", "--nope"]])
def test_closed_streams_are_survived(arguments: list[str]) -> None:
    done = mcpctl(*arguments, preexec_fn=lambda: (os.close(1), os.close(2)))
    assert done.returncode == (2 if "--nope" in arguments else 0)


def test_the_quick_answers_are_those_of_the_verbs(tmp_path: Path) -> None:
    from mcpctl.cli.generate import FOLDER

    page = (FOLDER / "ls.txt").read_bytes()
    for arguments in (
        ["ls", "--help"],
        ["ls", "-h"],
        ["help", "ls"],
        ["--help", "ls"],
        ["ls", "x", "--help", "-q"],
    ):
        assert mcpctl(*arguments, capture_output=True).stdout == page
    assert mcpctl("--version", capture_output=True).stdout == f"mcpctl {__version__}\n".encode()
    root = (FOLDER / "mcpctl.txt").read_bytes()
    for arguments in (["--help"], [], ["help"], ["-q"]):
        assert mcpctl(*arguments, capture_output=True).stdout == root


def test_paths_and_stray_words_are_no_pages() -> None:
    for arguments in (["../../signatures/ls", "--help"], ["frobnicate", "--help"], ["help", "frobnicate"]):
        done = mcpctl(*arguments, capture_output=True)
        assert (done.returncode, done.stdout) == (2, b"")
    assert mcpctl("call", "s", "t", "--", "--help", capture_output=True).stdout == b""


def test_a_folder_that_is_gone_is_an_error_in_words(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    code = f"import os, sys; os.chdir({str(gone)!r}); os.rmdir({str(gone)!r}); sys.argv[1:] = ['version', '--json']"
    run_it = f"{code}; sys.path.insert(0, {str(ROOT)!r}); from mcpctl.__main__ import main; sys.exit(main())"
    done = subprocess.run([PYTHON, "-c", run_it], capture_output=True, timeout=30, check=False)
    assert (done.returncode, json.loads(done.stdout)["errors"][0]["code"]) == (2, "usage.no_folder")


def test_words_that_are_no_text_are_shown_escaped() -> None:
    done = mcpctl(os.fsdecode(b"fr\xffb"), "--json", capture_output=True)
    assert json.loads(done.stdout)["errors"][0]["message"] == "unknown verb `fr\udcffb`"
    done = mcpctl(os.fsdecode(b"fr\xffb"), capture_output=True)
    assert done.stderr.splitlines()[0] == b"error: unknown verb `fr\\udcffb`"


def test_windows_is_refused_in_words() -> None:
    code = "import sys; sys.platform = 'win32'; sys.argv = ['mcpctl', 'ls']; from mcpctl.__main__ import main; sys.exit(main())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 2
    assert "does not run on Windows" in done.stderr
