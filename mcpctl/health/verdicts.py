"""From checks to one word for a server, from servers to one word for all, and to an exit code. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mcpctl.health.findings import FINDINGS
from mcpctl.model.health import Check, ServerHealth, Verdict

EXIT_CODES: dict[Verdict, int] = {
    "unhealthy": 1,
    "config_error": 3,
    "unreachable": 4,
    "auth_required": 7,
}
"""What is in none of these is no failure."""

SEVERAL = 1
"""The exit code where servers fail in different ways."""

UP: tuple[Verdict, ...] = ("healthy", "degraded")
"""Of servers that take calls."""


def verdict_of(checks: Iterable[Check]) -> Verdict:
    """The first failure decides, because those behind it may only follow from it."""
    degraded = False
    for check in checks:
        if check.status == "failed":
            return FINDINGS[check.code].verdict if check.code in FINDINGS else "unhealthy"
        degraded = degraded or check.status == "warning"
    return "degraded" if degraded else "healthy"


def overall(servers: Sequence[ServerHealth]) -> Verdict:
    """One kind of failure keeps its name, several kinds are unhealthy."""
    seen = {server.status for server in servers}
    failures = sorted(seen & EXIT_CODES.keys())
    if failures:
        return failures[0] if len(failures) == 1 else "unhealthy"
    if "degraded" in seen:
        return "degraded"
    return "healthy" if "healthy" in seen else "skipped"


def exit_code(servers: Sequence[ServerHealth], *, fail_on: str = "unhealthy") -> int:
    codes = {EXIT_CODES[server.status] for server in servers if server.status in EXIT_CODES}
    if fail_on == "degraded" and any(server.status == "degraded" for server in servers):
        codes.add(EXIT_CODES["unhealthy"])
    return codes.pop() if len(codes) == 1 else SEVERAL if codes else 0


def ready(servers: Iterable[ServerHealth]) -> bool:
    """Whether every required server takes calls."""
    return all(server.status in (*UP, "skipped") for server in servers if server.required)
