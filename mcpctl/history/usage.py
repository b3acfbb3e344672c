"""What a process uses right now, as the system tells it. None where there is no `/proc`."""

from __future__ import annotations

import os
from pathlib import Path

from mcpctl.model.value import NamedTuple


class Usage(NamedTuple):
    cpu_seconds: float
    resident: int
    """Bytes."""


def usage(pid: int) -> Usage | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (OSError, ValueError):
        return None
    # Its name may hold anything, brackets and spaces included: count from behind it.
    fields = text.rpartition(")")[2].split()
    ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    return Usage(cpu_seconds=(int(fields[11]) + int(fields[12])) / ticks, resident=int(fields[21]) * page)
