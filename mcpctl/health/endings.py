"""How a server behaved towards its process: what it wrote where it should not, and how it left. Pure."""

from __future__ import annotations

from mcpctl.health.findings import found
from mcpctl.model.health import Check
from mcpctl.transports.channel import ChannelFacts

STOP = "stop"

_LEFT_ALONE = (0, -15, 143)
"""Ends that are as good as a 0: SIGTERM itself, and the way shells spell it."""


def noisy(facts: ChannelFacts) -> Check | None:
    if not facts.noise_lines:
        return None
    sample = f", such as `{facts.noise_samples[0][:80]}`" if facts.noise_samples else ""
    count = "1 line on stdout is" if facts.noise_lines == 1 else f"{facts.noise_lines} lines on stdout are"
    return found("H604", "stdout", f"{count} not JSON-RPC{sample}", status="warning")


def stopped(facts: ChannelFacts, *, duration_ms: float) -> list[Check]:
    """What there is to say of the end of a process that was asked to end."""
    checks = []
    if facts.killed_with == "SIGKILL":
        checks.append(
            found("H602", STOP, "the server ignored SIGTERM and had to be killed", duration_ms=duration_ms)
        )
    elif facts.killed_with is not None:
        said = f"the server ignored the end of its stdin and was ended by {facts.killed_with}"
        checks.append(found("H601", STOP, said, status="warning", duration_ms=duration_ms))
    elif facts.exit_status not in (None, *_LEFT_ALONE):
        said = f"the server ended with {facts.exit_status} when its stdin was closed"
        checks.append(found("H605", STOP, said, status="warning", duration_ms=duration_ms))
    if facts.swept:
        one = "1 process" if facts.swept == 1 else f"{facts.swept} processes"
        checks.append(
            found("H603", STOP, f"{one} outlived the server and had to be ended", duration_ms=duration_ms)
        )
    return checks or [Check(name=STOP, status="ok", duration_ms=duration_ms)]
