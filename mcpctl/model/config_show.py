"""Options and reports of `mcpctl config show`, `config sources` and `config schema`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcpctl.model.report import Report
from mcpctl.model.settings import Origin, Source
from mcpctl.model.value import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowOptions:
    server: tuple[str, ...] = ()
    origin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowReport(Report):
    """Values in the words of mcpctl's own format, secrets masked."""

    profile: str | None = None
    features: Mapping[str, bool] = field(default_factory=dict)
    servers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    origins: tuple[tuple[str, Any, Origin | None], ...] | None = None
    """Dotted key, value, and where the value was written; None where nobody asked."""
    folder: str | None = None
    """Where the user is: people are shown places from there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcesOptions:
    """There is nothing to choose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcesReport(Report):
    sources: tuple[Source, ...] = ()
    profile: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaOptions:
    host: str | None = None
    """Whose file it is the schema of; none means our own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaReport(Report):
    schema: Mapping[str, Any]
