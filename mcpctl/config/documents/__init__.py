"""Bytes of a configuration file -> value, positions and faults.

Two speeds: `load_value` knows nothing of places and is what a normal run pays for; `parse` finds the place of every key
and value and every fault of the file in one run. Neither looks at what the values mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from mcpctl.config.documents.document import Document

Syntax = Literal["json", "jsonc", "json5", "toml", "yaml"]
"""`json` calls comments, trailing commas and a byte order mark faults; `jsonc` only notes where they are."""

MAX_BYTES = 256 << 20
"""No configuration is that large; offsets of what is smaller fit into 32 bits."""


_LARGE = 1 << 20
"""From this size on the garbage collector costs more than it finds."""


class UnreadableError(Exception):
    """The fast path met something it does not explain: parse the file to hear what and where."""


def load_value(data: bytes, syntax: Syntax) -> Any:
    """The value alone, as fast as possible; raises `UnreadableError` for whatever is not plain and valid."""
    if syntax == "toml":
        return _load_toml(data)
    if syntax == "yaml" or len(data) > MAX_BYTES:
        raise UnreadableError
    if b"\\ud" in data or b"\\uD" in data:
        raise UnreadableError  # perhaps half a surrogate pair, which `json` lets through
    import json

    try:
        return json.loads(data.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise UnreadableError from error


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def parse(data: bytes, syntax: Syntax, file: str) -> Document:
    """Everything there is to know about the file; never raises for what stands in it."""
    from mcpctl.config.documents.document import Document
    from mcpctl.config.documents.draft import Draft, EnoughFaultsError
    from mcpctl.config.documents.encoding import decode

    draft = Draft()
    with suppress(EnoughFaultsError), _calm_collector(data):
        decode(data, draft, strict=syntax == "json", limit=MAX_BYTES)
        _reader(syntax)(draft, syntax)
    return Document(file, syntax, draft)


@contextmanager
def _calm_collector(data: bytes) -> Iterator[None]:
    """Millions of new values that all live on would be searched for garbage again and again."""
    import gc

    calm = len(data) > _LARGE and gc.isenabled()
    if calm:
        gc.disable()
    try:
        yield
    finally:
        if calm:
            gc.enable()


def _load_toml(data: bytes) -> Any:
    import tomli

    try:
        return tomli.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise UnreadableError from error


def _reader(syntax: Syntax) -> Any:
    if syntax == "toml":
        from mcpctl.config.documents.toml_reader import read_toml

        return read_toml
    if syntax == "yaml":
        from mcpctl.config.documents.yaml_reader import read_yaml

        return read_yaml
    from mcpctl.config.documents.json_reader import read_json

    return read_json
