"""The one exception tree: what went wrong, in words, with a stable code and an exit code.

McpctlError
├── UsageError      2  words, options, unknown tool, arguments the schema refuses
├── ConfigError     3  configuration: syntax, shape, unknown server, unset variable
├── ConnectError    4  could not reach or start the server, or lost it
├── ProtocolError   5  it answered, but not valid MCP; or with a JSON-RPC error
├── DeadlineError   6  a limit ran out
├── AuthError       7  authentication needed or refused
├── BugError       70  a mistake of ours
├── OutputError    74  the answer could not be written: a full disk, a closed terminal
│   └── ReaderGoneError 0  the reader of a pipe has seen enough
└── InterruptError 130  Ctrl-C, SIGTERM or SIGHUP

A message is one sentence: lower case, no full stop, literals in backticks. A hint is an imperative, best a command
to paste. Whoever needs data reads attributes, never the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar


class McpctlError(Exception):
    """Base of every error that a user may see."""

    exit_code: ClassVar[int] = 70
    default_code: ClassVar[str] = "bug"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        hint: str | None = None,
        server: str | None = None,
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
        related: Sequence[McpctlError] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.hint = hint
        self.server = server
        self.file = file
        self.line = line
        self.column = column
        self.related = tuple(related)
        """Further faults found in the same go, such as every other mistake of a broken file."""

    def data(self) -> dict[str, Any]:
        """The error as the JSON envelope shows it."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "server": self.server,
            "file": self.file,
            "line": self.line,
            "column": self.column,
        }


class UsageError(McpctlError):
    exit_code = 2
    default_code = "usage"


class ConfigError(McpctlError):
    exit_code = 3
    default_code = "config"


class ConnectError(McpctlError):
    """The server could not be started or reached, or went away.

    `kind` is what the retry policy looks at; `exit_status` is negative for a signal, as in `subprocess`.
    """

    exit_code = 4
    default_code = "connect"

    def __init__(
        self,
        message: str,
        *,
        kind: str = "connection_lost",
        exit_status: int | None = None,
        stderr_tail: Sequence[str] = (),
        http_status: int | None = None,
        retry_after: float | None = None,
        **about: Any,
    ) -> None:
        super().__init__(message, **about)
        self.kind = kind
        self.exit_status = exit_status
        self.stderr_tail = tuple(stderr_tail)
        self.http_status = http_status
        self.retry_after = retry_after

    def data(self) -> dict[str, Any]:
        if self.retry_after is None:
            return super().data()
        return {**super().data(), "retry_after": round(self.retry_after, 3)}


class ProtocolError(McpctlError):
    """An answer that is not valid MCP, or a JSON-RPC error: then `rpc_code` and `rpc_data` are set."""

    exit_code = 5
    default_code = "protocol"

    def __init__(
        self,
        message: str,
        *,
        rpc_code: int | None = None,
        rpc_data: Any = None,
        http_status: int | None = None,
        **about: Any,
    ) -> None:
        super().__init__(message, **about)
        self.rpc_code = rpc_code
        self.rpc_data = rpc_data
        self.http_status = http_status


class DeadlineError(McpctlError):
    """`step` says what was waited for, `limit` how many seconds it had."""

    exit_code = 6
    default_code = "deadline"
    kind = "timeout"

    def __init__(self, message: str, *, step: str, limit: float, **about: Any) -> None:
        about.setdefault("code", f"deadline.{step}")
        super().__init__(message, **about)
        self.step = step
        self.limit = limit


class AuthError(McpctlError):
    exit_code = 7
    default_code = "auth"

    def __init__(
        self,
        message: str,
        *,
        http_status: int | None = None,
        www_authenticate: str | None = None,
        **about: Any,
    ) -> None:
        super().__init__(message, **about)
        self.http_status = http_status
        self.www_authenticate = www_authenticate


class BugError(McpctlError):
    exit_code = 70
    default_code = "bug"


class OutputError(McpctlError):
    exit_code = 74
    default_code = "output"


class ReaderGoneError(OutputError):
    """Whoever read the answer closed it, as `| head` does: a quiet end, and no failure."""

    exit_code = 0
    default_code = "output.closed"


class InterruptError(McpctlError):
    """Somebody asked mcpctl to stop."""

    exit_code = 130
    default_code = "interrupted"
