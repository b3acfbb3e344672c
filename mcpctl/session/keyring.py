"""Secrets in the system's own keyring, through the optional package of that name. Loads it only when one is wanted."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

from mcpctl.errors import ConfigError
from mcpctl.model.protocol import JsonObject

SERVICE = "mcpctl"
"""What the entries of the keyring are filed under."""


def read(name: str) -> JsonObject | None:
    with _unlocked() as keyring:
        text = keyring.get_password(SERVICE, name)
    try:
        kept = json.loads(text or "null")
    except ValueError:
        return None
    return kept if isinstance(kept, dict) else None


def write(name: str, secrets: JsonObject) -> None:
    with _unlocked() as keyring:
        keyring.set_password(SERVICE, name, json.dumps(secrets))


def delete(name: str) -> None:
    with _unlocked() as keyring, contextlib.suppress(keyring.errors.PasswordDeleteError):
        keyring.delete_password(SERVICE, name)


@contextlib.contextmanager
def _unlocked() -> Iterator[Any]:
    """Raises `ConfigError` for whatever the keyring does not do."""
    try:
        import keyring
        import keyring.errors
    except ImportError as error:
        raise ConfigError(
            "tokens are to be kept in the system's keyring, and the package `keyring` is not installed",
            code="config.keyring",
            hint="run `pip install 'mcpctl-toolkit[keyring]'`, or keep them in files",
        ) from error
    try:
        yield keyring
    except Exception as error:
        # Backends raise whatever their system does; only the words of `keyring` itself are known to hold no secret.
        said = " ".join(str(error).split()) if isinstance(error, keyring.errors.KeyringError) else ""
        reason = said or type(error).__name__
        raise ConfigError(
            f"the system's keyring refused: {reason}",
            code="config.keyring",
            hint="unlock it, or keep tokens in files with `storage = 'file'`",
        ) from error
