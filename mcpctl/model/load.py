"""What `loadtest` and its sisters are asked for, in the user's own words. Times are seconds."""

from __future__ import annotations

from typing import Literal

from mcpctl.model.asking import Aside
from mcpctl.model.value import dataclass, field

Model = Literal["closed", "open"]
Arrivals = Literal["constant", "poisson"]
Validity = Literal["valid", "generator_bound", "invalid"]
Comparison = Literal["pass", "improvement", "regression", "inconclusive"]
OperationKind = Literal["tool", "resource", "prompt", "session"]
Quantity = Literal["rate", "sessions", "concurrency"]
"""What a search for a limit raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions:
    """The user's own words: nothing is resolved, so that every mistake can be told in the format asked for."""

    words: tuple[str, ...] = ()
    """SERVER TOOL ITEM…; the tool is left out with a resource, a prompt, a mix, or `connect`."""
    aside: Aside = field(default_factory=Aside)
    arguments: str | None = None
    """The whole object, as JSON text or `@FILE`."""
    resource: str | None = None
    prompt: str | None = None
    mix: str | None = None
    connect: bool = False
    """Nothing but sessions: open one, close it, open the next."""

    concurrency: int | None = None
    rate: str | None = None
    arrivals: Arrivals | None = None
    requests: int | None = None
    duration: float | None = None
    warmup: float = 0.0
    ramp: float = 0.0
    stages: str | None = None
    sessions: int = 1
    think: float = 0.0
    calls_per_session: int | None = None
    max_in_flight: int | None = None
    call_timeout: float | None = None
    seed: int | None = None
    check_every: int = 1000
    """One in so many answers is validated in full; 0 for none."""
    validate: bool = True

    thresholds: tuple[str, ...] = ()
    abort_on_fail: bool = False
    baseline: str | None = None
    max_regression: str = "10%"
    find_limit: str | None = None
    limit_of: Quantity = "rate"

    workers: int = 1
    cluster: str | None = None
    shard: str | None = None
    start_at: str | None = None
    yes_remote: bool = False

    save: str | None = None
    report: str | None = None
    junit: str | None = None
    csv: str | None = None
    metrics: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AbOptions(LoadOptions):
    """The load, and the two servers that get it in turns."""

    a: str | None = None
    """A name, an address, or a command."""
    b: str | None = None
    pairs: int = 10
    inconclusive: Literal["pass", "fail"] = "fail"
    floor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareOptions:
    words: tuple[str, ...] = ()
    """Files before and after, with `--` between them."""
    floor: str | None = None
    inconclusive: Literal["pass", "fail"] = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeOptions:
    words: tuple[str, ...] = ()
    """Files of the shards."""
    thresholds: tuple[str, ...] = ()
    save: str | None = None
    report: str | None = None
    junit: str | None = None
    csv: str | None = None
