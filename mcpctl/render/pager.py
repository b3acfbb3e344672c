"""Long answers, page by page: only on a terminal, only where there is more than one page, and only if there is a pager.

Refuses to stand in the way: without a pager the answer is simply printed, and a pager that is left early is no failure.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from types import FrameType
from typing import Any, Self

from mcpctl.model.world import World

USUAL = "less"

LESS = "FRX"
"""For `less`, unless the user has said otherwise: leave if one page is enough, keep colours, do not clear the screen."""

NO_PAGERS = ("", "cat")


def page(answer: bytes, world: World) -> bool:
    """Whether a pager has shown it."""
    words = _command(world.env)
    if not words or not _is_long(answer, world):
        return False
    with _Signals() as signals:
        try:
            child = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=world.stdout.fileno(),
                env={"LESS": LESS, "LV": "-c", **world.env},
            )
        except (OSError, ValueError):
            return False
        signals.end_too(child)
        child.communicate(answer)
    return True


def _command(env: Mapping[str, str]) -> list[str]:
    import shlex

    wanted = env.get("PAGER", USUAL).strip()
    if wanted in NO_PAGERS or env.get("TERM", "dumb") == "dumb":
        return []
    try:
        return shlex.split(wanted)
    except ValueError:  # an open quote
        return []


def _is_long(answer: bytes, world: World) -> bool:
    """More lines than the screen has, the prompt that follows included; what is wide takes several."""
    rows = 0
    for line in answer.split(b"\n"):
        rows += 1 + len(line) // (
            4 * max(world.columns, 1)
        )  # colours take bytes too: better too few than too many
        if rows > world.rows:
            return True
    return False


class _Signals:
    """Ctrl-C belongs to the pager while it runs; whoever ends us by another signal ends it too."""

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}
        self._heard: tuple[int, FrameType | None] | None = None
        self._child: subprocess.Popen[bytes] | None = None

    def end_too(self, child: subprocess.Popen[bytes]) -> None:
        self._child = child
        if self._heard is not None:
            child.terminate()

    def __enter__(self) -> Self:
        with suppress(ValueError):  # only the main thread hears signals
            self._before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.SIG_IGN)
            for number in (signal.SIGTERM, signal.SIGHUP):
                if callable(signal.getsignal(number)):
                    self._before[number] = signal.signal(number, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self._heard is not None:
            number, frame = self._heard
            self._before[number](number, frame)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self._heard = number, frame
        if self._child is not None:
            self._child.terminate()
