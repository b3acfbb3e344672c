"""The process as one value: the only place that reads the environment and asks whether somebody is watching."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import BinaryIO, TextIO

from mcpctl.errors import UsageError
from mcpctl.model.world import World

_COLUMNS, _ROWS = 80, 24
"""What a terminal had before anybody could ask it."""


def world_from_process(*, folder: str | None = None) -> World:
    """Raises `UsageError` where there is no current folder, and none is given."""
    columns, rows = _terminal_size()
    return World(
        stdin=_bytes(sys.stdin),
        stdout=_bytes(sys.stdout),
        stderr=_bytes(sys.stderr),
        folder=folder or _folder(),
        env=dict(os.environ),
        stdin_tty=_is_terminal(sys.stdin),
        stdout_tty=_is_terminal(sys.stdout),
        stderr_tty=_is_terminal(sys.stderr),
        columns=columns,
        rows=rows,
    )


def _bytes(stream: TextIO | None) -> BinaryIO:
    """Python has no stream at all where the file descriptor was closed: then it reads and writes nothing."""
    if stream is None:
        return io.BytesIO()
    buffer: BinaryIO = getattr(stream, "buffer", None) or io.BytesIO()
    return buffer


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def _folder() -> str:
    try:
        return os.getcwd()  # noqa: PTH109 - pathlib costs too much here
    except OSError as error:
        raise UsageError(
            "the current folder does not exist any more",
            code="usage.no_folder",
            hint="change to another folder and try again",
        ) from error


def _terminal_size() -> tuple[int, int]:
    """As the terminal says; the variables win, as in every tool."""
    columns, rows = _COLUMNS, _ROWS
    for stream in (sys.stdout, sys.stderr, sys.stdin):
        if stream is not None and _is_terminal(stream):
            with suppress(OSError):
                columns, rows = os.get_terminal_size(stream.fileno())
            break
    return _number("COLUMNS") or columns or _COLUMNS, _number("LINES") or rows or _ROWS


def _number(variable: str) -> int:
    value = os.environ.get(variable, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 6 else 0
