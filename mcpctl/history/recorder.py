"""Takes down every call without making it wait: a list in memory now, the database a moment later, in a thread.

What cannot be written is kept, added up, and tried again; a kill loses the last second. Refuses to fail anybody.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from mcpctl.history.spans import MINUTE
from mcpctl.history.store import KEPT_CALLS, Batch, Call, Happening, Store
from mcpctl.model.events import CallFinished, Event
from mcpctl.model.health import Alerted, HealthChanged
from mcpctl.model.running import StateChanged
from mcpctl.policy.alerts import AlertBook
from mcpctl.policy.metrics import Series

FLUSHED_EVERY = 1.0
"""Seconds between two batches."""

MAX_WAITING = 20_000
"""Minutes of tools that are kept in memory while the database cannot be written; then the oldest are lost."""

FAREWELL = 3.0
"""Seconds that the last batch gets."""

_Taken: TypeAlias = tuple[float, str, str, float, str | None, int, bool, int, int]


class Recorder:
    """May be called from one thread; `close` it, or lose the last second."""

    def __init__(
        self,
        path: Path,
        *,
        now: Callable[[], float] = time.time,
        complain: Callable[[str], None] = lambda _: None,
        objective: Callable[[str], float | None] = lambda _: None,
        clean: Callable[[str], str] = str,
        flush_every: float = FLUSHED_EVERY,
    ) -> None:
        """`complain` is called from the writer's thread, once for each kind of trouble.

        `objective` tells how many seconds a call of a server may take before it is an alert.
        `clean` takes out secrets: whoever reads the history later knows none of them.
        """
        self._now = now
        self._complain = complain
        self._objective = objective
        self._clean = clean
        self._flush_every = flush_every
        self._path = path
        self._store = Store(path)
        self._taken: deque[_Taken] = deque()
        self._noted: deque[Happening] = deque(maxlen=KEPT_CALLS)
        self._spans: dict[tuple[int, str, str], Series] = {}
        self._calls: deque[Call] = deque(maxlen=KEPT_CALLS)
        self._happened: deque[Happening] = deque(maxlen=KEPT_CALLS)
        self._book = AlertBook(now)
        self._trouble = ""
        self._stir = threading.Event()
        self._stop = threading.Event()
        self._writing = threading.Lock()
        self._thread: threading.Thread | None = None

    def record(self, event: CallFinished) -> None:
        """On the path of every call: takes what it needs, so that the arguments are not held back."""
        self._taken.append(
            (
                self._now(),
                event.server or "",
                event.tool,
                event.seconds,
                event.error if not event.ok and event.error else None if event.ok else "failed",
                event.attempts,
                event.cached,
                event.bytes_in,
                event.bytes_out,
            )
        )
        if not self._stir.is_set():
            self._wake()

    def heard(self, event: Event) -> None:
        """For whoever has one ear for all events."""
        match event:
            case CallFinished():
                self.record(event)
            case HealthChanged():
                said = f"{event.before or 'new'} -> {event.after}"
                self.note(event.server or "", "state", f"{said}: {event.reason}" if event.reason else said)
            case StateChanged() if event.before == "backoff" and event.state == "starting":
                self.restarted(event.server or "", event.reason)
            case Alerted() if event.rule not in (
                "slow_call",
                "recent_errors",
            ):  # these are found here as well
                self.note(event.server or "", f"alert:{event.severity}", event.message)

    def restarted(self, server: str, reason: str = "") -> None:
        """A start after a death that nobody asked for."""
        self.note(server, "restart", reason)

    def note(self, server: str, kind: str, detail: str) -> None:
        self._noted.append(Happening(self._now(), server, kind, self._clean(detail)[:500]))
        self._wake()

    def flush(self) -> None:
        """Write what was recorded until now, here and at once."""
        with self._writing:
            self._round()

    def close(self) -> None:
        """Write what is left, in bounded time."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._stop.set()
            self._stir.set()
            thread.join(FAREWELL)

    def _wake(self) -> None:
        if self._thread is None and not self._stop.is_set():
            self._thread = threading.Thread(target=self._work, name="history", daemon=True)
            self._thread.start()
        self._stir.set()

    def _work(self) -> None:
        while not self._stop.is_set():
            self._stir.wait()
            self._stop.wait(self._flush_every)
            self._stir.clear()
            self.flush()
        with self._writing:
            self._store.close()

    def _round(self) -> None:
        self._add_up()
        if self._spans or self._happened:
            self._write()

    def _add_up(self) -> None:
        taken, spans = self._taken, self._spans
        tools: dict[str, str] = {}
        while taken:
            at, server, tool, seconds, error, attempts, cached, received, sent = taken.popleft()
            tool = tools.get(tool) or tools.setdefault(tool, self._clean(tool))
            key = (int(at) - int(at) % MINUTE, server, tool)
            series = spans.get(key)
            if series is None:
                series = spans[key] = Series()
            series.record(seconds, error, bytes_in=received, bytes_out=sent, attempts=attempts, cached=cached)
            self._calls.append(Call(at, server, tool, seconds, error, cached))
            found = self._book.observe(
                server, tool, ok=error is None, seconds=seconds, objective=self._objective(server)
            )
            for alert in found:
                self._happened.append(Happening(at, server, f"alert:{alert.severity}", alert.message))
        while self._noted:
            self._happened.append(self._noted.popleft())
        if len(spans) > MAX_WAITING:
            for key in list(spans)[: len(spans) - MAX_WAITING]:
                del spans[key]
            self._say(f"the history `{self._path}` falls behind: its oldest unwritten minutes are lost")

    def _write(self) -> None:
        batch = Batch(self._spans, tuple(self._calls), tuple(self._happened))
        try:
            self._store.write(batch, self._now())
        except (sqlite3.Error, OSError, ValueError) as error:
            self._say(f"the history `{self._path}` cannot be written: {_reason(error)}; calls go on")
            self._stir.set()  # try again
            return
        self._spans = {}
        self._calls.clear()
        self._happened.clear()
        if self._store.moved is not None:
            self._complain(
                f"the history `{self._path}` was broken: it was moved to `{self._store.moved.name}` and begun anew"
            )
            self._store.moved = None
        self._trouble = ""

    def _say(self, trouble: str) -> None:
        """Once, until it works again or something else is wrong."""
        if trouble != self._trouble:
            self._trouble = trouble
            self._complain(trouble)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error)
