"""Every code that a check can end with: what it means, what it makes of a server, and what to do about it.

A code is never given another meaning: dashboards and scripts remember them.
"""

from __future__ import annotations

from mcpctl.model.health import Check, CheckStatus, Verdict
from mcpctl.model.value import NamedTuple


class Finding(NamedTuple):
    title: str
    verdict: Verdict
    """What the server is when this failed; a warning only degrades it."""
    hint: str


FINDINGS: dict[str, Finding] = {
    "H101": Finding(
        "the command was not found", "config_error", "install it, or write its path into `command`"
    ),
    "H102": Finding("a variable has no value", "config_error", "set it, or give it a default in the entry"),
    "H103": Finding("the working folder does not exist", "config_error", "create it, or change `cwd`"),
    "H104": Finding("the address cannot be used", "config_error", "correct `url`"),
    "H106": Finding(
        "the entry cannot be used", "config_error", "run `mcpctl validate` to see all that is wrong"
    ),
    "H201": Finding(
        "it could not be started or reached",
        "unreachable",
        "start it by hand to see what it says, or check the address",
    ),
    "H202": Finding("it ended while it started", "unreachable", "start it by hand to see what it says"),
    "H203": Finding(
        "it did not start in time", "unreachable", "raise `start_timeout` for a server that needs longer"
    ),
    "H204": Finding(
        "it was lost since the last look", "unhealthy", "see why it ended, on its stderr or in `mcpctl logs`"
    ),
    "H205": Finding("its handshake is not MCP", "unhealthy", "see the exchange with `--trace FILE`"),
    "H206": Finding("it wants a login", "auth_required", "run `mcpctl login NAME`, or give it a token"),
    "H207": Finding(
        "it did not answer a ping", "unhealthy", "restart it; see what it does when it is asked nothing"
    ),
    "H301": Finding("a list is not MCP", "unhealthy", "see the exchange with `--trace FILE`"),
    "H302": Finding("a name is there twice", "unhealthy", "give every tool a name of its own"),
    "H303": Finding("a schema cannot be used", "unhealthy", "correct the schema that the server declares"),
    "H304": Finding(
        "a name that many clients refuse", "unhealthy", "use letters, digits, `_`, `-` and `.`, at most 128"
    ),
    "H305": Finding("entries of a list are unusable", "unhealthy", "correct what the server lists"),
    "H306": Finding("a list did not come in time", "unhealthy", "raise `timeout` of `health`"),
    "H307": Finding("it was lost while it listed", "unhealthy", "see why it ended, on its stderr"),
    "H401": Finding(
        "an answer is not what was expected", "unhealthy", "see the whole answer with `mcpctl call`"
    ),
    "H402": Finding("a canary says that it failed", "unhealthy", "see the whole answer with `mcpctl call`"),
    "H403": Finding(
        "a canary could not be called", "unhealthy", "see what there is with `mcpctl tools NAME`"
    ),
    "H404": Finding("a canary did not answer in time", "unhealthy", "raise `timeout` of the canary"),
    "H405": Finding(
        "an answer breaks the tool's own schema", "unhealthy", "correct the tool or its output schema"
    ),
    "H406": Finding("it was lost during a canary", "unhealthy", "see why it ended, on its stderr"),
    "H407": Finding("an answer is not MCP", "unhealthy", "see the exchange with `--trace FILE`"),
    "H408": Finding("real calls of it go wrong", "unhealthy", "see which with `mcpctl stats NAME`"),
    "H411": Finding("a command of yours says no", "unhealthy", "run it by hand"),
    "H412": Finding("an address behind it does not answer well", "unhealthy", "ask it by hand"),
    "H501": Finding("p50 is over its objective", "unhealthy", "see what is slow with `mcpctl stats NAME`"),
    "H502": Finding("p95 is over its objective", "unhealthy", "see what is slow with `mcpctl stats NAME`"),
    "H503": Finding("p99 is over its objective", "unhealthy", "see what is slow with `mcpctl stats NAME`"),
    "H601": Finding(
        "it ignores the end of its stdin", "unhealthy", "let the server end when its stdin is closed"
    ),
    "H602": Finding(
        "it had to be killed", "unhealthy", "let the server end on SIGTERM, two seconds after its stdin"
    ),
    "H603": Finding("it left processes behind", "unhealthy", "let the server end what it starts"),
    "H604": Finding("lines on stdout are not JSON-RPC", "unhealthy", "write logs to stderr"),
    "H605": Finding(
        "it ended badly when it was asked to end", "unhealthy", "let the server exit with 0 when it is done"
    ),
}


def found(
    code: str,
    step: str,
    message: str,
    *,
    hint: str | None = None,
    status: CheckStatus = "failed",
    duration_ms: float = 0.0,
) -> Check:
    """A check that did not go well."""
    return Check(
        name=step,
        status=status,
        code=code,
        message=message,
        hint=hint or FINDINGS[code].hint,
        duration_ms=duration_ms,
    )
