"""A server as it may be shown: what differs from the defaults, variables as they are written, secrets masked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcpctl.config.secrecy import (
    AUTH_SCHEMES,
    MASK,
    holds_key_file,
    is_secret_header,
    is_secret_name,
    looks_like_token,
    secret_arguments,
    secrets_in_url,
)
from mcpctl.config.templates import Reference, split
from mcpctl.model.server import ServerSpec
from mcpctl.model.value import fields_of

_NAMES_OF_VARIABLES = frozenset({"header_env", "bearer_env", "env_from", "required_env", "inherit_env"})
"""They say where secrets are, not what they are."""


def shown(spec: ServerSpec) -> dict[str, Any]:
    """In the words of our own format, but for times in seconds and sizes in bytes."""
    values: dict[str, Any] = {"transport": spec.transport}
    blank = ServerSpec(name=spec.name, transport=spec.transport)
    for name in fields_of(type(spec)):
        value = getattr(spec, name)
        if name not in ("name", "tool_truncate") and value != getattr(blank, name):
            values[name] = _masked_field(name, _plain(value))
    if spec.tool_truncate:
        values["tools"] = {name: {"truncate": _plain(value)} for name, value in spec.tool_truncate.items()}
    return values


def masked_text(text: str, *, secret: bool) -> str:
    """A text without its literal secrets; `Bearer` and the like are none."""
    return "".join(
        _masked_reference(piece, secret=secret)
        if isinstance(piece, Reference)
        else _masked_literal(piece, secret=secret)
        for piece in split(text)
    )


def _plain(value: Any) -> Any:
    fields = fields_of(type(value))
    if fields:
        named = {name: _plain(getattr(value, name)) for name in fields}
        return {name: inner for name, inner in named.items() if inner is not None}
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def _masked_field(name: str, value: Any) -> Any:
    if name in _NAMES_OF_VARIABLES:
        return value
    if name == "args":
        return _masked_arguments(value)
    if name == "headers":
        return {key: masked_text(text, secret=is_secret_header(key)) for key, text in value.items()}
    return _masked(name, value)


def _masked(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _masked(key, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_masked(name, inner) for inner in value]
    if not isinstance(value, str):
        return (
            MASK if is_secret_name(name) and isinstance(value, int | float) and value is not True else value
        )
    return _without(masked_text(value, secret=is_secret_name(name)), secrets_in_url(value))


def _masked_arguments(arguments: list[str]) -> list[str]:
    secrets = [text for text in secret_arguments(arguments) if text]
    found = []
    for argument in arguments:
        secrets_here = [*secrets, *secrets_in_url(argument)]
        found.append(_without(masked_text(argument, secret=False), secrets_here))
    return found


def _without(text: str, secrets: Any) -> str:
    for secret in secrets:
        masked = masked_text(secret, secret=True)
        if secret and masked != secret:
            text = text.replace(secret, masked)
    return text


def _masked_literal(text: str, *, secret: bool) -> str:
    if secret:
        words = text.split(" ")
        return " ".join(word if not word or word.lower() in AUTH_SCHEMES else MASK for word in words)
    if holds_key_file(text):
        return MASK
    return " ".join(MASK if looks_like_token(word) else word for word in text.split(" "))


def _masked_reference(reference: Reference, *, secret: bool) -> str:
    default = reference.default
    if not default:
        return reference.text
    masked = masked_text(default, secret=secret or is_secret_name(reference.name))
    return reference.text.removesuffix(f"{default}}}") + f"{masked}}}"
