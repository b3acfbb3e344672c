"""Options and reports of the verbs that send one request. Small on purpose: a cold call waits for this file."""

from __future__ import annotations

from typing import Any

from mcpctl.model.asking import Answers, Aside, Show, Truncated
from mcpctl.model.protocol import JsonObject
from mcpctl.model.report import Report
from mcpctl.model.value import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOptions:
    words: tuple[str, ...] = ()
    """SERVER TOOL ITEM…, as typed."""
    aside: Aside = field(default_factory=Aside)
    answers: Answers = field(default_factory=Answers)
    show: Show = field(default_factory=Show)
    arguments: str | None = None
    """`--args`: JSON, `@FILE` or `-`."""
    validate: bool = True
    strict_output: bool = False
    use_cache: bool = True
    cold: bool = False
    retries: int | None = None
    raw: bool = False
    field: str | None = None
    save: str | None = None
    last: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a server asked in the middle of a call, and the id under which the answer is awaited."""

    id: str
    request: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class CallReport(Report):
    server: str
    tool: str
    protocol_version: str | None = None
    is_error: bool = False
    text: str | bytes = ""
    """What a person sees: the text blocks, or the one value of `--field`, cut as asked; UTF-8 where it is long."""
    content: tuple[JsonObject, ...] = ()
    structured: Any = None
    truncated: Truncated | None = None
    duration_ms: float = 0.0
    connect_ms: float = 0.0
    warm: bool = False
    cached: bool = False
    attempts: int = 1
    served_by: str | None = None
    saved: tuple[str, ...] = ()
    schema_faults: tuple[str, ...] = ()
    raw: bytes | None = None
    parked: Question | None = None
    """The call goes on in a supervisor, which waits for the answer to this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RpcOptions:
    words: tuple[str, ...] = ()
    """SERVER METHOD [JSON]."""
    aside: Aside = field(default_factory=Aside)
    answers: Answers = field(default_factory=Answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class RpcReport(Report):
    server: str
    method: str
    result: bytes = b"null"
    """The JSON text as it came."""
    error: JsonObject | None = None
    duration_ms: float = 0.0
