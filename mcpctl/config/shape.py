"""Plain values -> the model, by tables. Knows the shape, not the place: a surprise is looked up by whoever reports it.

The same shape stands in `schema/mcpctl.schema.json`, for people, editors and good messages; a test keeps them equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcpctl.config.converters import (
    Convert,
    SurpriseError,
    duration,
    fields,
    filled,
    flag,
    list_of,
    map_of,
    more_than_nothing,
    number,
    one_of,
    plain,
    record,
    size,
    text,
    texts,
    whole,
)
from mcpctl.model.server import (
    BreakerSpec,
    CacheSpec,
    LimitsSpec,
    OAuthSpec,
    RateClass,
    RateLimitSpec,
    RetrySpec,
    ServerSpec,
    TruncateSpec,
)
from mcpctl.model.settings import InputSpec


def decode_server(
    name: str, raw: Mapping[str, Any], extra: Mapping[str, Any] | None = None, *, complete: bool = True
) -> ServerSpec:
    """A server, after all layers were merged; `complete` if it must say how it is reached.

    Raises `SurpriseError`.
    """
    values = fields(raw, SERVER)
    if "tools" in values:
        values["tool_truncate"] = values.pop("tools")
    command, url = values.get("command"), values.get("url")
    if command is not None and url is not None:
        raise SurpriseError("has both `command` and `url`")
    if command is None and url is None and complete:
        raise SurpriseError("has neither `command` nor `url`")
    transport = values.setdefault("transport", "stdio" if url is None else _transport_of(url))
    if (transport == "stdio") != (url is None) and (command or url):
        needed = "`command`" if transport == "stdio" else "`url`"
        raise SurpriseError(f"is `{transport}`, which needs {needed}", ("transport",))
    values.setdefault("extra", extra or {})
    return ServerSpec(name=name, **values)


def decode_input(name: str, raw: Mapping[str, Any]) -> InputSpec:
    return InputSpec(id=name, **fields(raw, INPUT))


def check_root(raw: Mapping[str, Any]) -> None:
    """Raise `SurpriseError` for the first thing in a file that is out of shape, in whichever profile."""
    fields(raw, ROOT)


def _transport_of(url: str) -> str:
    from mcpctl.config.lookup import guess_transport

    return guess_transport(url)


def _flag_or_texts(value: Any) -> bool | tuple[str, ...]:
    return value if type(value) is bool else texts(value)


def _health(value: Any) -> Any:
    from mcpctl.config.shape_health import decode_health

    return decode_health(value)


def _tool(value: Any) -> TruncateSpec:
    return fields(value, {"truncate": _TRUNCATE}).get("truncate") or TruncateSpec()


RETRY: dict[str, Convert] = {
    "attempts": whole(1),
    "initial": duration,
    "factor": number(1),
    "maximum": duration,
    "jitter": number(0, 1),
    "on": list_of(one_of("timeout", "connection_lost", "server_busy")),
    "unsafe": flag,
}
BREAKER: dict[str, Convert] = {"threshold": whole(1), "reset": duration}
RATE_CLASS: dict[str, Convert] = {
    "limit": whole(1),
    "per": more_than_nothing,
    "burst": whole(1),
    "algorithm": one_of("bucket", "window"),
}
RATE_LIMIT: dict[str, Convert] = {
    "classes": map_of(record(RateClass, RATE_CLASS, "limit")),
    "tools": map_of(text),
    "wait": duration,
}
CACHE: dict[str, Convert] = {"tools": map_of(duration), "entries": whole(1)}
OAUTH: dict[str, Convert] = {
    "client_id": text,
    "client_secret": text,
    "scopes": texts,
    "redirect_port": whole(1, 65535),
    "grant": one_of("authorization_code", "client_credentials"),
    "private_key": text,
    "client_metadata_url": text,
    "issuer": text,
    "allow_hosts": texts,
    "storage": one_of("file", "keyring"),
}
TRUNCATE: dict[str, Convert] = {
    "head": whole(0),
    "tail": whole(0),
    "max_chars": whole(0),
    "max_tokens": whole(0),
    "preset": one_of("preview", "summary", "recent", "adaptive", "full"),
}
_TRUNCATE = record(TruncateSpec, TRUNCATE)
LIMITS: dict[str, Convert] = {
    "max_message": size,
    "write_timeout": duration,
    "memory": size,
    "open_files": whole(1),
    "cpu_seconds": whole(1),
}

SERVER: dict[str, Convert] = {
    "transport": one_of("stdio", "http", "sse"),
    "command": filled,
    "args": texts,
    "env": map_of(text),
    "env_file": text,
    "env_from": texts,
    "inherit_env": _flag_or_texts,
    "cwd": text,
    "url": filled,
    "headers": map_of(text),
    "header_env": map_of(text),
    "bearer_env": text,
    "oauth": record(OAuthSpec, OAUTH),
    "ca_file": text,
    "client_cert": text,
    "client_key": text,
    "description": text,
    "enabled": flag,
    "feature": text,
    "tags": texts,
    "layer": text,
    "capabilities": texts,
    "required_env": texts,
    "start_timeout": duration,
    "call_timeout": duration,
    "lifecycle": one_of("lazy", "eager", "keep-alive"),
    "idle_timeout": duration,
    "reload": one_of("swap", "restart"),
    "watch": texts,
    "allow_tools": texts,
    "deny_tools": texts,
    "read_only": flag,
    "retry": record(RetrySpec, RETRY),
    "breaker": record(BreakerSpec, BREAKER),
    "rate_limit": record(RateLimitSpec, RATE_LIMIT),
    "cache": record(CacheSpec, CACHE),
    "fallback": texts,
    "health": _health,
    "truncate": _TRUNCATE,
    "tools": map_of(_tool),
    "limits": record(LimitsSpec, LIMITS),
    "extra": map_of(plain),
}
"""Every key of `[servers.NAME]` and of `[defaults]`."""

INPUT: dict[str, Convert] = {"description": text, "password": flag, "default": text, "options": texts}


def _partial(table: Mapping[str, Convert]) -> Convert:
    """A layer says only what it changes: what is missing is not its business."""
    return lambda value: fields(value, table)


PROFILE: dict[str, Convert] = {
    "servers": map_of(_partial(SERVER)),
    "defaults": _partial(SERVER),
    "features": map_of(flag),
    "inputs": map_of(_partial(INPUT)),
}
LINT: dict[str, Convert] = {
    "select": texts,
    "ignore": texts,
    "per-file": map_of(texts),
    "fail-on": one_of("error", "warning", "info", "never"),
}
"""What `validate` goes by; nothing else looks at it."""

ROOT: dict[str, Convert] = {
    **PROFILE,
    "profiles": map_of(_partial(PROFILE)),
    "lint": _partial(LINT),
    "$schema": text,
}
