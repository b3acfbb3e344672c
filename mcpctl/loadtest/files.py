"""The files of a load: stages and mixes, in TOML or JSON; every fault names the file and the entry.

`{"stages": [{"duration": "30s", "rate": 50}, …]}`, or `concurrency` throughout in place of `rate`;
`{"mix": [{"tool": "echo", "weight": 3, "arguments": {…}}, …]}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from mcpctl.errors import UsageError
from mcpctl.loadtest.shape import Stage, Stages
from mcpctl.model.duration import parse_duration
from mcpctl.model.load import Model

_JSON = re.compile(r"\s*(?:\{|\[\s*\{)")
"""How JSON begins and TOML never does."""

_MOST = 16 << 20
"""Bytes; a mix of a thousand entries is a hundredth of it."""


def read_text(path: Path) -> str:
    """Raises `UsageError`."""
    try:
        if path.stat().st_size > _MOST:
            raise UsageError(f"`{path}` is larger than {_MOST >> 20} MiB", code="usage.file", file=str(path))
        return path.read_text("utf-8")
    except OSError as error:
        raise UsageError(
            f"`{path}` cannot be read: {(error.strerror or str(error)).lower()}",
            code="usage.file",
            file=str(path),
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"`{path}` is not text in UTF-8", code="usage.file", file=str(path)) from error


def read_stages(path: Path) -> Stages:
    entries = _entries(path, "stages")
    steps = [_stage(entry, path, number) for number, entry in enumerate(entries, 1)]
    models = {model for model, _ in steps if model is not None}
    if len(models) > 1:
        raise _fault(
            path, "some stages give a `rate` and others a `concurrency`", "use one of them throughout"
        )
    if not models:
        raise _fault(
            path, "the stages give neither `rate` nor `concurrency`", "write `rate = 50` in place of `target`"
        )
    return Stages(model=cast("Model", models.pop()), steps=tuple(stage for _, stage in steps))


def read_mix(path: Path) -> list[Mapping[str, Any]]:
    entries = _entries(path, "mix")
    for number, entry in enumerate(entries, 1):
        _check_mix_entry(entry, path, number)
    return entries


_KINDS = ("tool", "resource", "prompt")
_MIX_KEYS = {*_KINDS, "server", "name", "weight", "arguments"}
_STAGE_KEYS = {"duration", "rate", "concurrency"}


def _entries(path: Path, key: str) -> list[Mapping[str, Any]]:
    value = _parsed(path)
    entries = value.get(key) if isinstance(value, dict) else value
    if not isinstance(entries, list) or not entries:
        raise _fault(path, f"it holds no list `{key}`", f"write one `[[{key}]]` for each entry")
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict):
            raise _fault(
                path, f"entry {number} of `{key}` is no table", f"write one `[[{key}]]` for each entry"
            )
    return entries


def _parsed(path: Path) -> Any:
    import tomli

    text = read_text(path)
    as_json = path.suffix == ".json" or _JSON.match(text) is not None
    try:
        return json.loads(text) if as_json else tomli.loads(text)
    except json.JSONDecodeError as error:
        raise _fault(
            path, f"it is not JSON: {error.msg.lower()}", line=error.lineno, column=error.colno
        ) from error
    except tomli.TOMLDecodeError as error:
        raise _fault(
            path, f"it is not TOML: {error.msg.lower()}", line=error.lineno, column=error.colno
        ) from error


def _stage(entry: Mapping[str, Any], path: Path, number: int) -> tuple[str | None, Stage]:
    unknown = entry.keys() - _STAGE_KEYS
    if unknown:
        raise _fault(
            path,
            f"stage {number} has an unknown key `{min(unknown)}`",
            f"use {', '.join(sorted(_STAGE_KEYS))}",
        )
    levels = [key for key in ("rate", "concurrency") if key in entry]
    if len(levels) != 1:
        raise _fault(
            path, f"stage {number} needs either `rate` or `concurrency`", "give the level at its end"
        )
    level = entry[levels[0]]
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0 <= level < 1e9:
        raise _fault(path, f"`{levels[0]}` of stage {number} is no number of 0 or more")
    model = "open" if levels[0] == "rate" else "closed"
    return model, Stage(seconds=_seconds(entry.get("duration"), path, number), level=float(level))


def _seconds(value: Any, path: Path, number: int) -> float:
    try:
        return parse_duration(value if isinstance(value, str) else str(value + 0))
    except (TypeError, ValueError) as error:
        raise _fault(
            path, f"`duration` of stage {number} is no duration", "write it as `30s` or `5m`"
        ) from error


def _check_mix_entry(entry: Mapping[str, Any], path: Path, number: int) -> None:
    unknown = entry.keys() - _MIX_KEYS
    if unknown:
        raise _fault(
            path, f"entry {number} has an unknown key `{min(unknown)}`", f"use {', '.join(sorted(_MIX_KEYS))}"
        )
    named = [kind for kind in _KINDS if kind in entry]
    if len(named) != 1 or not isinstance(entry[named[0]], str):
        raise _fault(
            path, f"entry {number} needs one of `tool`, `resource` and `prompt`", "give its name as a text"
        )
    weight = entry.get("weight", 1)
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight < 1e9:
        raise _fault(path, f"`weight` of entry {number} is no number above 0")
    if not isinstance(entry.get("arguments", {}), dict):
        raise _fault(path, f"`arguments` of entry {number} is no table")
    for key in ("server", "name"):
        if not isinstance(entry.get(key, ""), str):
            raise _fault(path, f"`{key}` of entry {number} is no text")


def _fault(
    path: Path, message: str, hint: str | None = None, *, line: int | None = None, column: int | None = None
) -> UsageError:
    return UsageError(
        f"`{path}`: {message}", code="usage.file", hint=hint, file=str(path), line=line, column=column
    )
