"""Limits that the kernel holds a server to. They are set right after its start, before it could use up anything.

Memory is none of them: see `weight`.
"""

from __future__ import annotations

import resource
import sys

from mcpctl.errors import ConnectError
from mcpctl.model.server import LimitsSpec


def restrict(pid: int, limits: LimitsSpec, *, server: str | None) -> None:
    if sys.platform != "linux":
        raise ConnectError(
            "limits on memory, open files or processor time need Linux",
            code="connect.limits",
            kind="spawn",
            hint="remove `limits.memory`, `limits.open_files` and `limits.cpu_seconds`",
            server=server,
        )
    _set(pid, resource.RLIMIT_NOFILE, limits.open_files, name="open_files", server=server)
    _set(pid, resource.RLIMIT_CPU, limits.cpu_seconds, name="cpu_seconds", server=server, notice=1)


def _set(pid: int, kind: int, value: int | None, *, name: str, server: str | None, notice: int = 0) -> None:
    """With a `notice` the kernel says first what it will do next: SIGXCPU before SIGKILL."""
    if not value or sys.platform != "linux":
        return
    try:
        resource.prlimit(pid, kind, (value, value + notice))
    except ProcessLookupError:
        return  # it has exited already, and its channel will say how
    except (OSError, ValueError, OverflowError) as error:
        raise ConnectError(
            f"`limits.{name} = {value}` was refused: {error}",
            code="connect.limits",
            kind="spawn",
            hint="set it no higher than the limit of your own shell, which `ulimit -a` shows",
            server=server,
        ) from error
