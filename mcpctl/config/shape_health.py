"""`[servers.NAME.health]` -> the model, by the same kind of tables as `shape`.

Apart from it because a cold call of a server without such a section must not wait for what only this needs.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from mcpctl.config.converters import (
    Convert,
    SurpriseError,
    fields,
    filled,
    flag,
    list_of,
    map_of,
    more_than_nothing,
    one_of,
    plain,
    whole,
)
from mcpctl.model.health import LEVELS
from mcpctl.model.health_spec import CanarySpec, CheckSpec, ExpectSpec, HealthSpec


def decode_health(value: Any) -> HealthSpec:
    """Raises `SurpriseError`."""
    values = fields(value, HEALTH)
    alone = {key: values.pop(key) for key in ALONE if key in values}
    checks = values.pop("checks", ())
    if alone:
        checks = (*checks, CheckSpec(name="custom", **_reached(alone)))
    return HealthSpec(canaries=values.pop("canary", ()), checks=checks, **values)


def _canaries(value: Any) -> tuple[CanarySpec, ...]:
    """One is written as a table, several as a list of them."""
    several: tuple[CanarySpec, ...] = list_of(_canary)(value) if type(value) is list else (_canary(value),)
    return several


def _canary(value: Any) -> CanarySpec:
    values = fields(value, CANARY)
    if "tool" not in values:
        raise SurpriseError("needs `tool`")
    return CanarySpec(**values)


def _expect(value: Any) -> ExpectSpec:
    values = fields(value, EXPECT)
    pointer = values.get("pointer")
    if isinstance(pointer, dict):
        if "equals" in values:
            raise SurpriseError("says twice what is expected: in `pointer` and in `equals`")
        # `pointer = {"/sum" = 3}` reads best where a value is compared.
        ((values["pointer"], values["equals"]),) = pointer.items()
    elif "equals" in values and pointer is None:
        raise SurpriseError("needs `pointer`, the place of what `equals` names")
    if "schema" in values:
        values["json_schema"] = values.pop("schema")
    return ExpectSpec(has_equals="equals" in values, **values)


def _pointer(value: Any) -> str | dict[str, Any]:
    places = list(value) if isinstance(value, dict) else [value]
    if len(places) != 1 or type(places[0]) is not str or places[0][:1] not in ("", "/"):
        raise SurpriseError(
            "must be a JSON pointer such as `/items/0/name`, or a table of one pointer and the value there"
        )
    return plain(value)  # type: ignore[no-any-return]


def _checks(value: Any) -> tuple[CheckSpec, ...]:
    """A list, or a table by their names."""
    if type(value) is list:
        named = {f"checks[{at}]": each for at, each in enumerate(list_of(_check)(value))}
    elif isinstance(value, dict):
        named = map_of(_check)(value)
    else:
        raise SurpriseError("must be a list or a table")
    return tuple(CheckSpec(**{"name": name, **each}) for name, each in named.items())


def _check(value: Any) -> dict[str, Any]:
    return _reached(fields(value, CHECK))


def _reached(values: dict[str, Any]) -> dict[str, Any]:
    if ("command" in values) == ("url" in values):
        raise SurpriseError("needs a `command` or a `url`, and not both")
    return values


def _words(value: Any) -> tuple[str, ...]:
    if type(value) is list and value and all(type(each) is str for each in value):
        return tuple(value)
    try:
        words = tuple(shlex.split(filled(value)))
    except (SurpriseError, ValueError):
        words = ()
    if not words:
        raise SurpriseError("must be a command line or a list of words")
    return words


def _statuses(value: Any) -> tuple[int, ...]:
    status = whole(100, 599)
    several: tuple[int, ...] = list_of(status)(value) if type(value) is list else (status(value),)
    return several


LATENCY: dict[str, Convert] = dict.fromkeys(("p50", "p95", "p99"), more_than_nothing)

EXPECT: dict[str, Convert] = {
    "contains": filled,
    "regex": filled,
    "pointer": _pointer,
    "equals": plain,
    "schema": map_of(plain),
    "is_error": flag,
}
CANARY: dict[str, Convert] = {
    "tool": filled,
    "arguments": map_of(plain),
    "expect": _expect,
    "timeout": more_than_nothing,
}
CHECK: dict[str, Convert] = {
    "name": filled,
    "command": _words,
    "url": filled,
    "status": _statuses,
    "timeout": more_than_nothing,
}
ALONE = ("command", "url", "status")
"""Keys of a check that may stand in the section itself, where there is only one."""


def _latency(value: Any) -> Mapping[str, float]:
    return fields(value, LATENCY)


HEALTH: dict[str, Convert] = {
    "level": one_of(*LEVELS),
    "canary": _canaries,
    "checks": _checks,
    **{key: CHECK[key] for key in ALONE},
    "latency": _latency,
    "interval": more_than_nothing,
    "timeout": more_than_nothing,
    "fall": whole(1),
    "rise": whole(1),
    "required": flag,
    "soak": whole(1),
}
"""Every key of `[servers.NAME.health]`."""
