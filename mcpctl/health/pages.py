"""What `/healthz`, `/readyz`, `/health` and `/metrics` answer, from what a monitor knows already.

No page looks at a server: however often somebody asks, the looks keep their own pace.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from mcpctl.health.verdicts import exit_code, ready
from mcpctl.model.health import HealthReport, ServerHealth
from mcpctl.model.value import NamedTuple
from mcpctl.policy.redaction import Redactor

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
METRICS = "text/plain; version=0.0.4; charset=utf-8"


class Page(NamedTuple):
    status: int
    content_type: str
    body: bytes


Pages = Mapping[str, Callable[[], Page]]


class Known(Protocol):
    """Whoever knows how servers are: a monitor, or a supervisor."""

    @property
    def unseen(self) -> Sequence[str]: ...

    @property
    def ready(self) -> bool: ...

    def servers(self) -> Sequence[ServerHealth]: ...

    def report(self) -> HealthReport: ...


def pages(
    monitor: Known, redactor: Redactor, *, counted: Callable[[HealthReport], HealthReport] = lambda it: it
) -> Pages:
    """By path. Secrets are taken out of every one of them. `counted` adds what `/metrics` tells besides."""

    def clean(value: Any) -> bytes:
        text = json.dumps(redactor.clean_json(value), sort_keys=True, allow_nan=False)
        return f"{text}\n".encode()

    def alive() -> Page:
        return Page(200, TEXT, b"ok\n")

    def readiness() -> Page:
        servers, unseen = monitor.servers(), monitor.unseen
        missing = [each.name for each in servers if each.name in unseen or not ready([each])]
        is_ready = monitor.ready
        return Page(200 if is_ready else 503, JSON, clean({"ready": is_ready, "not_ready": missing}))

    def whole() -> Page:
        report = monitor.report()
        code = exit_code(report.servers)
        envelope = {
            "mcpctl": 1,
            "command": ["health"],
            "status": "failed" if code else "ok",
            "exit_code": code,
            "data": report.data(),
            "errors": [],
        }
        return Page(200, JSON, clean(envelope))

    def metrics() -> Page:
        from mcpctl.health.exposition import exposition

        return Page(200, METRICS, redactor.clean(exposition(counted(monitor.report()))).encode())

    return {"/healthz": alive, "/readyz": readiness, "/health": whole, "/metrics": metrics}
