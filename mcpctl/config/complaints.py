"""Everything that is wrong with a file, each with its place: loaded only when something is.

A message names keys and places, never a value: it may be a secret.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from mcpctl.config.converters import SurpriseError
from mcpctl.errors import ConfigError, McpctlError
from mcpctl.model.settings import KeyPath

if TYPE_CHECKING:
    from mcpctl.config.documents.document import Document, Span

_OTHER_NAMES = {
    "mcpServers": "servers",
    "mcp_servers": "servers",
    "server": "servers",
    "profile": "profiles",
    "environment": "env",
    "envs": "env",
    "envFile": "env_file",
    "serverUrl": "url",
    "httpUrl": "url",
    "uri": "url",
    "workingDir": "cwd",
    "working_dir": "cwd",
    "workdir": "cwd",
    "cmd": "command",
    "arguments": "args",
    "type": "transport",
    "timeout": "call_timeout",
    "disabled": "enabled",
    "includeTools": "allow_tools",
    "excludeTools": "deny_tools",
    "timeout_ms": "call_timeout",
}
"""What other formats call our keys: said before anything that merely looks alike."""

FEW = 10
"""So many keys are named one by one."""

_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "`true` or `false`",
    "array": "a list",
    "object": "a table",
    "null": "nothing",
}


def syntax_errors(document: Document) -> list[McpctlError]:
    return [
        _error(document, fault.span, fault.message, code="config.syntax", hint=fault.hint)
        for fault in document.faults
    ]


def host_errors(document: Document, faults: Sequence[tuple[KeyPath, str]]) -> list[McpctlError]:
    """What is said of each path in another host's file."""
    return [_shape_error(document, path, said) for path, said in faults]


def shape_errors(document: Document, prefix: KeyPath, surprise: SurpriseError) -> list[McpctlError]:
    """All faults that the schema finds below `prefix`, else the one that made somebody look."""
    value = document.value
    for part in prefix:
        value = value[part]
    errors = sorted(
        _schema_errors(document, prefix, value), key=lambda error: (error.line or 0, error.column or 0)
    )
    return errors or [_shape_error(document, surprise.path, surprise.message, prefix)]


def _schema_errors(document: Document, prefix: KeyPath, value: Any) -> Iterator[McpctlError]:
    from jsonschema import Draft202012Validator

    from mcpctl.config.schema import load

    for error in Draft202012Validator(load()).iter_errors(value):
        path = tuple(error.absolute_path)
        if error.validator == "additionalProperties":
            yield from _unknown_keys(document, prefix, path, error)
        elif error.validator == "required":
            missing = next(key for key in error.validator_value if key not in error.instance)
            yield _shape_error(document, path, f"needs `{missing}`", prefix)
        else:
            yield _shape_error(document, path, f"must be {_expected(error.schema)}", prefix)


def _unknown_keys(document: Document, prefix: KeyPath, path: KeyPath, error: Any) -> Iterator[ConfigError]:
    known = error.schema.get("properties", {})
    for key in error.instance:
        if key in known:
            continue
        yield _error(
            document,
            document.nearest((*prefix, *path, key)),
            f"{_named(path)} has no key `{key}`" if path else f"there is no key `{key}`",
            code="config.unknown_key",
            hint=did_you_mean(key, known),
            server=_server_of(path),
        )


def did_you_mean(key: str, known: Any) -> str:
    if _OTHER_NAMES.get(key) in known:
        return f"did you mean `{_OTHER_NAMES[key]}`?"
    from difflib import get_close_matches

    near = get_close_matches(key, known, n=1, cutoff=0.7)
    if near:
        return f"did you mean `{near[0]}`?"
    if 0 < len(known) <= FEW:
        return f"its keys are {', '.join(f'`{each}`' for each in known)}"
    return "see `mcpctl help settings` for the keys that there are"


def _expected(schema: dict[str, Any]) -> str:
    if "title" in schema:
        return str(schema["title"])
    if "enum" in schema:
        return f"one of {', '.join(f'`{word}`' for word in schema['enum'])}"
    types = schema.get("type", "object")
    words = " or ".join(_TYPES[each] for each in ([types] if isinstance(types, str) else types))
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        return f"{words} from {least} to {most}"
    if least is not None:
        return f"{words} from {least} on"
    return f"{words} that is not empty" if schema.get("minLength") else words


def _shape_error(document: Document, path: KeyPath, said: str, prefix: KeyPath = ()) -> ConfigError:
    span = _place(document, (*prefix, *path))
    return _error(document, span, f"{_named(path)} {said}", code="config.shape", server=_server_of(path))


def _error(
    document: Document,
    span: Span,
    message: str,
    *,
    code: str,
    hint: str | None = None,
    server: str | None = None,
) -> ConfigError:
    return ConfigError(
        message, code=code, hint=hint, server=server, file=document.file, line=span.line, column=span.column
    )


def _place(document: Document, path: KeyPath) -> Span:
    """The value, where it is one; else the nearest key above it."""
    return document.span(path) or document.nearest(path)


def _named(path: KeyPath) -> str:
    """A path as one would write it in TOML."""
    if not path:
        return "the file"
    words = [f"[{part}]" if isinstance(part, int) else f".{_quoted(part)}" for part in path]
    return f"`{''.join(words).removeprefix('.')}`"


def _quoted(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else f'"{key}"'


def _server_of(path: KeyPath) -> str | None:
    """The server that a path leads into, whatever the file calls its root."""
    for at, part in enumerate(path[:-1]):
        if part in ("servers", "mcpServers", "mcp_servers", "context_servers", "extensions", "mcp"):
            name = path[at + 1]
            return name if isinstance(name, str) else None
    return None
