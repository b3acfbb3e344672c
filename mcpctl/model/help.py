"""Options and reports of `mcpctl help` and `mcpctl version`."""

from __future__ import annotations

from collections.abc import Mapping

from mcpctl.model.report import Report
from mcpctl.model.value import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpOptions:
    topic: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpReport(Report):
    topic: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionOptions:
    """There is nothing to choose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionReport(Report):
    version: str
    python: str
    platform: str
    libraries: Mapping[str, str] = field(default_factory=dict)
