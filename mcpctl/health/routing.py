"""Which of several servers that can do the same is asked: the healthy one that answered fastest lately, then the next.

What is known comes from the history of real calls, and from a supervisor where one runs. Starts nothing and asks nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mcpctl.errors import ConfigError, UsageError
from mcpctl.health.monitor import OUTAGES
from mcpctl.history.reading import History
from mcpctl.model.server import ServerSpec
from mcpctl.model.settings import Settings
from mcpctl.policy.outliers import Choice, Standing, ranked

RECENT = 900.0
"""Seconds of calls that count: what was slow an hour ago may be fast now."""

SIGN = "@"
"""Before a word that names what a server can do, in place of the server."""


def capable(settings: Settings, word: str) -> list[ServerSpec]:
    """Servers that offer a capability. Raises `UsageError` where there is none."""
    capability = word.removeprefix(SIGN)
    specs = [spec for spec in settings.servers.values() if spec.enabled and capability in spec.capabilities]
    if specs:
        return specs
    offered = sorted({each for spec in settings.servers.values() for each in spec.capabilities})
    known = f"there is {', '.join(f'`@{each}`' for each in offered)}" if offered else None
    raise UsageError(
        f"no server offers the capability `{capability}`",
        code="usage.unknown_capability",
        hint=known or 'declare it in an entry: `capabilities = ["search"]`',
    )


def choices(
    specs: Iterable[ServerSpec], history: History, now: float, *, down: Iterable[str] = ()
) -> tuple[Choice, ...]:
    """The best first."""
    names = [spec.name for spec in specs]
    try:
        return ranked(names, standings(names, history, now), down=down)
    except ConfigError:
        return ranked(names, {}, down=down)  # a broken history costs knowledge, not the call


def standings(names: Iterable[str], history: History, now: float) -> Mapping[str, Standing]:
    """The recent calls, played again."""
    time = _Time(now)
    found = {name: Standing(time) for name in names}
    for call in history.calls(now - RECENT):
        standing = found.get(call.server)
        failed = call.error is not None and call.error.startswith(OUTAGES)
        mistaken = call.error is not None and not failed and call.error != "is_error"
        if standing is not None and not call.cached and not mistaken:
            time.now = call.at
            standing.record(ok=not failed, seconds=call.seconds)
    time.now = now
    return found


class _Time:
    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
