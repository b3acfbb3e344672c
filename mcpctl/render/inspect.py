"""How a server is introduced: who it is, what it can do, what it offers, how quick it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mcpctl.model.offers import Inspection, InspectReport
from mcpctl.model.protocol import JsonObject
from mcpctl.render.blocks import Block, Cell, Fields, Flow, Line, Prose, Words
from mcpctl.render.tools import signature
from mcpctl.render.view import View
from mcpctl.session.answers import tool_from


def data(report: InspectReport) -> dict[str, Any]:
    servers = [_server(each) for each in report.servers]
    return servers[0] if len(servers) == 1 and not report.errors else {"servers": servers}


def human(report: InspectReport) -> Iterator[Block]:
    for at, each in enumerate(report.servers):
        if at:
            yield Line(("",))
        yield from _introduced(each)


def notes(report: InspectReport) -> Iterator[Block]:
    for each in report.servers:
        for note in each.notes:
            yield Line((Cell("note:", "warn"), f" `{each.server}`: {note}"))


def _server(server: Inspection) -> dict[str, Any]:
    identity = server.identity
    return {
        "server": server.server,
        "name": identity.name if identity else None,
        "version": identity.version if identity else None,
        "protocol_version": identity.protocol_version if identity else None,
        "era": identity.era if identity else None,
        "capabilities": identity.capabilities if identity else {},
        "instructions": identity.instructions if identity else None,
        "tools": list(server.tools),
        "resources": list(server.resources),
        "templates": list(server.templates),
        "prompts": list(server.prompts),
        "connect_ms": round(server.connect_ms, 3),
        "list_ms": {name: round(value, 3) for name, value in server.list_ms.items()},
        "notes": list(server.notes),
    }


def _introduced(server: Inspection) -> Iterator[Block]:
    identity = server.identity
    assert identity is not None
    listed = sum(server.list_ms.values())
    rows: list[tuple[str, Words]] = [
        ("server", Cell(server.server, "name")),
        ("identity", f"{identity.name or '?'} {identity.version or ''}".rstrip()),
        ("protocol", f"{identity.protocol_version} ({identity.era})"),
        ("capabilities", ", ".join(_capabilities(identity.capabilities)) or "none declared"),
        ("took", f"{server.connect_ms:.0f} ms to connect, {listed:.0f} ms to list"),
    ]
    yield Fields(rows)
    if identity.instructions:
        yield Line(("",))
        yield Prose(identity.instructions, markdown=True)
    yield from _section("Tools", [signature(tool_from(tool)) for tool in server.tools])
    yield from _section("Resources", [_entry(each, "uri") for each in server.resources])
    yield from _section("Templates", [_entry(each, "uriTemplate") for each in server.templates])
    yield from _section("Prompts", [prompt_signature(each) for each in server.prompts])


def _capabilities(capabilities: JsonObject) -> Iterator[str]:
    for name, detail in capabilities.items():
        flags = [key for key, value in detail.items() if value is True] if isinstance(detail, dict) else []
        yield f"{name} ({', '.join(flags)})" if flags else name


def _section(title: str, lines: list[tuple[Words, ...]]) -> Iterator[Block]:
    if lines:
        yield Line(("",))
        yield Line((Cell(f"{title} ({len(lines)})", "strong"),))
        for line in lines:
            yield Flow(("  ", *line))


def _entry(entry: JsonObject, key: str) -> tuple[Words, ...]:
    about = entry.get("description") or entry.get("title") or entry.get("name") or ""
    return (Cell(str(entry[key]), "name"), f"  {str(about).partition(chr(10))[0]}")


def prompt_signature(prompt: JsonObject) -> tuple[Words, ...]:
    listed = prompt.get("arguments")
    arguments = [each for each in (listed if isinstance(listed, list) else []) if isinstance(each, dict)]
    names = [f"{each.get('name')}{'' if each.get('required') else '?'}" for each in arguments]
    return (Cell(str(prompt["name"]), "name"), f"({', '.join(names)})")


INSPECT = View(report=InspectReport, data=data, human=human, notes=notes, paged=True)
