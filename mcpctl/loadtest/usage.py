"""Processor time and memory of local servers, once a second, from `/proc`; nothing where there is none."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from time import monotonic

from mcpctl.model.load_report import ProcessSample

_MOST = 8
"""Processes that are looked at; a thousand sessions on stdio would cost more than the load."""

_KEPT = 3600
"""Samples kept: an hour of one process."""


class Usage:
    def __init__(self) -> None:
        self.samples: list[ProcessSample] = []
        self._before: dict[int, tuple[float, float]] = {}

    def look(self, processes: Iterable[tuple[str, int]], *, at: float) -> None:
        """The first look at a process only tells from where its processor time is counted."""
        if not _PROC.exists() or len(self.samples) >= _KEPT:
            return
        for server, pid in list(processes)[:_MOST]:
            measured = _measure(pid)
            if measured is None:
                continue
            cpu, memory = measured
            now = monotonic()
            before = self._before.get(pid)
            self._before[pid] = (cpu, now)
            if before is not None:
                share = (cpu - before[0]) / max(1e-9, now - before[1])
                self._note(server, pid, at=at, share=share, memory=memory)

    def _note(self, server: str, pid: int, *, at: float, share: float, memory: int) -> None:
        self.samples.append(
            ProcessSample(
                server=server,
                at=at,
                cpu_pct=round(share * 100, 1),
                memory_mb=round(memory / (1 << 20), 2),
                pid=pid,
            )
        )


_PROC = Path("/proc/self/stat")


def _measure(pid: int) -> tuple[float, int] | None:
    """Seconds of processor time and bytes of memory."""
    try:
        # The name in parentheses may hold anything, so the fields are counted from behind it.
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None
    ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    return (int(fields[11]) + int(fields[12])) / ticks, int(fields[21]) * page
