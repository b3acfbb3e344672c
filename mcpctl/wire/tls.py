"""One TLS context per set of files, made when first needed: each costs 16 ms and most of a megabyte.

Certificates are always verified; there is no switch to turn that off.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import NoReturn

from mcpctl.errors import ConfigError
from mcpctl.model.value import dataclass

MAX_CONTEXTS = 16
"""A supervisor that runs for weeks sees certificates rotate; the oldest context goes."""

_contexts: dict[tuple[object, ...], ssl.SSLContext] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """Where trust and identity come from; `ca_file` takes the place of what the system trusts."""

    ca_file: str | None = None
    ca_dir: str | None = None
    client_cert: str | None = None
    client_key: str | None = None


def tls_files(
    env: Mapping[str, str],
    *,
    ca_file: str | None = None,
    client_cert: str | None = None,
    client_key: str | None = None,
) -> TlsFiles:
    """What a server names wins over `SSL_CERT_FILE` and `SSL_CERT_DIR`."""
    return TlsFiles(
        ca_file=ca_file or env.get("SSL_CERT_FILE") or None,
        ca_dir=None if ca_file else env.get("SSL_CERT_DIR") or None,
        client_cert=client_cert,
        client_key=client_key,
    )


def tls_context(files: TlsFiles) -> ssl.SSLContext:
    """The shared context; a file that changed on disk gets a fresh one. Raises `ConfigError`."""
    paths = (files.ca_file, files.ca_dir, files.client_cert, files.client_key)
    key = (files, *(_modified(path) for path in paths if path))
    context = _contexts.get(key)
    if context is None:
        context = _make(files)
        while len(_contexts) >= MAX_CONTEXTS:
            del _contexts[next(iter(_contexts))]
        _contexts[key] = context
    return context


def tls_reason(error: ssl.SSLError) -> str:
    """OpenSSL's own word for it, in lower case."""
    return (error.reason or "unknown reason").lower().replace("_", " ")


def _modified(path: str) -> int:
    from pathlib import Path

    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return 0  # whoever loads it says so in words


def _make(files: TlsFiles) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["http/1.1"])
    if files.ca_file or files.ca_dir:
        try:
            context.load_verify_locations(cafile=files.ca_file, capath=files.ca_dir)
        except (ssl.SSLError, OSError) as error:
            message = (
                f"the certificates in `{files.ca_file or files.ca_dir}` cannot be used: {_reason(error)}"
            )
            raise ConfigError(message, code="config.tls", hint="give the path of a PEM file") from error
    else:
        context.load_default_certs()
    if files.client_cert:
        _identify(context, files.client_cert, files.client_key)
    return context


def _identify(context: ssl.SSLContext, certificate: str, key: str | None) -> None:
    def locked() -> NoReturn:
        message = f"the key in `{key or certificate}` is encrypted"
        raise ConfigError(
            message,
            code="config.tls",
            hint="give a key without a passphrase: `openssl pkey -in KEY -out PLAIN`",
        )

    try:
        context.load_cert_chain(certificate, key, password=locked)
    except (ssl.SSLError, OSError) as error:
        message = f"the client certificate `{certificate}` cannot be used: {_reason(error)}"
        raise ConfigError(message, code="config.tls", hint="check `client_cert` and `client_key`") from error


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return tls_reason(error)
    return error.strerror or str(error)
