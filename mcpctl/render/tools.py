"""How tools are shown: as signatures that can be read at a glance, and one tool as a page with an example."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from mcpctl.model.offers import Found, SearchReport, ServerTools, ToolsReport
from mcpctl.model.protocol import JsonObject, Tool
from mcpctl.render.blocks import Block, Cell, Code, Fields, Flow, Line, Prose, Table, Words
from mcpctl.render.view import View

_HINTS = {
    "readOnlyHint": ("read-only", "writes"),
    "destructiveHint": ("destructive", ""),
    "idempotentHint": ("idempotent", ""),
    "openWorldHint": ("open world", "closed world"),
}


def tools_data(report: ToolsReport) -> dict[str, Any]:
    if report.tool is not None:
        server = report.servers[0].server
        return {"server": server, "tool": report.tool.raw, "example": report.example}
    servers = [
        {"server": each.server, "tools": [tool.raw for tool in each.tools], "faults": list(each.faults)}
        for each in report.servers
    ]
    return servers[0] if len(servers) == 1 and not report.errors else {"servers": servers}


def tools_human(report: ToolsReport) -> Iterator[Block]:
    if report.schema:
        tools = [tool.raw for each in report.servers for tool in each.tools]
        yield Code(
            json.dumps(tools if report.tool is None else tools[0], indent=2, ensure_ascii=False), "json"
        )
    elif report.tool is not None:
        yield from _page(report.tool, report.example)
    else:
        several = len(report.servers) + len(report.errors) > 1
        for at, each in enumerate(report.servers):
            if several and at:
                yield Line(("",))
            if several:
                yield Line((Cell(each.server, "strong"),))
            yield from _signatures(each)


def tools_notes(report: ToolsReport) -> Iterator[Block]:
    for each in report.servers:
        for fault in each.faults:
            yield Line((Cell("note:", "warn"), f" `{each.server}`: {fault}"))
        if not each.tools and report.tool is None:
            yield Line((Cell("note:", "dim"), f" `{each.server}` has no tools to show"))


def signature(tool: Tool) -> tuple[Words, ...]:
    """`add(a: integer, b: integer, round?: boolean = true)`."""
    parts: list[Words] = [Cell(tool.name, "name"), "("]
    for at, (name, declared, required) in enumerate(_parameters(tool.input_schema)):
        parts.append(", " if at else "")
        parts.append(f"{name}{'' if required else '?'}: ")
        parts.append(Cell(type_words(declared), "dim"))
        if "default" in declared:
            parts.append(f" = {json.dumps(declared['default'], ensure_ascii=False)}")
    parts.append(")")
    return tuple(parts)


def type_words(declared: JsonObject) -> str:
    """A schema in a few words: `integer`, `"a"|"b"`, `string[]`, `integer|null`."""
    values = declared.get("enum", [declared["const"]] if "const" in declared else None)
    if isinstance(values, list):
        return "|".join(json.dumps(value, ensure_ascii=False) for value in values)
    options = declared.get("anyOf", declared.get("oneOf"))
    if isinstance(options, list):
        return "|".join(type_words(option) for option in options if isinstance(option, dict)) or "any"
    if isinstance(declared.get("$ref"), str):
        return str(declared["$ref"]).rpartition("/")[2] or "any"
    kind = declared.get("type")
    if kind == "array":
        items = declared.get("items")
        inner = type_words(items) if isinstance(items, dict) else "any"
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    return "|".join(str(each) for each in kind) if isinstance(kind, list) else str(kind or "any")


def hints(tool: Tool) -> list[str]:
    said = []
    for key, (yes, no) in _HINTS.items():
        value = tool.annotations.get(key)
        word = yes if value is True else no if value is False else ""
        if word:
            said.append(word)
    return said


def _parameters(schema: JsonObject) -> Iterator[tuple[str, JsonObject, bool]]:
    """Required ones first, as one types them."""
    properties, required = schema.get("properties"), schema.get("required")
    properties = properties if isinstance(properties, dict) else {}
    required = required if isinstance(required, list) else []
    for wanted in (True, False):
        for name, declared in properties.items():
            if (name in required) is wanted:
                yield name, declared if isinstance(declared, dict) else {}, wanted


def _signatures(listed: ServerTools) -> Iterator[Block]:
    for tool in listed.tools:
        said = hints(tool)
        yield Flow((*signature(tool), Cell(f"  [{', '.join(said)}]", "dim") if said else ""))
        if tool.description:
            first = tool.description.strip().partition("\n")[0]
            yield Flow(("    ", first))


def _page(tool: Tool, example: str | None) -> Iterator[Block]:
    yield Flow(signature(tool))
    if tool.title and tool.title != tool.name:
        yield Line((Cell(tool.title, "strong"),))
    if said := hints(tool):
        yield Line((Cell(", ".join(said), "dim"),))
    if tool.description:
        yield Line(("",))
        yield Prose(tool.description)
    rows = [
        (
            Cell(name, "name"),
            type_words(declared),
            "required" if required else _default(declared),
            str(declared.get("description") or ""),
        )
        for name, declared, required in _parameters(tool.input_schema)
    ]
    if rows:
        yield Line(("",))
        yield Table(("ARGUMENT", "TYPE", "NEEDED", "MEANING"), rows, prose=True)
    results = [
        (name, Cell(type_words(each), "dim")) for name, each, _ in _parameters(tool.output_schema or {})
    ]
    if results:
        yield Line(("",))
        yield Line((Cell("Returns", "strong"),))
        yield Fields(results)
    if example is not None:
        yield Line(("",))
        yield Line((Cell("Example", "strong"),))
        yield Line(("  ", example))


def _default(declared: JsonObject) -> str:
    return (
        f"default {json.dumps(declared['default'], ensure_ascii=False)}"
        if "default" in declared
        else "optional"
    )


def search_data(report: SearchReport) -> dict[str, Any]:
    return {"word": report.word, "found": [_found(each) for each in report.found]}


def search_human(report: SearchReport) -> Iterator[Block]:
    if report.found:
        rows = [
            (each.server, Cell(each.tool, "name"), (each.description or "").strip().partition("\n")[0])
            for each in report.found
        ]
        yield Table(("SERVER", "TOOL", "DESCRIPTION"), rows, prose=True)


def search_notes(report: SearchReport) -> Iterator[Block]:
    if not report.found:
        yield Line((Cell("note:", "dim"), f" no tool mentions `{report.word}`"))


def _found(found: Found) -> dict[str, Any]:
    return {
        "server": found.server,
        "tool": found.tool,
        "description": found.description,
        "where": found.where,
    }


TOOLS = View(report=ToolsReport, data=tools_data, human=tools_human, notes=tools_notes, paged=True)
SEARCH = View(report=SearchReport, data=search_data, human=search_human, notes=search_notes, paged=True)
