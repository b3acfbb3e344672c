"""One of the two output streams: what it is, what it can show, and writing to it.

Decides about colour once: `--no-color`, then `NO_COLOR`, then `FORCE_COLOR`, then whether it is a terminal.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

from mcpctl.errors import OutputError, ReaderGoneError
from mcpctl.render.blocks import Style
from mcpctl.render.width import columns_of

if TYPE_CHECKING:
    from pathlib import Path

SGR: dict[Style, str] = {
    "strong": "1",
    "dim": "2",
    "good": "32",
    "warn": "33",
    "bad": "1;31",
    "name": "36",
}


class Screen:
    def __init__(self, stream: BinaryIO, *, terminal: bool, columns: int, colour: bool) -> None:
        self.terminal = terminal
        self.colour = colour
        self.width = max(columns, 1) if terminal else None
        """None on a pipe: nothing is cut there."""
        self._stream = stream

    def paint(self, text: str, style: Style) -> str:
        if not self.colour or not style or not text:
            return text
        return f"\x1b[{SGR[style]}m{text}\x1b[0m"

    def room(self, label: str) -> int:
        """Columns that are left behind a label."""
        return max((self.width or 0) - columns_of(label) - 1, 1)

    def encode(self, text: str) -> bytes:
        """UTF-8 whatever the locale says; what no encoding can hold is shown escaped."""
        return text.encode("utf-8", "backslashreplace")

    def write(self, data: bytes) -> None:
        """Everything, now. Whoever reads may have gone: `ReaderGoneError`; a full disk is an `OutputError`."""
        try:
            self._stream.write(data)
            self._stream.flush()
        except BrokenPipeError as error:
            raise ReaderGoneError("the reader of the answer closed it") from error
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise OutputError(f"cannot write the answer: {reason}") from error


def write_file(path: Path, text: str) -> None:
    """All at once: whoever reads it meanwhile sees the old one or the new one, and never a half."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8", errors="backslashreplace")
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        reason = error.strerror or str(error)
        raise OutputError(
            f"cannot write `{path}`: {reason.lower()}", hint="name a file in a folder that can be written"
        ) from error


def wants_colour(env: Mapping[str, str], *, no_color: bool, terminal: bool) -> bool:
    if no_color or env.get("NO_COLOR"):
        return False
    forced = env.get("FORCE_COLOR")
    if forced:
        return forced not in {"0", "false"}
    return terminal and env.get("TERM") != "dumb"
