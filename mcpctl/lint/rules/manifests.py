"""Manifests and files of our own: what their schemas say, and which version of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mcpctl.config.hosts.manifests import MCPB_VERSIONS, REGISTRY_HOST, REGISTRY_VERSIONS, version_of
from mcpctl.lint.finding import Finding, ShapeFault
from mcpctl.lint.registry import Example, rule
from mcpctl.lint.rules.faults import KINDS, name_of, server_of
from mcpctl.lint.rules.roots import ROOTS, looks_like_servers
from mcpctl.lint.shape import shape_faults
from mcpctl.lint.subject import Subject
from mcpctl.lint.vocabulary import ALIASES

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
    faults = shape_faults(subject)
    misfits = {fault.at for fault in faults if fault.keyword in _KIND_WORDS}
    for fault in faults:
        if host.closed and _is_told_elsewhere(fault, subject):
            continue
        if fault.at in misfits and fault.keyword not in _KIND_WORDS:
            continue  # what is of the wrong kind need not have the right length too
        for extra in _extra_keys(fault) or (None,):
            if extra in ROOTS and not subject.entries and looks_like_servers(fault.instance[extra]):
                continue
            at = fault.at if extra is None else (*fault.at, extra)
            on_key = extra is not None or (
                fault.keyword == "required" and bool(at) and not isinstance(at[-1], int)
            )
            yield Finding(
                at=at,
                part="key" if on_key else "value",
                server=server_of(fault, subject),
                message=_words(fault, extra),
                hint=_remedy(fault, extra),
            )


_KIND_WORDS = ("type", "anyOf")


def _is_told_elsewhere(fault: ShapeFault, subject: Subject) -> bool:
    """Whether a rule of its own has more to say about such a fault in a list of servers."""
    if fault.keyword in {*_KIND_WORDS, "required"}:
        return True
    if not any(fault.at[:-1] == entry.path for entry in subject.entries):
        return False
    if fault.keyword == "enum":
        return fault.at[-1] == "transport" and isinstance(fault.instance, str)
    return fault.keyword == "minLength" and fault.at[-1] in {"command", "url"}


def _extra_keys(fault: ShapeFault) -> tuple[str, ...]:
    """The keys that are too many: only those may go by other patterns, and no schema here has any."""
    if fault.keyword != "additionalProperties" or not isinstance(fault.instance, dict):
        return ()
    known = fault.schema.get("properties", {})
    return tuple(key for key in fault.instance if key not in known)


def _words(fault: ShapeFault, extra: str | None) -> str:
    name = name_of(fault.at)
    if "title" in fault.schema and extra is None:
        return f"{name} must be {fault.schema['title']}"
    told = _SAYINGS.get(fault.keyword)
    return f"{name} {told(fault, extra) if told else 'is not valid here'}"


def _extra_words(fault: ShapeFault, extra: str | None) -> str:
    del fault
    return f"may not have a key `{extra}`" if extra else "has keys that do not belong there"


def _choice_words(fault: ShapeFault, extra: str | None) -> str:
    del extra
    choices = fault.expected if isinstance(fault.expected, list) else [fault.expected]
    return f"must be one of {', '.join(f'`{each}`' for each in choices)}"


def _size_words(fault: ShapeFault, extra: str | None) -> str:
    del extra
    bound = "at most" if fault.keyword.startswith("max") else "at least"
    return f"is {len(fault.instance)} long, and {bound} {fault.expected} is allowed"


def _kind_words(fault: ShapeFault, extra: str | None) -> str:
    del extra
    kinds = fault.expected if isinstance(fault.expected, list) else [fault.expected]
    wanted = " or ".join(KINDS.get(each, str(each)) for each in kinds)
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
    "minimum": lambda fault, _: f"must be at least {fault.expected}",
    "maximum": lambda fault, _: f"must be at most {fault.expected}",
    "type": _kind_words,
    "pattern": lambda _fault, _extra: "does not have the form that is wanted",
}


def _remedy(fault: ShapeFault, extra: str | None) -> str | None:
    if fault.keyword == "required":
        return f"add `{fault.missing}`"
    if extra is not None:
        return _better_key(extra, fault.schema.get("properties", {}))
    if "title" in fault.schema:
        return None
    if fault.keyword == "enum" and isinstance(fault.instance, str):
        from mcpctl.lint.nearest import nearest

        better = nearest(fault.instance, [each for each in fault.expected if isinstance(each, str)])
        return f"did you mean `{better}`?" if better else None
    if fault.keyword == "pattern":
        return f"it must match `{fault.expected}`"
    return None


def _better_key(extra: str, known: dict[str, Any]) -> str:
    if "command" in known and extra in _OUR_WORDS:
        return _OUR_WORDS[extra]
    meant = {**ALIASES, "type": "transport"}.get(extra)
    if meant == "type":
        meant = "transport"
    if meant in known and meant != extra:
        return f"call it `{meant}`"
    from mcpctl.lint.nearest import nearest

    better = nearest(extra, known)
    return f"did you mean `{better}`?" if better else "remove it"


_OUR_WORDS = {
    "disabled": "write `enabled = false` to switch the server off",
    "timeout": "call it `call_timeout` or `start_timeout`, and mind the unit: `30s`",
    "env_vars": "call it `env_from`",
    "autoApprove": "remove it: mcpctl asks nobody before a call",
    "alwaysAllow": "remove it: mcpctl asks nobody before a call",
}
"""What people know from other hosts, where another name alone would not do."""


@rule(
    "MCP135",
    "unknown-schema",
    severity="warning",
    scope="file",
    about=lambda host: host.manifest in {"registry", "mcpb"},
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
