"""Long lists on a terminal go through a pager; nothing else does."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.commands.places import configured
from tests.support import PYTHON, ROOT, world

MARKED = "#!/bin/sh\necho PAGED\ncat\n"
LEFT = "#!/bin/sh\nread line\nexit 1\n"


def shown(folder: Path, *argv: str, pager: str = MARKED, rows: int = 6, **env: str) -> tuple[int, str]:
    """The exit code, and what a terminal of so many rows showed."""
    program = folder / "pager"
    program.write_text(pager)
    program.chmod(0o755)
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 80, 0, 0))
    process = subprocess.Popen(
        [PYTHON, "-m", "mcpctl", *argv],
        cwd=folder,
        env={
            **world(folder).env,
            "PYTHONPATH": str(ROOT),
            "TERM": "xterm",
            "NO_COLOR": "1",
            "PAGER": str(program),
            **env,
        },
        stdin=subprocess.DEVNULL,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    seen = b""
    try:
        while chunk := os.read(master, 65536):
            seen += chunk
    except OSError:  # how Linux says that nobody holds the other end any more
        pass
    finally:
        os.close(master)
    return process.wait(timeout=60), seen.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("argv", [("tools", "rich"), ("inspect", "rich"), ("tools", "--all"), ("explain",)])
def test_a_list_that_is_longer_than_the_screen_is_paged(tmp_path: Path, argv: tuple[str, ...]) -> None:
    configured(tmp_path)
    code, text = shown(tmp_path, *argv)
    assert (code, text.count("PAGED\n")) == (0, 1)
    assert text.index("PAGED") < 200
    assert len(text.splitlines()) > 6


@pytest.mark.parametrize(
    ("argv", "rows", "more"),
    [
        (("tools", "rich"), 200, {}),
        (("tools", "rich", "--json"), 6, {}),
        (("call", "rich", "lines"), 6, {}),
        (("tools", "rich"), 6, {"PAGER": "cat"}),
        (("tools", "rich"), 6, {"PAGER": ""}),
        (("tools", "rich"), 6, {"PAGER": "/no/such/pager"}),
        (("tools", "rich"), 6, {"PAGER": "an 'open quote"}),
        (("tools", "rich"), 6, {"TERM": "dumb"}),
    ],
)
def test_whatever_needs_no_pager_or_has_none_is_printed(
    tmp_path: Path, argv: tuple[str, ...], rows: int, more: dict[str, str]
) -> None:
    configured(tmp_path)
    code, text = shown(tmp_path, *argv, rows=rows, **more)
    assert (code, "PAGED" in text) == (0, False)
    assert len(text) > 200


def test_a_pager_that_is_left_early_is_no_failure(tmp_path: Path) -> None:
    configured(tmp_path)
    assert shown(tmp_path, "tools", "rich", pager=LEFT) == (0, "")


def test_a_pipe_is_never_paged(tmp_path: Path) -> None:
    configured(tmp_path)
    done = subprocess.run(
        [PYTHON, "-m", "mcpctl", "explain"],
        cwd=tmp_path,
        env={**world(tmp_path).env, "PYTHONPATH": str(ROOT), "TERM": "xterm", "PAGER": "false"},
        capture_output=True,
        timeout=60,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.stdout.count(b"\n") > 6


@pytest.mark.skipif(sys.platform == "darwin", reason="a pseudo-terminal of macOS loses what was not read")
def test_a_signal_ends_the_pager_too(tmp_path: Path) -> None:
    configured(tmp_path)
    killer = f"#!/bin/sh\nkill -{signal.SIGTERM.value} $PPID\nexec sleep 60\n"
    code, text = shown(tmp_path, "explain", pager=killer)
    assert (code, text) == (130, "error: interrupted by SIGTERM\n")
