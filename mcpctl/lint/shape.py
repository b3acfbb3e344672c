"""Faults of shape: a compiled checker says whether there are any, and only then jsonschema is loaded to say which."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from mcpctl.config.hosts.facts import HostFacts
from mcpctl.lint.checker import Check, compile_schema
from mcpctl.lint.finding import ShapeFault
from mcpctl.model.keypath import KeyPath

if TYPE_CHECKING:
    from mcpctl.lint.subject import Subject

_MOST_FAULTS = 200
"""Beyond that a file is not for this host at all."""


def shape_faults(subject: Subject) -> tuple[ShapeFault, ...]:
    """Everything that the schema of the host has against a file; computed once per file."""
    if subject.shape is None:
        subject.shape = tuple(_faults(subject))
    return subject.shape


def is_shapely(subject: Subject) -> bool:
    """Whether the schema has nothing against a file."""
    host = subject.host
    if host.manifest or host.closed:
        return _file_check(*_manifest_key(subject))(_own_part(subject)[1])
    if host.asks_inputs and isinstance(subject.value, dict) and "inputs" in subject.value:
        return False  # rare, and told apart below
    check = _entry_check(host.id)
    return all(check(entry.raw) for entry in subject.entries)


def _faults(subject: Subject) -> Iterator[ShapeFault]:
    host = subject.host
    if host.manifest or host.closed:
        key = _manifest_key(subject)
        base, value = _own_part(subject)
        if not _file_check(*key)(value):
            yield from _explain(_file_schema(*key), value, base)
        return
    entry = _entry_check(host.id)
    for each in subject.entries:
        if not entry(each.raw):
            yield from _explain(_entry_schema(host.id), each.raw, each.path)
    if host.asks_inputs and isinstance(subject.value, dict) and "inputs" in subject.value:
        inputs = _file_schema(host.id, None)["properties"]["inputs"]
        if not compile_schema(inputs)(subject.value["inputs"]):
            yield from _explain(inputs, subject.value["inputs"], ("inputs",))


def _manifest_key(subject: Subject) -> tuple[str, str | None]:
    from mcpctl.config.hosts.manifests import version_of

    host: HostFacts = subject.host
    return host.id, version_of(host.manifest, subject.value) if host.manifest else None


def _own_part(subject: Subject) -> tuple[KeyPath, Any]:
    """The part of the file that the schema is about: a table of `pyproject.toml`, else everything."""
    base = subject.host.own_table
    value = subject.value
    for part in base:
        value = value.get(part, {}) if isinstance(value, dict) else {}
    return base, value


@cache
def _file_schema(host_id: str, version: str | None) -> dict[str, Any]:
    from mcpctl.config.hosts.manifests import schema_of as manifest_schema
    from mcpctl.config.hosts.schemas import schema_of
    from mcpctl.config.hosts.table import rows

    host = rows()[host_id]
    if host.closed:
        from mcpctl.config import schema as own

        return own.load()
    return manifest_schema(host.manifest, version) if host.manifest else schema_of(host)


@cache
def _file_check(host_id: str, version: str | None) -> Check:
    return compile_schema(_file_schema(host_id, version))


@cache
def _entry_schema(host_id: str) -> dict[str, Any]:
    from mcpctl.config.hosts.schemas import entry_schema
    from mcpctl.config.hosts.table import rows

    return entry_schema(rows()[host_id])


@cache
def _entry_check(host_id: str) -> Check:
    return compile_schema(_entry_schema(host_id))


def _explain(schema: dict[str, Any], value: Any, base: KeyPath) -> Iterator[ShapeFault]:
    from jsonschema import validators
    from jsonschema.exceptions import best_match

    validator = validators.validator_for(schema)(schema)
    for error in islice(validator.iter_errors(value), _MOST_FAULTS):
        best = best_match([error]) if error.context else error
        while best.context and best.validator in {"anyOf", "oneOf"} and best_match(best.context) is not None:
            inner = best_match(best.context)
            if inner is None or inner is best:
                break
            best = inner
        yield _fault(best, base)


def _fault(error: Any, base: KeyPath) -> ShapeFault:
    missing = None
    if error.validator == "required" and isinstance(error.instance, dict):
        missing = next((name for name in error.validator_value if name not in error.instance), None)
        named = error.message.partition("'")[2].partition("'")[0]
        missing = named or missing
    return ShapeFault(
        at=(*base, *error.absolute_path),
        keyword=str(error.validator),
        expected=error.validator_value,
        instance=error.instance,
        message=error.message,
        schema=error.schema if isinstance(error.schema, dict) else {},
        missing=missing,
    )
