"""How the end of a child is noticed without reaping it and without a thread, and how it is put into words."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio


def describe_exit(status: int) -> str:
    if status >= 0:
        return f"exited with code {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return f"was killed by {name}"


def open_pidfd(pid: int) -> int | None:
    if not hasattr(os, "pidfd_open"):
        return None
    try:
        return os.pidfd_open(pid)
    except OSError:
        return None


def peek(child: subprocess.Popen[bytes]) -> int | None:
    """Exit status of a child; it stays unreaped, except where the system offers no such look (macOS, untested)."""
    if not hasattr(os, "waitid"):
        return child.poll()
    try:
        about = os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return child.poll()
    if about is None:
        return None
    return about.si_status if about.si_code == os.CLD_EXITED else -about.si_status


def watch_in_thread(
    child: subprocess.Popen[bytes], loop: asyncio.AbstractEventLoop, exited: Callable[[], None]
) -> None:
    """Where there are no process descriptors: macOS (untested there), Linux before 5.3."""
    import threading

    def wait() -> None:
        if hasattr(os, "waitid"):
            with contextlib.suppress(ChildProcessError):
                os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        else:
            child.wait()
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(exited)

    threading.Thread(target=wait, name=f"exit of {child.pid}", daemon=True).start()
