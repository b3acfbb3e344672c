"""`mcpctl config view --as HOST,…`: what each host would make of a file, and where they would not agree."""

from __future__ import annotations

import os

from mcpctl.commands.config_file import existing, read_bytes, shown
from mcpctl.commands.context import Context
from mcpctl.commands.hosts import host_named
from mcpctl.config.hosts.facts import HostFacts, Kind
from mcpctl.config.hosts.references import references
from mcpctl.lint.engine import Plan, check
from mcpctl.lint.entry import Entry
from mcpctl.lint.places import known_secrets
from mcpctl.lint.reading import read_subject
from mcpctl.lint.secrets import mask
from mcpctl.lint.subject import Subject
from mcpctl.model.convert import Opinion, ViewOptions, ViewReport

USUAL = ("claude-code", "vscode", "cursor", "claude-desktop", "codex", "gemini")
"""Asked where no host is named, of any file but our own: nobody else reads that."""


_NO_LIST = frozenset({"MCP101", "MCP102", "MCP103"})
"""The host finds no list of servers: what it would say of each of them does not matter."""


def view(options: ViewOptions, ctx: Context) -> ViewReport:
    path = existing(options.path, ctx)
    file, data = shown(path, ctx), read_bytes(path, ctx)
    names = [name.strip() for each in options.hosts for name in each.split(",") if name.strip()]
    own = read_subject(file, data, real=os.path.normpath(path))
    usual = [own.host] if own.host.closed else [host_named(name) for name in USUAL]
    hosts = [host_named(name) for name in names] or usual
    plan = Plan(("MCP0", "MCP1"))
    opinions: list[Opinion] = []
    for host in hosts:
        opinions += _opinions(read_subject(file, data, host=host.id), own, own.host, plan)
    disagreements = tuple(
        name for name in dict.fromkeys(each.server for each in opinions) if _disagree(name, opinions)
    )
    return ViewReport(file=file, opinions=tuple(opinions), disagreements=disagreements)


def _disagree(name: str, opinions: list[Opinion]) -> bool:
    made = {(each.verdict, each.transport, each.target) for each in opinions if each.server == name}
    return len(made) > 1


def _opinions(subject: Subject, own: Subject, home: HostFacts, plan: Plan) -> list[Opinion]:
    found = check(subject, plan)
    broken = next(
        (finding.message for rule, finding in found if rule.code < "MCP1" and _is_error(rule, finding)), None
    )
    whole = next(
        (finding.message for rule, finding in found if finding.server is None and _is_error(rule, finding)),
        None,
    )
    broken = broken or next((finding.message for rule, finding in found if rule.code in _NO_LIST), None)
    reasons: dict[str, str] = {}
    for rule, finding in found:
        if finding.server is not None and _is_error(rule, finding) and rule.code not in {"MCP115", "MCP113"}:
            reasons.setdefault(finding.server, finding.message)
    seen = {entry.name: entry for entry in subject.entries}
    opinions = []
    for entry in own.entries:
        reason = broken or reasons.get(entry.name)
        if entry.name not in seen:
            reason = (
                reason
                or whole
                or f"{subject.host.title} looks for `{_root(subject.host)}`, this is a file for {home.title}"
            )
        opinions.append(_opinion(seen.get(entry.name, entry), subject, reason, seen=entry.name in seen))
    return opinions


def _is_error(rule: object, finding: object) -> bool:
    severity = getattr(finding, "severity", None) or getattr(rule, "severity", None)
    return severity == "error"


def _root(host: HostFacts) -> str:
    return ".".join(map(str, host.roots[0])) if host.roots else "no servers"


def _opinion(entry: Entry, subject: Subject, reason: str | None, *, seen: bool) -> Opinion:
    host = subject.host
    kind = _kind(entry, host) if seen else None
    off = seen and (
        ("disabled" in entry.names and entry.get("disabled") is True) or entry.get("enabled") is False
    )
    if reason or kind is None or kind not in host.transports:
        verdict, transport = "skips", None
        reason = reason or f"{host.title} cannot reach it"
    else:
        verdict, transport = ("off" if off else "starts" if kind == "stdio" else "connects"), kind
    expanded, literal = _variables(entry, host)
    known = subject.layout.names
    dropped = tuple(key for key in entry.raw if key not in known and not (host.listed and key == "name"))
    return Opinion(
        host=host.id,
        title=host.title,
        server=entry.name,
        verdict=verdict,
        transport=transport,
        target=mask(_target(entry, transport), known_secrets(subject)),
        reason=None
        if verdict in {"starts", "connects"}
        else mask(reason or "switched off", known_secrets(subject)),
        expanded=expanded,
        literal=literal,
        dropped=dropped if seen else (),
    )


def _kind(entry: Entry, host: HostFacts) -> Kind | None:
    """A host that goes by a word takes an entry without one for a process, whatever else it has."""
    if host.both == "type" and entry.word is None and entry.command is not None:
        return "stdio"
    return entry.kind(host)


def _target(entry: Entry, transport: str | None) -> str:
    if transport is None:
        return ""
    if transport == "stdio":
        return " ".join([entry.command or "", *map(str, entry.args)])
    return entry.url or ""


def _variables(entry: Entry, host: HostFacts) -> tuple[tuple[str, ...], tuple[str, ...]]:
    expanded: dict[str, None] = {}
    literal: dict[str, None] = {}
    for _, text in entry.expandable():
        for reference in references(text):
            if reference.form in host.variables:
                expanded[reference.text] = None
            elif reference.form not in {"bare", "percent"}:
                literal[reference.text] = None
    return tuple(expanded), tuple(literal)
