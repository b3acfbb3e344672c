"""Files of `NAME=value` lines: comments, quotes and `export` are understood, nothing is expanded or executed."""

from __future__ import annotations

from pathlib import Path

from mcpctl.config.bounded import read_bounded
from mcpctl.errors import ConfigError

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "$": "$", "`": "`"}


def read_env_file(path: Path, server: str) -> dict[str, str]:
    """Raises `ConfigError` with the line that is none. No message shows what stands in the file."""
    try:
        text = read_bounded(path).decode("utf-8-sig")
    except OSError as error:
        reason = (error.strerror or "it cannot be opened").lower()
        raise ConfigError(
            f"the `env_file` of server `{server}` cannot be read: {reason}",
            code="config.env_file",
            hint=f"create `{path}`, or change `env_file`",
            file=str(path),
            server=server,
        ) from error
    except UnicodeDecodeError as error:
        message = f"the `env_file` of server `{server}` is not UTF-8"
        raise ConfigError(message, code="config.env_file", file=str(path), server=server) from error
    values = {}
    for number, line in enumerate(text.splitlines(), 1):
        content = line.strip()
        if not content or content.startswith("#"):
            continue
        entry = _entry(content)
        if entry is None:
            raise ConfigError(
                "this line is not `NAME=value`",
                code="config.env_file",
                hint="quote the value, or put `#` before the line",
                file=str(path),
                line=number,
                server=server,
            )
        values[entry[0]] = entry[1]
    return values


def _entry(line: str) -> tuple[str, str] | None:
    name, equals, rest = line.removeprefix("export ").partition("=")
    name = name.strip()
    if not equals or not name.replace("_", "a").replace(".", "a").isalnum():
        return None
    value = _value(rest.strip())
    return None if value is None else (name, value)


def _value(raw: str) -> str | None:
    if raw[:1] == "'":
        inner, closed, behind = raw[1:].partition("'")
        return inner if closed and _is_comment(behind) else None
    if raw[:1] == '"':
        return _double_quoted(raw)
    for at, char in enumerate(raw):
        if char == "#" and (at == 0 or raw[at - 1].isspace()):
            return raw[:at].rstrip()
    return raw


def _double_quoted(raw: str) -> str | None:
    pieces, at = [], 1
    while at < len(raw) and raw[at] != '"':
        if raw[at] == "\\" and at + 1 < len(raw):
            at += 1
            pieces.append(_ESCAPES.get(raw[at], f"\\{raw[at]}"))
        else:
            pieces.append(raw[at])
        at += 1
    return "".join(pieces) if at < len(raw) and _is_comment(raw[at + 1 :]) else None


def _is_comment(behind: str) -> bool:
    return not behind.strip() or behind.lstrip().startswith("#")
