"""A terminal without a window: a command runs in a pseudo-terminal, and an emulator draws what it sends."""

from __future__ import annotations

import os
import pty
import struct
import subprocess
import threading
from collections.abc import Mapping
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ
from typing import NamedTuple

import pyte

LIMIT = 30
"""Seconds after which a command is ended, for good or bad."""


class Shown(NamedTuple):
    screen: pyte.Screen
    code: int
    sent: str
    """Everything that was sent to the terminal."""

    @property
    def lines(self) -> list[str]:
        """What stays on it, without the empty rest."""
        lines = [line.rstrip() for line in self.screen.display]
        while lines and not lines[-1]:
            lines.pop()
        return lines


def shown(
    command: str,
    *,
    folder: Path,
    env: Mapping[str, str],
    columns: int = 80,
    rows: int = 200,
    typed: bytes = b"",
) -> Shown:
    """The terminal as it is when the command, words for a shell, has ended."""
    ours, theirs = pty.openpty()
    ioctl(theirs, TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    child = subprocess.Popen(
        ["bash", "--noprofile", "--norc", "-c", command],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=folder,
        env={"TERM": "xterm-256color", **env},
        start_new_session=True,
    )
    os.close(theirs)
    limit = threading.Timer(LIMIT, child.kill)
    limit.start()
    try:
        if typed:
            os.write(ours, typed)
        sent = _all(ours)
        code = child.wait(LIMIT)
    finally:
        limit.cancel()
        os.close(ours)
    screen = pyte.Screen(columns, rows)
    pyte.ByteStream(screen).feed(sent)
    return Shown(screen, code, sent.decode("utf-8", "replace"))


def _all(terminal: int) -> bytes:
    output = bytearray()
    while True:
        try:
            part = os.read(terminal, 1 << 16)
        except OSError:  # how a pseudo-terminal says that everybody has left it
            return bytes(output)
        if not part:
            return bytes(output)
        output += part
