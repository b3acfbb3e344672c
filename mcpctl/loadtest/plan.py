"""Everything one generator has to know, as a plain value: it goes to a worker on this machine or another as JSON.

Secrets are in it (headers, variables of a server), so it travels through pipes and never through argv or files.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from mcpctl.loadtest.profile import Profile
from mcpctl.model.load import Arrivals, Model, OperationKind
from mcpctl.model.protocol import Era
from mcpctl.model.server import LimitsSpec, TransportKind
from mcpctl.model.value import dataclass, field, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One server, with every variable resolved, and what its first session agreed on."""

    name: str
    transport: TransportKind
    era: Era
    protocol_version: str
    initialize: Mapping[str, Any] = field(default_factory=dict)
    """Parameters of `initialize`, in the handshake era."""
    command: str | None = None
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str | None = None
    limits: LimitsSpec = field(default_factory=LimitsSpec)
    url: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    ca_file: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    start_timeout: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    name: str
    """What reports and thresholds call it."""
    kind: OperationKind
    target: int
    method: str
    params: str
    """JSON text, with templates in it."""
    headers: Mapping[str, str] = field(default_factory=dict)
    weight: float = 1.0
    content: str = ""
    """What is asked for, without what a server's era adds to it: by this two loads are known to be the same."""
    input_schema: Mapping[str, Any] | None = None
    """Where arguments are repeated in headers, as its annotations ask."""
    output_schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    targets: tuple[Target, ...]
    operations: tuple[Operation, ...]
    model: Model
    profile: Profile
    """Of all shards and sessions together: requests a second, or requests in flight in the closed model."""
    arrivals: Arrivals = "constant"
    requests: int | None = None
    warmup: float = 0.0
    """Seconds at the beginning of the profile that are not counted."""
    think: float = 0.0
    sessions: int = 1
    """Of every target."""
    calls_per_session: int | None = None
    max_in_flight: int = 1000
    call_timeout: float = 60.0
    seed: int = 0
    check_every: int = 1000
    lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What the files of `{{line FILE}}` hold."""
    shard: int = 0
    shards: int = 1
    start_at: float | None = None
    """Seconds since the epoch at which all shards begin."""
    abort_on: tuple[str, ...] = ()
    """Thresholds that end the load as soon as they are missed for good."""

    @property
    def open_sessions(self) -> int:
        """Sessions of each target that this shard holds; every shard needs one."""
        return max(1, shared(self.sessions, self.shard, self.shards))


def shared(whole: int, shard: int, shards: int) -> int:
    """The part of a number that falls to one shard; the parts add up to it."""
    return whole // shards + (shard < whole % shards)


def shard_of(plan: Plan, shard: int, shards: int) -> Plan:
    """The same load, divided: this one's share of the sessions, the requests and the level."""
    requests = plan.requests
    if requests is not None:
        # A shard without a place in flight would never send what fell to it.
        able = shards if plan.model == "open" else max(1, min(shards, round(plan.profile.peak)))
        requests = shared(requests, shard, able) if shard < able else 0
    return replace(plan, shard=shard, shards=shards, requests=requests)


def plan_to_json(plan: Plan) -> Any:
    return msgspec.to_builtins(plan)


def plan_from(value: Any) -> Plan:
    return msgspec.convert(value, type=Plan)
