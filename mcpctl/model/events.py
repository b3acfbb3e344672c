"""What happens while a command runs, in the past tense: rendered to stderr, streamed with `--json`, or dropped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mcpctl.model.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    server: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected(Event):
    protocol_version: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Progressed(Event):
    progress: float
    total: float | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waited(Event):
    """Nothing has come yet."""

    what: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged(Event):
    """A log message that the server sent over the protocol."""

    level: str
    logger: str | None
    data: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed(Event):
    """A server agreed to announce these things."""

    agreed: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced(Event):
    """A server said that something of its own changed."""

    kind: str
    uri: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed(Event):
    """Something a person should know, in one sentence."""

    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried(Event):
    attempt: int
    reason: str
    delay: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FellBack(Event):
    to: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFinished(Event):
    """One call through the chain, for logs and metrics. The arguments are for hashing, never for showing."""

    tool: str
    arguments: Mapping[str, Any]
    ok: bool
    seconds: float
    error: str | None = None
    attempts: int = 1
    cached: bool = False
    bytes_in: int = 0
    bytes_out: int = 0


Emit = Callable[[Event], None]


def ignore(event: Event) -> None:
    """An `Emit` for those who do not listen."""
    del event
