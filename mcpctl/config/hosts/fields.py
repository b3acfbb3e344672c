"""How the value of each field is taken over: one small function for each name that the facts use.

A function raises `SurpriseError` for a value of the wrong kind. A name without a function is kept as `extra`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mcpctl.config.converters import SurpriseError, flag, number, text, texts
from mcpctl.config.hosts.facts import Field, HostFacts
from mcpctl.config.hosts.taken import Taken

Take = Callable[[Taken, Any, Field], None]

_MANY_SECONDS = 1000
"""Nobody waits that long for a call: where a host does not name its unit, so many are milliseconds."""

_OAUTH = {
    "clientId": "client_id",
    "client_id": "client_id",
    "CLIENT_ID": "client_id",
    "clientSecret": "client_secret",
    "client_secret": "client_secret",
    "CLIENT_SECRET": "client_secret",
    "callbackPort": "redirect_port",
    "scopes": "scopes",
    "scope": "scopes",
}


def take(host: HostFacts, taken: Taken, known: Field, value: Any) -> None:
    """Take one value over, by the name of its field."""
    if known.name == "command":
        _command(host, taken, value, known)
    elif known.name in _FIELDS:
        _FIELDS[known.name](taken, value, known)
    else:
        taken.extra[known.path[0]] = value


def _command(host: HostFacts, taken: Taken, value: Any, known: Field) -> None:
    """A text, a list that brings arguments along, or the object that Zed wrote before 2025."""
    if isinstance(value, dict):
        for part in ("path", "args", "env"):
            if part in value:
                inner = Field("command" if part == "path" else part, f"{known.path[0]}.{part}")
                take(host, taken, inner, value[part])
        return
    words = list(texts(value)) if isinstance(value, list) else _words_of(host, text(value))
    if not words:
        raise SurpriseError("must not be empty")
    taken.set("command", words[0], known)
    taken.first_arguments = words[1:]


def _words_of(host: HostFacts, line: str) -> list[str]:
    if not host.splits_commands:
        return [line] if line else []
    import shlex

    try:
        return shlex.split(line)
    except ValueError:
        return [line]


def _as(own: str, convert: Callable[[Any], Any]) -> Take:
    def take_as(taken: Taken, value: Any, known: Field) -> None:
        converted = convert(value)
        taken.set(own, list(converted) if isinstance(converted, tuple) else converted, known)

    return take_as


def _address(taken: Taken, value: Any, known: Field) -> None:
    taken.set("url", text(value), known)
    taken.speaks_sse = known.name == "sse_url"


def _word(taken: Taken, value: Any, known: Field) -> None:
    taken.words[known.path] = text(value)


def _texts_by_name(taken: Taken, value: Any, known: Field) -> None:
    """Numbers and booleans become text, as a shell would see them; null leaves the name out."""
    if not isinstance(value, dict):
        raise SurpriseError("must be an object of texts")
    found = {}
    for key, inner in value.items():
        if isinstance(inner, dict | list):
            raise SurpriseError("must be text", (key,))
        if inner is not None:
            found[str(key)] = str(inner).lower() if isinstance(inner, bool) else str(inner)
    taken.set(known.name, found, known)


def _time(taken: Taken, value: Any, known: Field) -> None:
    amount = number(0)(value)
    milliseconds = known.unit == "ms" or (not known.unit and amount >= _MANY_SECONDS)
    own = "call_timeout" if known.name in {"timeout", "call_timeout"} else "start_timeout"
    taken.set(own, amount / 1000 if milliseconds else amount, known)


def _disabled(taken: Taken, value: Any, known: Field) -> None:
    taken.set("enabled", not flag(value), known)


def _env_from(taken: Taken, value: Any, known: Field) -> None:
    """Names, or objects with one."""
    listed = value if isinstance(value, list) else [value]
    names = [item.get("name") if isinstance(item, dict) else item for item in listed]
    taken.set("env_from", list(texts(names)), known)


def _executable(taken: Taken, value: Any, known: Field) -> None:
    if "command" not in taken.raw:
        taken.set("command", text(value), known)


def _bearer_token(taken: Taken, value: Any, known: Field) -> None:
    del known
    taken.raw.setdefault("headers", {}).setdefault("Authorization", f"Bearer {text(value)}")


def _keep_alive(taken: Taken, value: Any, known: Field) -> None:
    if flag(value):
        taken.set("lifecycle", "keep-alive", known)


def _lifecycle(taken: Taken, value: Any, known: Field) -> None:
    if value in ("lazy", "eager", "keep-alive"):
        taken.set("lifecycle", value, known)
    else:
        taken.extra[known.path[0]] = value


def _tools(taken: Taken, value: Any, known: Field) -> None:
    """A list of tools to offer, of which `*` means all; other hosts mean other things by it."""
    if value == ["*"]:
        return
    if isinstance(value, list):
        taken.set("allow_tools", list(texts(value)), known)
    else:
        taken.extra[known.path[0]] = value


def _oauth(taken: Taken, value: Any, known: Field) -> None:
    given = value if isinstance(value, dict) else {}
    oauth = {_OAUTH[key]: inner for key, inner in given.items() if key in _OAUTH}
    if isinstance(oauth.get("scopes"), str):
        oauth["scopes"] = oauth["scopes"].split()
    if oauth:
        taken.set("oauth", oauth, known)
    rest = {key: inner for key, inner in given.items() if key not in _OAUTH}
    if rest or not given:
        taken.extra[known.path[0]] = rest or value


def _dev(taken: Taken, value: Any, known: Field) -> None:
    watch = value.get("watch") if isinstance(value, dict) else None
    if isinstance(watch, str | list):
        taken.set("watch", [watch] if isinstance(watch, str) else list(texts(watch)), known)
    rest = (
        {key: inner for key, inner in value.items() if key != "watch"} if isinstance(value, dict) else value
    )
    if rest:
        taken.extra[known.path[0]] = rest


_FIELDS: dict[str, Take] = {
    "args": _as("args", texts),
    "cwd": _as("cwd", text),
    "env_file": _as("env_file", text),
    "bearer_env": _as("bearer_env", text),
    "description": _as("description", text),
    "enabled": _as("enabled", flag),
    "allow_tools": _as("allow_tools", texts),
    "deny_tools": _as("deny_tools", texts),
    "disabled_tools": _as("deny_tools", texts),
    "watch_paths": _as("watch", texts),
    "url": _address,
    "plain_url": _address,
    "server_url": _address,
    "snake_url": _address,
    "snake_server_url": _address,
    "sse_url": _address,
    "type": _word,
    "type_alias": _word,
    "transport_word": _word,
    "env": _texts_by_name,
    "headers": _texts_by_name,
    "header_env": _texts_by_name,
    "timeout": _time,
    "call_timeout": _time,
    "start_timeout": _time,
    "start_timeout_ms": _time,
    "disabled": _disabled,
    "env_from": _env_from,
    "executable": _executable,
    "bearer_token": _bearer_token,
    "keep_alive": _keep_alive,
    "lifecycle": _lifecycle,
    "tools": _tools,
    "oauth": _oauth,
    "auth": _oauth,
    "dev": _dev,
}
