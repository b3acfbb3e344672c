"""One server as mcpctl sees it, whichever file it was described in.

Texts are kept as written: variables such as `${TOKEN}` are resolved late, by `config.variables`.
Times are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from mcpctl.model.value import dataclass, field

if TYPE_CHECKING:
    from mcpctl.model.health_spec import HealthSpec

TransportKind = Literal["stdio", "http", "sse"]
BreakerState = Literal["closed", "open", "half_open"]
Preset = Literal["preview", "summary", "recent", "adaptive", "full"]
ReloadStrategy = Literal["swap", "restart"]
TokenStorage = Literal["file", "keyring"]

DEFAULT_MAX_MESSAGE = 32 << 20
"""Bytes of one message; screenshots are a few MiB, and a bomb is stopped long before it hurts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrySpec:
    attempts: int = 3
    initial: float = 0.2
    factor: float = 2.0
    maximum: float = 30.0
    jitter: float = 0.5
    on: tuple[str, ...] = ("timeout", "connection_lost", "server_busy")
    unsafe: bool = False
    """Also retry tools that are neither read-only nor idempotent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerSpec:
    threshold: int = 5
    reset: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RateClass:
    limit: int
    per: float = 60.0
    burst: int | None = None
    algorithm: Literal["bucket", "window"] = "bucket"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimitSpec:
    classes: Mapping[str, RateClass] = field(default_factory=dict)
    """By class name; `default`, `expensive` and `bulk` have numbers of their own where none are given."""
    tools: Mapping[str, str] = field(default_factory=dict)
    """Tool name -> class name; every other tool is in `default`."""
    wait: float = 0.0
    """How long a call may wait for its turn before it is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheSpec:
    tools: Mapping[str, float] = field(default_factory=dict)
    """Tool name -> seconds that an answer may be reused. A tool that is not named is never cached."""
    entries: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthSpec:
    client_id: str | None = None
    client_secret: str | None = None
    scopes: tuple[str, ...] = ()
    redirect_port: int | None = None
    grant: Literal["authorization_code", "client_credentials"] = "authorization_code"
    private_key: str | None = None
    """PEM text, or the path of a file that holds it."""
    client_metadata_url: str | None = None
    issuer: str | None = None
    """The authorization server that the client belongs to: its secret is sent nowhere else."""
    allow_hosts: tuple[str, ...] = ()
    """Hosts of OAuth addresses that may be private, or without TLS."""
    storage: TokenStorage | None = None
    """Where tokens are kept; `$MCPCTL_TOKEN_STORAGE` says it for all servers, and a file is the default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TruncateSpec:
    """How much of a result is shown; every field is optional, and none means everything."""

    head: int | None = None
    tail: int | None = None
    max_chars: int | None = None
    max_tokens: int | None = None
    preset: Preset | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsSpec:
    max_message: int = DEFAULT_MAX_MESSAGE
    write_timeout: float = 10.0
    memory: int | None = None
    open_files: int | None = None
    cpu_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSpec:
    name: str
    transport: TransportKind = "stdio"

    command: str | None = None
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    env_file: str | None = None
    env_from: tuple[str, ...] = ()
    """Names of variables handed on from mcpctl's own environment."""
    inherit_env: bool | tuple[str, ...] = False
    cwd: str | None = None

    url: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    header_env: Mapping[str, str] = field(default_factory=dict)
    """Header name -> the variable that holds its value."""
    bearer_env: str | None = None
    oauth: OAuthSpec | None = None
    ca_file: str | None = None
    client_cert: str | None = None
    client_key: str | None = None

    description: str | None = None
    enabled: bool = True
    feature: str | None = None
    tags: tuple[str, ...] = ()
    layer: str | None = None
    capabilities: tuple[str, ...] = ()
    required_env: tuple[str, ...] = ()

    start_timeout: float | None = None
    call_timeout: float | None = None
    lifecycle: Literal["lazy", "eager", "keep-alive"] = "lazy"
    idle_timeout: float | None = None
    reload: ReloadStrategy = "swap"
    watch: tuple[str, ...] | None = None

    allow_tools: tuple[str, ...] | None = None
    deny_tools: tuple[str, ...] = ()
    read_only: bool = False

    retry: RetrySpec | None = None
    breaker: BreakerSpec | None = None
    rate_limit: RateLimitSpec | None = None
    cache: CacheSpec | None = None
    fallback: tuple[str, ...] = ()
    health: HealthSpec | None = None
    truncate: TruncateSpec | None = None
    tool_truncate: Mapping[str, TruncateSpec] = field(default_factory=dict)
    limits: LimitsSpec = field(default_factory=LimitsSpec)

    extra: Mapping[str, Any] = field(default_factory=dict)
    """What the file said that mcpctl does not act on, kept for reports and conversion."""
