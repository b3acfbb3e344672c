"""What a check of configurations found, where it stands in the file, and what would mend it.

Lines and columns count from 1, in code points, the end exclusive: what editors and SARIF expect.
"""

from __future__ import annotations

from typing import Any, Literal

from mcpctl.model.events import Event
from mcpctl.model.keypath import KeyPath
from mcpctl.model.report import Report
from mcpctl.model.value import NamedTuple, dataclass, field

Severity = Literal["error", "warning", "info"]
Threshold = Literal["error", "warning", "info", "never"]
Chosen = Literal["path", "content", "flag"]
"""How the host of a file was found."""
Platform = Literal["windows"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
"""Worst first."""


class Change(NamedTuple):
    """One step of a fix, in the words of the file itself.

    `set` puts `value` at `at`, `insert` puts it into a list in front of the item at `at`, `remove` takes the key or
    item away, `rename` gives the key the name `value`, and `splice` replaces the characters from `start` to `end`.
    """

    kind: Literal["set", "insert", "remove", "rename", "splice"]
    at: KeyPath = ()
    value: Any = None
    start: int = 0
    end: int = 0


class Fix(NamedTuple):
    title: str
    """An imperative, such as "add `\"type\": \"http\"`"."""
    changes: tuple[Change, ...]
    safe: bool = True
    """Whether the file means the same afterwards, or what its host already took it to mean."""


class Excerpt(NamedTuple):
    """The line that a diagnostic is about, secrets masked, cut to what fits a terminal."""

    text: str
    column: int
    """Where the carets begin in `text`, from 1."""
    length: int


class Diagnostic(NamedTuple):
    file: str
    code: str
    name: str
    severity: Severity
    message: str
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1
    hint: str | None = None
    server: str | None = None
    label: str | None = None
    """What stands beside the carets."""
    fix: Fix | None = None
    excerpt: Excerpt | None = None
    fingerprint: str = ""
    """Stays the same when lines move: baselines and SARIF go by it."""

    @property
    def fixable(self) -> bool:
        return self.fix is not None

    def data(self) -> dict[str, Any]:
        """The diagnostic as the JSON envelope shows it."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "end_line": self.end_line,
            "end_column": self.end_column,
            "code": self.code,
            "name": self.name,
            "severity": self.severity,
            "message": self.message,
            "hint": self.hint,
            "server": self.server,
            "fixable": self.fixable,
        }


class CheckedFile(NamedTuple):
    path: str
    host: str
    title: str
    """The host's name as people write it."""
    servers: int
    chosen: Chosen
    """Why this host was taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateOptions:
    paths: tuple[str, ...] = ()
    """Files, folders, or `-`; none means what discovery finds."""
    host: str | None = None
    user: bool = False
    """Every file that hosts keep for this user on this machine."""
    strict: bool = False
    """Warnings count as failures."""
    fail_on: Threshold | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fix: bool = False
    unsafe_fixes: bool = False
    diff: bool = False
    baseline: str | None = None
    update_baseline: bool = False
    connect: bool = False
    target: Platform | None = None
    """A platform that the files must also work on."""
    stdin_name: str | None = None
    """What the text on stdin is called, for the choice of its host."""
    watch: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateReport(Report):
    files: tuple[CheckedFile, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    suppressed: int = 0
    fixed: int = 0
    diff: str = ""
    """What `--diff` would change, as a unified diff."""
    notes: tuple[str, ...] = field(default=())
    """What a person should know beside the findings, such as which host was assumed."""

    def count(self, severity: Severity) -> int:
        return sum(1 for diagnostic in self.diagnostics if diagnostic.severity == severity)

    @property
    def fixable(self) -> int:
        return sum(1 for diagnostic in self.diagnostics if diagnostic.fixable)

    def data(self) -> dict[str, Any]:
        """What stands under `data` in the JSON envelope."""
        return {
            "files": [
                {"path": each.path, "host": each.host, "servers": each.servers, "chosen": each.chosen}
                for each in self.files
            ],
            "diagnostics": [diagnostic.data() for diagnostic in self.diagnostics],
            "summary": {
                "errors": self.count("error"),
                "warnings": self.count("warning"),
                "infos": self.count("info"),
                "fixable": self.fixable,
                "fixed": self.fixed,
                "suppressed": self.suppressed,
            },
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked(Event):
    """One round of `validate --watch`, in the words of the JSON envelope."""

    exit_code: int
    data: dict[str, Any]
    problems: tuple[str, ...] = ()
    """What kept the round from looking at a file."""
