"""Options and reports of the verbs that talk to one server at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mcpctl.model.protocol import Identity, JsonObject, Tool
from mcpctl.model.report import Report


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
class Truncated:
    """What was left out of a shown result, and where the whole one is."""

    lines: int
    chars: int
    total_lines: int
    total_chars: int
    file: str | None = None
    note: str | None = None
    """One sentence for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallReport(Report):
    server: str
    tool: str
    protocol_version: str | None = None
    is_error: bool = False
    text: str = ""
    """What a person sees: the text blocks, or the one value of `--field`, cut as asked."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolsOptions:
    words: tuple[str, ...] = ()
    """SERVER [TOOL]."""
    aside: Aside = field(default_factory=Aside)
    every: bool = False
    """`--all`: every enabled server."""
    schema: bool = False
    grep: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerTools:
    server: str
    tools: tuple[Tool, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolsReport(Report):
    servers: tuple[ServerTools, ...] = ()
    schema: bool = False
    """Whether the raw schemas were asked for."""
    tool: Tool | None = None
    """The one tool that was named; then `example` is a command line that calls it."""
    example: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectOptions:
    words: tuple[str, ...] = ()
    aside: Aside = field(default_factory=Aside)
    every: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    server: str
    identity: Identity | None = None
    tools: tuple[JsonObject, ...] = ()
    resources: tuple[JsonObject, ...] = ()
    templates: tuple[JsonObject, ...] = ()
    prompts: tuple[JsonObject, ...] = ()
    connect_ms: float = 0.0
    list_ms: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectReport(Report):
    servers: tuple[Inspection, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOptions:
    """Of `resources` and `prompts`."""

    words: tuple[str, ...] = ()
    aside: Aside = field(default_factory=Aside)
    grep: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourcesReport(Report):
    server: str
    resources: tuple[JsonObject, ...] = ()
    templates: tuple[JsonObject, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptsReport(Report):
    server: str
    prompts: tuple[JsonObject, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    words: tuple[str, ...] = ()
    """SERVER URI [NAME=VALUE…]; the values fill a template."""
    aside: Aside = field(default_factory=Aside)
    answers: Answers = field(default_factory=Answers)
    show: Show = field(default_factory=Show)
    save: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadReport(Report):
    server: str
    uri: str
    contents: tuple[JsonObject, ...] = ()
    text: str = ""
    truncated: Truncated | None = None
    saved: tuple[str, ...] = ()
    duration_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptOptions:
    words: tuple[str, ...] = ()
    """SERVER NAME [ITEM…]."""
    aside: Aside = field(default_factory=Aside)
    answers: Answers = field(default_factory=Answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptReport(Report):
    server: str
    name: str
    description: str | None = None
    messages: tuple[JsonObject, ...] = ()
    duration_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteOptions:
    words: tuple[str, ...] = ()
    """SERVER REF ARG=PREFIX [KNOWN=VALUE…]."""
    aside: Aside = field(default_factory=Aside)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteReport(Report):
    server: str
    values: tuple[str, ...] = ()
    total: int | None = None
    has_more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOptions:
    word: str
    server: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    server: str
    tool: str
    description: str | None = None
    where: str = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchReport(Report):
    word: str
    found: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenOptions:
    words: tuple[str, ...] = ()
    aside: Aside = field(default_factory=Aside)
    uris: tuple[str, ...] = ()
    log_level: str | None = None
    duration: float | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenReport(Report):
    server: str
    received: int = 0
