"""mcpctl's own format: names that lead nowhere, circles, numbers that cannot work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mcpctl.lint.entry import Entry
from mcpctl.lint.finding import Finding
from mcpctl.lint.nearest import nearest
from mcpctl.lint.registry import Example, rule
from mcpctl.lint.subject import Subject
from mcpctl.model.keypath import KeyPath

FILES = '[servers.files]\ncommand = "files-server"\n'


def own(more: str) -> Example:
    return Example(FILES + more, host="mcpctl", whole=True)


@rule(
    "MCP141",
    "undefined-fallback",
    severity="error",
    about=lambda host: host.closed,
    traits=("fallback",),
    bad=own('fallback = ["spare"]\n'),
    good=own('fallback = ["spare"]\n[servers.spare]\ncommand = "files-server"\n'),
)
def undefined_fallback(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A server falls back to one that does not exist.

    It would be found out at the worst moment: when the first one has failed.
    """
    known = {each.name for each in subject.entries}
    for index, name in enumerate(texts_of(entry.get("fallback"))):
        if name not in known:
            better = nearest(name, known - {entry.name})
            yield Finding(
                at=(*entry.at("fallback"), index),
                message=f"`{entry.name}` falls back to `{name}`, which does not exist",
                hint=f"did you mean `{better}`?" if better else f"add `[servers.{name}]`",
            )


@rule(
    "MCP142",
    "circular-fallback",
    severity="error",
    about=lambda host: host.closed,
    traits=("fallback",),
    bad=own('fallback = ["spare"]\n[servers.spare]\ncommand = "files-server"\nfallback = ["files"]\n'),
    good=own('fallback = ["spare"]\n[servers.spare]\ncommand = "files-server"\n'),
)
def circular_fallback(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """Servers fall back to each other in a circle.

    When all of them fail, each waits for the next; the circle is cut, and the last one is never tried.
    """
    following = {each.name: texts_of(each.get("fallback")) for each in subject.entries}
    for index, name in enumerate(texts_of(entry.get("fallback"))):
        circle = _path_to(entry.name, name, following)
        if circle is not None:
            words = " → ".join(f"`{each}`" for each in (entry.name, *circle))
            yield Finding(
                at=(*entry.at("fallback"), index),
                message=f"`{entry.name}` falls back to itself"
                if len(circle) == 1
                else f"this goes in a circle: {words}",
                hint="take one of them out",
            )


def _path_to(goal: str, start: str, following: dict[str, list[str]]) -> tuple[str, ...] | None:
    waiting: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while waiting:
        path = waiting.pop()
        if path[-1] == goal:
            return path
        if path[-1] in seen:
            continue
        seen.add(path[-1])
        waiting.extend((*path, name) for name in following.get(path[-1], []))
    return None


@rule(
    "MCP143",
    "profile-without-server",
    severity="warning",
    scope="file",
    about=lambda host: host.closed,
    mentions=("profiles",),
    bad=own('[profiles.production.servers.flies]\ncall_timeout = "10s"\n'),
    good=own('[profiles.production.servers.files]\ncall_timeout = "10s"\n'),
)
def profile_without_server(subject: Subject) -> Iterator[Finding]:
    """A profile changes a server that the file does not have.

    A profile may add servers, but then it needs a command or an address. Without, the name is misspelt.
    """
    known = {each.name for each in subject.entries}
    root, table = own_table(subject)
    profiles = table.get("profiles")
    for profile, layer in (profiles if isinstance(profiles, dict) else {}).items():
        servers = layer.get("servers") if isinstance(layer, dict) else None
        for name, raw in (servers if isinstance(servers, dict) else {}).items():
            if name in known or not isinstance(raw, dict) or {"command", "url"} & raw.keys():
                continue
            better = nearest(name, known)
            yield Finding(
                at=(*root, "profiles", profile, "servers", name),
                part="key",
                server=name,
                message=f"profile `{profile}` changes `{name}`, which does not exist",
                hint=f"did you mean `{better}`?" if better else "add its `command` or `url`",
            )


@rule(
    "MCP146",
    "undefined-feature",
    severity="warning",
    about=lambda host: host.closed,
    traits=("feature",),
    bad=own('feature = "beta"\n'),
    good=own('feature = "beta"\n[features]\nbeta = false\n'),
)
def undefined_feature(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A server depends on a feature that nothing switches.

    It is then on for everybody, unless somebody sets the variable `MCPCTL_FEATURE_…`. Name it under `[features]`.
    """
    feature = entry.get("feature")
    _, table = own_table(subject)
    known = table.get("features")
    names = set(known) if isinstance(known, dict) else set()
    profiles = table.get("profiles")
    for layer in (profiles if isinstance(profiles, dict) else {}).values():
        switched = layer.get("features") if isinstance(layer, dict) else None
        names |= set(switched) if isinstance(switched, dict) else set()
    if isinstance(feature, str) and feature not in names:
        better = nearest(feature, names)
        yield Finding(
            at=entry.at("feature"),
            message=f"nothing under `features` is called `{feature}`",
            hint=f"did you mean `{better}`?" if better else f"add `{feature} = true` to `[features]`",
        )


@rule(
    "MCP147",
    "undefined-rate-class",
    severity="error",
    about=lambda host: host.closed,
    traits=("rate_limit",),
    bad=own('rate_limit = { tools = { search = "costly" } }\n'),
    good=own('rate_limit = { classes = { costly = { limit = 5 } }, tools = { search = "costly" } }\n'),
)
def undefined_rate_class(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A tool is put into a class of limits that is not defined.

    `default`, `expensive` and `bulk` exist always; every other class needs its numbers.
    """
    del subject
    limits = entry.get("rate_limit")
    if not isinstance(limits, dict):
        return
    classes = limits.get("classes")
    known = {"default", "expensive", "bulk", *(classes if isinstance(classes, dict) else ())}
    tools = limits.get("tools")
    for tool, name in (tools if isinstance(tools, dict) else {}).items():
        if isinstance(name, str) and name not in known:
            better = nearest(name, known)
            yield Finding(
                at=(*entry.at("rate_limit"), "tools", tool),
                message=f"there is no class `{name}` of limits",
                hint=f"did you mean `{better}`?" if better else f"add it to `classes` of `{entry.name}`",
            )


def texts_of(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def own_table(subject: Subject) -> tuple[KeyPath, dict[str, Any]]:
    """The table of mcpctl, and its place, also where it is a part of `pyproject.toml`."""
    value, root = subject.value, subject.host.roots[0][:-1]
    for part in root:
        value = value.get(part) if isinstance(value, dict) else None
    return root, value if isinstance(value, dict) else {}
