"""Which code an error means, by the step that it came in. Pure."""

from __future__ import annotations

from mcpctl.errors import AuthError, ConfigError, ConnectError, DeadlineError, McpctlError, UsageError
from mcpctl.health.findings import found
from mcpctl.model.health import Check

# step -> codes for: a deadline, a lost connection, anything that is not MCP
_BY_STEP = {
    "start": ("H203", "H201", "H205"),
    "handshake": ("H203", "H201", "H205"),
    "ping": ("H207", "H207", "H207"),
    "list": ("H306", "H307", "H301"),
    "canary": ("H404", "H406", "H407"),
}


def blamed(error: McpctlError, step: str, *, kind: str | None = None, duration_ms: float = 0.0) -> Check:
    """The finding for an error; `kind` is the step's kind where its name is longer, as that of a canary."""
    code = _code(error, kind or step)
    return found(code, step, error.message, hint=error.hint, duration_ms=duration_ms)


def _code(error: McpctlError, kind: str) -> str:
    late, lost, malformed = _BY_STEP[kind]
    match error:
        case AuthError():
            return "H206"
        case ConfigError():
            return "H106"
        case UsageError():
            return "H403" if kind == "canary" else "H106"
        case DeadlineError():
            return late
        case ConnectError():
            ended = error.exit_status is not None or error.code in ("connect.stdout_closed", "connect.exited")
            return "H202" if ended and lost == "H201" else lost
    return malformed
