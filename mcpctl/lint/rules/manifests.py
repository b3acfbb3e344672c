"""Manifests and files of our own: what their schemas say, and which version of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mcpctl.config.hosts.manifests import MCPB_VERSIONS, REGISTRY_HOST, REGISTRY_VERSIONS, version_of
from mcpctl.lint.finding import Finding, ShapeFault
from mcpctl.lint.registry import Example, rule
from mcpctl.lint.shape import shape_faults
from mcpctl.lint.subject import Subject

_REGISTRY_GOOD = Example(
    '{\n  "$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",\n'
    '  "name": "io.github.acme/files",\n  "description": "Reads and writes files",\n  "version": "1.4.2"\n}',
    host="registry",
    whole=True,
)


@rule(
    "MCP134",
    "schema-violation",
    severity="error",
    traits=("misshapen",),
    scope="file",
    bad=Example(
        '{\n  "$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",\n'
        '  "name": "files",\n  "description": "Reads and writes files",\n  "version": "1.4.2"\n}',
        host="registry",
        whole=True,
    ),
    good=_REGISTRY_GOOD,
)
def schema_violation(subject: Subject) -> Iterator[Finding]:
    """A manifest or a file of mcpctl's own breaks the schema of its version.

    The registry refuses to publish it, the bundle does not install, or mcpctl does not start.
    """
    host = subject.host
    if not host.manifest and not host.closed:
        return
    for fault in shape_faults(subject):
        at, extra = fault.at, None
        if fault.keyword == "additionalProperties" and isinstance(fault.instance, dict):
            extra = _extra_key(fault)
            at = (*at, extra) if extra is not None else at
        on_key = extra is not None or (
            fault.keyword == "required" and bool(at) and not isinstance(at[-1], int)
        )
        yield Finding(
            at=at, part="key" if on_key else "value", message=_words(fault, extra), hint=_remedy(fault, extra)
        )


def _extra_key(fault: ShapeFault) -> str | None:
    """The first key that jsonschema names as one too many."""
    named = fault.message.partition("'")[2].partition("'")[0]
    return named if named in fault.instance else None


def _words(fault: ShapeFault, extra: str | None) -> str:
    name = f"`{fault.at[-1]}`" if fault.at else "the file"
    told = _SAYINGS.get(fault.keyword)
    return f"{name} {told(fault, extra) if told else 'is not valid here'}"


def _extra_words(fault: ShapeFault, extra: str | None) -> str:
    del fault
    return f"may not have a key `{extra}`" if extra else "has keys that do not belong there"


def _choice_words(fault: ShapeFault, extra: str | None) -> str:
    del extra
    choices = fault.expected if isinstance(fault.expected, list) else [fault.expected]
    return f"is one of {', '.join(f'`{each}`' for each in choices)}"


def _size_words(fault: ShapeFault, extra: str | None) -> str:
    del extra
    bound = "at most" if fault.keyword.startswith("max") else "at least"
    return f"is {len(fault.instance)} long, and {bound} {fault.expected} is allowed"


def _kind_words(fault: ShapeFault, extra: str | None) -> str:
    del extra
    kinds = fault.expected if isinstance(fault.expected, list) else [fault.expected]
    wanted = " or ".join(_KINDS.get(each, str(each)) for each in kinds)
    return f"is of the wrong kind: {wanted} is wanted"


_SAYINGS: dict[str, Callable[[ShapeFault, str | None], str]] = {
    "required": lambda fault, _: f"has no `{fault.missing}`",
    "additionalProperties": _extra_words,
    "enum": _choice_words,
    "const": _choice_words,
    "maxLength": _size_words,
    "minLength": _size_words,
    "maxItems": _size_words,
    "minItems": _size_words,
    "minimum": lambda fault, _: f"is at least {fault.expected}",
    "maximum": lambda fault, _: f"is at most {fault.expected}",
    "type": _kind_words,
    "pattern": lambda _fault, _extra: "does not have the form that is wanted",
}

_KINDS = {
    "string": "a text", "array": "a list", "object": "an object", "boolean": "`true` or `false`", "number": "a number",
    "integer": "a whole number", "null": "null",
}  # fmt: skip


def _remedy(fault: ShapeFault, extra: str | None) -> str | None:
    if fault.keyword == "required":
        return f"add `{fault.missing}`"
    if extra is not None:
        from mcpctl.lint.nearest import nearest

        known = fault.schema.get("properties", {})
        better = nearest(extra, known)
        return f"did you mean `{better}`?" if better else "remove it"
    if fault.keyword == "pattern":
        return f"it must match `{fault.expected}`"
    return None


@rule(
    "MCP135",
    "unknown-schema",
    severity="warning",
    scope="file",
    hosts=("registry", "mcpb"),
    bad=Example(
        '{\n  "$schema": "https://example.com/server.schema.json",\n  "name": "io.github.acme/files",\n'
        '  "description": "Reads and writes files",\n  "version": "1.4.2",\n  "packages": []\n}',
        host="registry",
        whole=True,
    ),
    good=_REGISTRY_GOOD,
)
def unknown_schema(subject: Subject) -> Iterator[Finding]:
    """A manifest names a version of its schema that does not exist, or none.

    It is then checked against the newest one here, and refused by the registry.
    """
    value, kind = subject.value, subject.host.manifest
    if not isinstance(value, dict) or version_of(kind, value) is not None:
        return
    if kind == "registry":
        newest = f"{REGISTRY_HOST}{REGISTRY_VERSIONS[-1]}/server.schema.json"
        said = value.get("$schema")
        yield Finding(
            at=("$schema",) if "$schema" in value else (),
            message="this is no published version of the schema"
            if said
            else "the file names no version of its schema",
            hint=f'write `"$schema": "{newest}"`',
        )
        return
    key = "manifest_version" if "manifest_version" in value else "dxt_version"
    yield Finding(
        at=(key,) if key in value else (),
        message=f"there is no version {value.get(key)!r} of this manifest"
        if key in value
        else "the manifest names no version",
        hint=f"write one of {', '.join(MCPB_VERSIONS)}",
    )
