"""Descriptions of servers without the secrets that somebody typed into them.

Variables are shown as they were written: `Bearer ${TOKEN}` says where a secret is, not what it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mcpctl.commands.context import Context
from mcpctl.config.secrecy import MASK, is_secret_header, is_secret_name, secret_arguments, secrets_in_url
from mcpctl.model.server import ServerSpec
from mcpctl.policy.redaction import Redactor

NAMES_ONLY = frozenset({"bearer_env", "header_env", "env_from", "required_env"})
"""Keys whose values are names of variables."""


def masked(values: dict[str, Any], spec: ServerSpec, ctx: Context) -> dict[str, Any]:
    """Any JSON value that was made from the description, with everything secret masked."""
    typed = Redactor(_typed(spec))

    def visit(value: Any, key: str, inside: str) -> Any:
        if isinstance(value, dict):
            return {name: visit(inner, name, key) for name, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [visit(inner, "", key) for inner in value]
        if not isinstance(value, str) or inside in NAMES_ONLY or key in NAMES_ONLY:
            return value
        secret = is_secret_header(key) if inside == "headers" else is_secret_name(key)
        if secret and not _is_reference(value):
            return MASK
        return ctx.redactor.clean(typed.clean(value))

    return {name: visit(value, name, "") for name, value in values.items()}


def _typed(spec: ServerSpec) -> Iterator[str]:
    found = [*secret_arguments(spec.args), *(secrets_in_url(spec.url) if spec.url else ())]
    return (secret for secret in found if not _is_reference(secret))


def _is_reference(text: str) -> bool:
    """A default behind `:-` is a value again."""
    return "${" in text and ":-" not in text
