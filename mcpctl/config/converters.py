"""Plain values -> typed ones, one small function for each kind. Refuses by raising; knows no places and no keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

from mcpctl.model.duration import UNITS
from mcpctl.model.settings import KeyPath

Convert = Callable[[Any], Any]

SIZES = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "kB": 10**3, "MB": 10**6, "GB": 10**9, "B": 1}
"""`B` comes last, because the others end in it."""


class SurpriseError(Exception):
    """Something is not of the right shape: what is said of it, such as `must be text`, and the path to it.

    It names no value, because that may be a secret.
    """

    def __init__(self, message: str, path: KeyPath = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = path


class UnknownKeyError(SurpriseError):
    def __init__(self, key: str, known: tuple[str, ...]) -> None:
        super().__init__("is not a key that there is", (key,))
        self.key, self.known = key, known


def fields(raw: Any, table: Mapping[str, Convert]) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise SurpriseError("must be a table")
    values = {}
    for key, value in raw.items():
        convert = table.get(key)
        if convert is None:
            raise UnknownKeyError(key, tuple(table))
        values[key] = _below(key, convert, value)
    return values


def _below(key: str | int, convert: Convert, value: Any) -> Any:
    try:
        return convert(value)
    except SurpriseError as surprise:
        surprise.path = (key, *surprise.path)
        raise


def text(value: Any) -> str:
    if type(value) is not str:
        raise SurpriseError("must be text")
    return value


def filled(value: Any) -> str:
    if not text(value):
        raise SurpriseError("must not be empty")
    return str(value)


def flag(value: Any) -> bool:
    if type(value) is not bool:
        raise SurpriseError("must be `true` or `false`")
    return value


def texts(value: Any) -> tuple[str, ...]:
    if type(value) is not list:
        raise SurpriseError("must be a list of texts")
    return tuple(_below(index, text, item) for index, item in enumerate(value))


def duration(value: Any) -> float:
    """Seconds."""
    number = value
    if type(value) is str:
        suffix = next((unit for unit in UNITS if value.endswith(unit)), "")
        digits = value.removesuffix(suffix)
        if _is_decimal(digits):
            number = float(digits) * UNITS.get(suffix, 1.0)
    if type(number) not in (int, float) or not isfinite(number) or number < 0:
        raise SurpriseError("must be a duration such as `250ms`, `30s`, `5m` or a number of seconds")
    return float(number)


def more_than_nothing(value: Any) -> float:
    seconds = duration(value)
    if not seconds:
        raise SurpriseError("must be more than nothing")
    return seconds


def size(value: Any) -> int:
    """Bytes."""
    number = value
    if type(value) is str:
        suffix = next((unit for unit in SIZES if value.endswith(unit)), "")
        digits = value.removesuffix(suffix).rstrip(" ")
        if suffix and _is_decimal(digits):
            number = float(digits) * SIZES[suffix]
    if type(number) not in (int, float) or not isfinite(number) or number < 1:
        raise SurpriseError("must be a size such as `32MiB` or a number of bytes")
    return int(number)


def _is_decimal(digits: str) -> bool:
    return digits.isascii() and digits.replace(".", "", 1).isdigit() and len(digits) < 30


def whole(least: int, most: int | None = None) -> Convert:
    def convert(value: Any) -> int:
        if type(value) is float and value.is_integer():
            value = int(value)
        if type(value) is not int or value < least or (most is not None and value > most):
            bounds = f"from {least} on" if most is None else f"from {least} to {most}"
            raise SurpriseError(f"must be a whole number {bounds}")
        return value

    return convert


def number(least: float, most: float | None = None) -> Convert:
    def convert(value: Any) -> float:
        fits = type(value) in (int, float) and isfinite(value) and value >= least
        if not fits or (most is not None and value > most):
            bounds = f"from {least:g} on" if most is None else f"from {least:g} to {most:g}"
            raise SurpriseError(f"must be a number {bounds}")
        return float(value)

    return convert


def one_of(*words: str) -> Convert:
    def convert(value: Any) -> str:
        if value not in words:
            raise SurpriseError(f"must be one of {', '.join(f'`{word}`' for word in words)}")
        return str(value)

    return convert


def list_of(item: Convert) -> Convert:
    def convert(value: Any) -> tuple[Any, ...]:
        if type(value) is not list:
            raise SurpriseError("must be a list")
        return tuple(_below(index, item, inner) for index, inner in enumerate(value))

    return convert


def map_of(item: Convert) -> Convert:
    def convert(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise SurpriseError("must be a table")
        return {key: _below(key, item, inner) for key, inner in value.items()}

    return convert


def record(make: Callable[..., Any], table: Mapping[str, Convert], *required: str) -> Convert:
    def convert(value: Any) -> Any:
        values = fields(value, table)
        for key in required:
            if key not in values:
                raise SurpriseError(f"needs `{key}`")
        return make(**values)

    return convert


def plain(value: Any) -> Any:
    """Whatever JSON could say; TOML has dates besides."""
    if isinstance(value, dict):
        return {key: _below(key, plain, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_below(index, plain, inner) for index, inner in enumerate(value)]
    if value is not None and type(value) not in (str, bool, int, float):
        raise SurpriseError("must be text, a number, `true` or `false`, a list or a table")
    return value
