"""One in so many answers is validated in full, a few at a time, when the load leaves room for it.

The hot path only keeps bytes. What is found wrong here was counted as good before: it is counted over.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from time import monotonic_ns
from typing import Any, cast

from mcpctl.errors import McpctlError
from mcpctl.loadtest.plan import Operation
from mcpctl.loadtest.results import Run
from mcpctl.model.protocol import JsonObject
from mcpctl.session.answers import as_object, check_tool_result
from mcpctl.session.schemas import SchemaChecker, UnusableSchema
from mcpctl.wire import jsonrpc

_QUEUE = 64
"""Answers that wait to be validated; beyond it the newest are let go, for memory must stay flat."""

_SLICE = 300_000
"""Nanoseconds that one look may take: a twentieth of the time of a look every few milliseconds."""

_FAULTS = 10
"""Different faults that are kept in words."""


class Checker:
    """A `lane.Sampler`."""

    def __init__(self, operations: Sequence[Operation], *, every: int) -> None:
        self._operations = {operation.name: operation for operation in operations}
        self._every = every
        self._until = 1
        """Good answers until the next one is kept; the first is, for a short load has no other."""
        self._queue: deque[tuple[str, bytes]] = deque()
        self._schemas = SchemaChecker()
        self.sampled: dict[str, int] = {}
        self.failed: dict[str, int] = {}
        """By operation."""
        self.faults: list[str] = []

    def seen(self, operation: str, count: int, answers: bytes) -> None:
        self._until -= count
        if self._until > 0:
            return
        self._until = self._every
        if len(self._queue) < _QUEUE:
            self._queue.append((operation, answers))

    def work(self) -> None:
        """Validate what waits, for a moment."""
        end = monotonic_ns() + _SLICE
        while self._queue and monotonic_ns() < end:
            self._check(*self._queue.popleft())

    def enter(self, run: Run) -> None:
        """Validate all that waits, and count over what was taken for good."""
        while self._queue:
            self._check(*self._queue.popleft())
        run.sampled = sum(self.sampled.values())
        run.faults = self.faults
        run.failed_samples = sum(self.failed.values())
        for name, count in self.failed.items():
            tally = run.tallies[name]
            moved = min(count, tally.ok)
            tally.ok -= moved
            tally.errors["invalid"] = tally.errors.get("invalid", 0) + moved
            run.error_samples.setdefault("invalid", self.faults[0])

    def _check(self, name: str, answers: bytes) -> None:
        operation = self._operations[name]
        self.sampled[name] = self.sampled.get(name, 0) + 1
        for fault in self._faults(operation, answers.rstrip(b"\n").rpartition(b"\n")[2]):
            self.failed[name] = self.failed.get(name, 0) + 1
            if fault not in self.faults and len(self.faults) < _FAULTS:
                self.faults.append(fault)
            return

    def _faults(self, operation: Operation, answer: bytes) -> list[str]:
        try:
            text = jsonrpc.result_of(jsonrpc.decode(answer))
            result = as_object(text, operation.method)
            if operation.kind == "tool":
                check_tool_result(result)
                return self._schema_faults(operation, result)
        except McpctlError as error:
            return [f"{operation.name}: {error.message}"]
        except Exception as error:  # whatever a server sends ends here
            return [f"{operation.name}: the answer cannot be read: {error}"]
        needed = "contents" if operation.kind == "resource" else "messages"
        if operation.kind != "session" and not isinstance(result.get(needed), list):
            return [f"{operation.name}: the result has no `{needed}`"]
        return []

    def _schema_faults(self, operation: Operation, result: dict[str, Any]) -> list[str]:
        schema = operation.output_schema
        if schema is None or result.get("isError"):
            return []
        if "structuredContent" not in result:
            return [f"{operation.name}: the tool declares an output schema but sent no structured content"]
        try:
            # The very same object each time: that is how the compiled form is found again.
            same = cast("JsonObject", schema)
            found = self._schemas.faults((operation.name, "output"), same, result["structuredContent"])
        except UnusableSchema as error:
            return [f"{operation.name}: the tool's output schema is unusable: {error}"]
        return [f"{operation.name}: {fault}" for fault in found]
