"""What the machine allows: file descriptors for every session and connection, asked for before the load needs them."""

from __future__ import annotations

from mcpctl.errors import UsageError
from mcpctl.loadtest.plan import Plan, shard_of
from mcpctl.model.value import replace

_PIPES = 5
"""Descriptors of a child: three pipes, its process, and one to spare while it is replaced."""

_REST = 64
"""Of the interpreter, the event loop and whatever else is open."""


def descriptors_needed(plan: Plan, workers: int) -> int:
    """Of the busiest generator."""
    part = shard_of(plan, 0, workers) if workers > 1 else plan
    needed = _REST
    for target in plan.targets:
        if target.transport == "stdio":
            needed += part.open_sessions * _PIPES
        else:
            needed += max(part.open_sessions, -(-plan.max_in_flight // max(1, part.shards)))
    return needed


def within_descriptors(plan: Plan, workers: int) -> Plan:
    """The same open load with a cap that the system can afford; for a cap that nobody asked for."""
    import resource

    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    excess = descriptors_needed(plan, workers) - hard
    if plan.model != "open" or hard == resource.RLIM_INFINITY or excess <= 0:
        return plan
    cap = plan.max_in_flight - excess * workers * max(1, plan.shards)
    return replace(plan, max_in_flight=cap) if cap > 0 else plan


def raise_descriptors(needed: int) -> None:
    """Raises `UsageError` where the system allows too few. Children inherit what is raised."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= needed or soft == resource.RLIM_INFINITY:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise UsageError(
            f"this load needs {needed} open files in one process, and the system allows {hard}",
            code="usage.open_files",
            hint="ask for fewer sessions, use `--workers`, or raise the limit with `ulimit -n`",
        )
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"this load needs {needed} open files in one process, and the system refuses more than {soft}",
            code="usage.open_files",
            hint="ask for fewer sessions, or raise the limit with `ulimit -n`",
        ) from error
