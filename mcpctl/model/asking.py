"""What several verbs are told: which server, how to answer it, how much to show."""

from __future__ import annotations

from mcpctl.model.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """A server described on the spot, in place of a configured one."""

    stdio: str | None = None
    url: str | None = None
    headers: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    cwd: str | None = None
    bearer_env: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """How the server's own questions are answered; see `commands.questions`."""

    elicit: str | None = None
    sample: str | None = None
    roots: tuple[str, ...] = ()
    log_level: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """How much of a result is shown."""

    head: int | None = None
    tail: int | None = None
    max_chars: int | None = None
    max_tokens: int | None = None
    full: bool = False
    preview: bool = False
    summary: bool = False
    recent: bool = False
    adaptive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncated:
    """What was left out of a shown result, and where the whole one is."""

    lines: int
    chars: int
    total_lines: int
    total_chars: int
    file: str | None = None
    note: str | None = None
    """One sentence for people."""
