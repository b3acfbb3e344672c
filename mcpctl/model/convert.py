"""What was carried from one host's configuration into another's, and what was not."""

from __future__ import annotations

from typing import Any

from mcpctl.model.report import Report
from mcpctl.model.value import NamedTuple, dataclass


class Lost(NamedTuple):
    """Something that could not be carried, and why; `kept` says that it was all the same, with another meaning."""

    server: str
    key: str
    reason: str
    kept: bool
    file: str = ""

    def data(self) -> dict[str, Any]:
        return {"server": self.server or None, "key": self.key, "reason": self.reason, "kept": self.kept}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertOptions:
    path: str | None = None
    to: str = ""
    source: str | None = None
    """The host that the file is from, where neither path nor content says so."""
    output: str | None = None
    server: tuple[str, ...] = ()
    strict: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    hosts: tuple[str, ...] = ()
    """Only from these."""
    output: str = "mcpctl.toml"
    server: tuple[str, ...] = ()
    overwrite: bool = False
    strict: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertReport(Report):
    source: str
    source_host: str
    target_host: str
    servers: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    losses: tuple[Lost, ...] = ()
    text: str = ""
    written: str | None = None
    """The file, where one was written; else the text is the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport(Report):
    sources: tuple[tuple[str, str, int], ...] = ()
    """Of each file that was read: its path, its host, how many servers came from it."""
    servers: tuple[tuple[str, str], ...] = ()
    """Name and file of origin."""
    skipped: tuple[tuple[str, str, str], ...] = ()
    """Name, file, and why."""
    losses: tuple[Lost, ...] = ()
    written: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditOptions:
    name: str = ""
    words: tuple[str, ...] = ()
    """The command and its arguments."""
    url: str | None = None
    env: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    transport: str | None = None
    cwd: str | None = None
    key: str = ""
    value: str = ""
    file: str | None = None
    host: str | None = None
    overwrite: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EditReport(Report):
    file: str
    host: str
    server: str
    did: str
    """In the past tense, such as "added"."""
    diff: str = ""
    losses: tuple[Lost, ...] = ()


class Opinion(NamedTuple):
    """What one host would make of one server."""

    host: str
    title: str
    server: str
    verdict: str
    """`starts`, `connects`, `skips` or `off`."""
    transport: str | None
    target: str
    """The command line or the address, as the host would take it; variables unresolved, secrets masked."""
    reason: str | None
    expanded: tuple[str, ...]
    literal: tuple[str, ...]
    """Variables that the server would get as text."""
    dropped: tuple[str, ...]
    """Keys that the host reads past."""

    def data(self) -> dict[str, Any]:
        return {
            "host": self.host,
            "server": self.server,
            "verdict": self.verdict,
            "transport": self.transport,
            "target": self.target,
            "reason": self.reason,
            "variables": {"expanded": list(self.expanded), "literal": list(self.literal)},
            "dropped": list(self.dropped),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewOptions:
    path: str | None = None
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewReport(Report):
    file: str
    opinions: tuple[Opinion, ...] = ()
    disagreements: tuple[str, ...] = ()
    """Servers of which hosts would make different things."""
