"""Files that a run leaves behind: `--log-file` says what happened, `--trace` what was on the wire. JSON lines."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, BinaryIO

from mcpctl.errors import UsageError
from mcpctl.model.events import CallFinished, Event, Progressed
from mcpctl.policy.canonical import fingerprint
from mcpctl.render.envelope import describe, encode
from mcpctl.render.safe import Cleaner

PRIVATE = 0o600
"""A wire log holds whatever the user's servers were told."""


class Journal:
    """Appends, so that several runs may share a file; each line is one write."""

    def __init__(
        self,
        path: str,
        option: str,
        *,
        clean: Cleaner,
        now: Callable[[], float],
        complain: Callable[[str], None],
    ) -> None:
        """`complain` is told once when the file cannot be written any further; nothing else comes of it."""
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
        except OSError as error:
            raise UsageError(
                f"cannot write `{path}`, which `{option}` names: {(error.strerror or str(error)).lower()}",
                code="usage.unwritable",
                hint="name a file in a folder that can be written",
            ) from error
        self._file: BinaryIO = os.fdopen(descriptor, "ab", buffering=0)
        self._clean = clean
        self._now = now
        self._complain = complain
        self._option = option

    def write(self, entry: dict[str, Any]) -> None:
        if self._file.closed:
            return
        stamp = datetime.fromtimestamp(self._now(), UTC).isoformat(timespec="milliseconds")
        line = encode(self._clean.value({"time": stamp.replace("+00:00", "Z"), **entry}))
        try:
            self._file.write(line.encode("utf-8") + b"\n")
        except OSError as error:
            self.close()
            self._complain(f"the file of `{self._option}` ends here: {error.strerror}")

    def event(self, event: Event) -> None:
        """`--log-file`: every event but the ticking of progress."""
        if isinstance(event, CallFinished):
            self.write(_call(event))
        elif not isinstance(event, Progressed):
            self.write(describe(event))

    def message(self, server: str, direction: str, message: bytes) -> None:
        """`--trace`: one message as it went over the wire."""
        try:
            said: Any = json.loads(message)
        except ValueError:
            said = message.decode("utf-8", "replace")
        self.write({"server": server, "direction": direction, "message": said})

    def close(self) -> None:
        self._file.close()


def _call(event: CallFinished) -> dict[str, Any]:
    """Arguments only as a hash: equal calls can be told, what they said cannot."""
    return {
        "type": "call",
        "server": event.server,
        "tool": event.tool,
        "arguments_hash": fingerprint(event.arguments),
        "ok": event.ok,
        "duration_ms": round(event.seconds * 1000, 3),
        "error": event.error,
        "attempts": event.attempts,
        "cached": event.cached,
    }
