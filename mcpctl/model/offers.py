"""Options and reports of the verbs that show what servers offer."""

from __future__ import annotations

from collections.abc import Mapping

from mcpctl.model.asking import Answers, Aside, Show, Truncated
from mcpctl.model.protocol import Identity, JsonObject, Tool
from mcpctl.model.report import Report
from mcpctl.model.value import dataclass, field


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
