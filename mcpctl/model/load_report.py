"""What a load test found, and what is told of it while it runs. Latencies are milliseconds, other times seconds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from mcpctl.model.events import Event
from mcpctl.model.load import Comparison, Model, OperationKind, Quantity, Validity
from mcpctl.model.report import Report
from mcpctl.model.value import dataclass, field

Phase = Literal["connecting", "waiting", "warmup", "load", "draining"]
"""`waiting` is for the moment at which all shards begin."""

Ending = Literal["complete", "interrupted", "aborted", "server_lost"]

ERROR_KINDS = (
    "is_error",
    "rpc_error",
    "http_status",
    "timeout",
    "connection_lost",
    "malformed",
    "crosstalk",
    "invalid",
)
"""In the order of reports. `invalid` is an answer of the right form whose content breaks the server's own schema."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Milliseconds."""

    min: float = 0.0
    mean: float = 0.0
    p50: float = 0.0
    p90: float = 0.0
    p95: float = 0.0
    p99: float = 0.0
    p999: float = 0.0
    max: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdOutcome:
    expr: str
    value: float
    """In the unit of the expression: milliseconds, a share of 1, a count, or requests per second."""
    passed: bool
    shown: str = ""
    note: str | None = None
    """Why the outcome should not be trusted too far, such as too few samples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorFacts:
    """What the generator cost, and what it added to the figures; of the worst worker where there are several."""

    cpu_pct: float = 0.0
    starved_pct: float = 0.0
    """Of the time, in which it was ready to run and others ran."""
    slip_us_p50: float = 0.0
    slip_us_p99: float = 0.0
    queue_ms_p50: float = 0.0
    """Own waiting that is part of the latencies: before a request was written, and before an answer was read."""
    lag_us_p50: float = 0.0
    lag_us_p99: float = 0.0
    gc_ms: float = 0.0
    gc_ms_max: float = 0.0
    cap_hits: int = 0
    late: int = 0
    """Answers to requests that had already run out of time."""
    workers: int = 1
    dead_workers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Second:
    """One second of the run, counted from its measured start."""

    at: float
    sent: int = 0
    ok: int = 0
    errors: Mapping[str, int] = field(default_factory=dict)
    in_flight: int = 0
    dropped: int = 0
    rps: float = 0.0
    """Requests that ended."""
    p50: float | None = None
    """None, as the others, where nothing was answered."""
    p90: float | None = None
    p99: float | None = None
    max: float | None = None
    span: float = 1.0
    """The last one may be shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSample:
    """A local server at one moment: its processor share since the sample before, and its memory."""

    server: str
    at: float
    cpu_pct: float
    memory_mb: float
    pid: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationReport:
    name: str
    kind: OperationKind
    requests: int
    ok: int
    errors: Mapping[str, int]
    rps: float
    latency: Spread
    service: Spread
    histogram: str
    service_histogram: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Answers that were validated in full, and the first faults found."""

    sampled: int = 0
    failed: int = 0
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricComparison:
    metric: str
    operation: str | None
    before: float
    after: float
    ratio: float
    low: float
    high: float
    """95 % interval of the ratio; above 1 is worse, for throughput too."""
    p_value: float | None
    floor: float
    detectable: float
    """The smallest change that runs as noisy as these would have shown, as a share."""
    verdict: Comparison
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadFiles:
    """Where a report is written to besides the screen; resolved paths."""

    html: Path | None = None
    junit: Path | None = None
    csv: Path | None = None
    summary: Path | None = None
    """Markdown is added to it, as CI systems want it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport(Report):
    server: str
    tool: str | None
    protocol_version: str
    transport: str
    model: Model
    sessions: int
    concurrency: float
    """Requests in flight that were asked for in the closed model, or requests a second in the open one."""
    requests: int
    ok: int
    errors_by_kind: Mapping[str, int]
    error_samples: Mapping[str, str]
    """The first text of each kind."""
    dropped: int
    duration: float
    rps: float
    latency: Spread
    service: Spread
    connect: Spread
    """Opening a session: process start or connection, and handshake."""
    connects: int
    restarts: int
    """Of those, sessions that took the place of others; of a local server, its process."""
    operations: tuple[OperationReport, ...]
    thresholds: tuple[ThresholdOutcome, ...]
    comparison: tuple[MetricComparison, ...]
    verdict: Validity
    reasons: tuple[str, ...]
    """Why the verdict is what it is, and what to do about it."""
    generator: GeneratorFacts
    checked: Checked
    seconds: tuple[Second, ...]
    processes: tuple[ProcessSample, ...]
    histogram: str
    service_histogram: str
    connect_histogram: str
    ended: Ending
    started_at: float
    """Seconds since the epoch."""
    environment: Mapping[str, Any]
    limit: LimitFound | None = None
    files: LoadFiles = field(default_factory=LoadFiles)


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitStep:
    level: float
    held: bool
    value: float
    """Of the threshold that is searched for, as `shown`."""
    shown: str
    rps: float
    final: bool = False
    """Nothing can be learnt from higher levels: the generator is the limit, or the load was ended."""
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitFound:
    """Answer of `--find-limit`: the highest level at which the threshold held."""

    expr: str
    quantity: Quantity
    highest: float | None
    steps: tuple[LimitStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadProgressed(Event):
    """Once a second while load is on."""

    elapsed: float
    planned: float | None
    """Seconds in all, where the plan says so."""
    share: float | None
    """How much of the load is done, from 0 to 1, where that can be told."""
    phase: Phase
    sent: int
    ok: int
    errors: Mapping[str, int]
    in_flight: int
    dropped: int
    rps: float
    now: Spread
    total: Spread
    buckets: tuple[tuple[float, int], ...] = ()
    """Upper edge in milliseconds and count, coarse enough to draw."""
    level: str | None = None
    """What was tried, where a limit is searched for."""
    strays: Mapping[str, int] = field(default_factory=dict)
    """Those of the errors that are no requests: answers that nobody asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonReport(Report):
    """Of `loadtest-ab` and `loadtest-compare`."""

    before: str
    after: str
    runs_before: int
    runs_after: int
    paired: bool
    metrics: tuple[MetricComparison, ...]
    verdict: Comparison
    notes: tuple[str, ...] = ()
