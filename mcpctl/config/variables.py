"""A server's description -> what it is really started with: variables filled in, as late as possible.

Never written back and never in a message: an error names the variable, the server and the place, not a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mcpctl.config.dotenv import read_env_file
from mcpctl.config.folders import home
from mcpctl.config.secrecy import is_secret_header, is_secret_name, secret_arguments, secrets_in_url
from mcpctl.config.together import raise_all
from mcpctl.config.values import HANDED_ON, Ask, Values
from mcpctl.model.server import OAuthSpec, ServerSpec
from mcpctl.model.settings import Settings
from mcpctl.model.value import dataclass, field, replace
from mcpctl.model.world import World

_PATHS = ("command", "cwd", "ca_file", "client_cert", "client_key")
_OAUTH_TEXTS = ("client_id", "client_secret", "private_key", "client_metadata_url", "issuer")
_OAUTH_SECRETS = ("client_secret", "private_key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A server ready to be reached. Its `repr` shows no values."""

    spec: ServerSpec = field(repr=False)
    env: Mapping[str, str] = field(repr=False)
    """The whole environment of the child; empty for a remote server."""
    secrets: tuple[str, ...] = field(repr=False)
    """What must not appear in any output."""


def resolve_server(spec: ServerSpec, settings: Settings, world: World, ask: Ask | None = None) -> Resolved:
    """Raises `ConfigError` for the first value that cannot be had, with every other one in `related`.

    `ask` is called for inputs that nobody gave; without it they are an error, unless they have a default.
    """
    values = Values(spec.name, settings, world, ask)
    if spec.command is None and spec.url is None:
        values.fail(f"server `{spec.name}` has neither a command nor an address", (), code="config.shape")
        raise_all(values.errors)
    values.from_file = _env_file(spec, values)
    filled: dict[str, Any] = {
        "args": tuple(values.fill(text, ("args", at)) for at, text in enumerate(spec.args)),
        "headers": _headers(spec, values),
        "oauth": _oauth(spec.oauth, values),
    }
    for key in (*_PATHS, "url"):
        text = getattr(spec, key)
        if text is not None:
            filled[key] = values.fill(text, (key,))
    env = _environment(spec, values)
    raise_all(values.errors)
    for key in _PATHS:
        if filled.get(key):
            filled[key] = _located(filled[key], values, is_command=key == "command")
    filled.setdefault("cwd", _default_cwd(spec, settings))
    for secret in (*secret_arguments(filled["args"]), *secrets_in_url(filled.get("url", ""))):
        values.keep_secret(secret)
    return Resolved(spec=replace(spec, **filled), env=env, secrets=tuple(values.secrets))


def _env_file(spec: ServerSpec, values: Values) -> dict[str, str]:
    if spec.env_file is None:
        return {}
    path = _located(values.fill(spec.env_file, ("env_file",)), values, is_command=False)
    raise_all(values.errors)
    found = read_env_file(Path(path), spec.name)
    for value in found.values():
        values.keep_secret(value)
    return found


def _headers(spec: ServerSpec, values: Values) -> dict[str, str]:
    headers = {name: values.fill(text, ("headers", name)) for name, text in spec.headers.items()}
    for name, variable in spec.header_env.items():
        headers[name] = values.variable(variable, ("header_env", name))
    if spec.bearer_env is not None:
        headers["Authorization"] = f"Bearer {values.variable(spec.bearer_env, ('bearer_env',))}"
    for name, value in headers.items():
        if is_secret_header(name):
            # `Bearer` is no secret: what follows it is, wherever it appears.
            values.keep_secret(value.rpartition(" ")[2])
    return headers


def _oauth(oauth: OAuthSpec | None, values: Values) -> OAuthSpec | None:
    if oauth is None:
        return None
    given = {key: text for key in _OAUTH_TEXTS if (text := getattr(oauth, key)) is not None}
    filled: dict[str, Any] = {key: values.fill(text, ("oauth", key)) for key, text in given.items()}
    for key in _OAUTH_SECRETS:
        values.keep_secret(filled.get(key, ""))
    return replace(oauth, **filled)


def _environment(spec: ServerSpec, values: Values) -> dict[str, str]:
    """What the child sees: each source over the one before."""
    outside = values.world.env
    for name in spec.required_env:
        if not (outside.get(name) or values.from_file.get(name) or spec.env.get(name)):
            hint = f"set it: `export {name}=…`"
            message = f"variable `{name}`, which server `{spec.name}` requires, is not set"
            values.fail(message, ("required_env",), code="config.unset_variable", hint=hint)
    if spec.command is None:
        return {}
    inherited = outside if spec.inherit_env is True else spec.inherit_env or ()
    names = (*HANDED_ON, *inherited, *spec.env_from, *spec.required_env)
    # A value that starts like this is a function that bash exported: the SDK does not hand it on either.
    env = {name: outside[name] for name in names if not outside.get(name, "()").startswith("()")}
    for name in (*spec.env_from, *spec.required_env):
        if name in env and name not in HANDED_ON:
            values.keep_secret(env[name])
    env.update(values.from_file)
    for name, text in spec.env.items():
        env[name] = values.fill(text, ("env", name))
        if is_secret_name(name):
            values.keep_secret(env[name])
    return env


def _located(path: str, values: Values, *, is_command: bool) -> str:
    """`~` and what a variable made relative; the rest was made absolute when its file was read."""
    if path == "~" or path.startswith("~/"):
        return str(home(values.world.env) / path[2:])
    if path.startswith("/") or (is_command and "/" not in path):
        return path
    return str((values.settings.folder or values.world.cwd) / path)


def _default_cwd(spec: ServerSpec, settings: Settings) -> str | None:
    """A configuration that was found by searching means its own folder, from wherever it was found."""
    searched = any(source.layer == "base" and source.status == "used" for source in settings.sources)
    if spec.command is None or not searched or spec.name not in settings.servers:
        return None
    return str(settings.folder)
