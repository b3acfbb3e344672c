"""How resources, prompts, completions and announcements are shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mcpctl.model.events import Announced, Logged, Noticed, Subscribed
from mcpctl.model.offers import (
    CompleteReport,
    ListenReport,
    PromptReport,
    PromptsReport,
    ReadReport,
    ResourcesReport,
)
from mcpctl.model.protocol import JsonObject
from mcpctl.render.blocks import Block, Cell, Line, Table, Verbatim
from mcpctl.render.call import text_blocks, truncated_data, truncated_notes, unsaved_notes
from mcpctl.render.inspect import prompt_signature
from mcpctl.render.view import View


def resources_data(report: ResourcesReport) -> dict[str, Any]:
    return {
        "server": report.server,
        "resources": list(report.resources),
        "templates": list(report.templates),
        "faults": list(report.faults),
    }


def resources_human(report: ResourcesReport) -> Iterator[Block]:
    rows = [_resource(each, "uri") for each in report.resources]
    rows += [_resource(each, "uriTemplate") for each in report.templates]
    if rows:
        yield Table(("URI", "NAME", "TYPE", "DESCRIPTION"), rows, prose=True)


def resources_notes(report: ResourcesReport) -> Iterator[Block]:
    yield from _notes(report.server, report.faults)
    if not report.resources and not report.templates:
        yield Line((Cell("note:", "dim"), f" `{report.server}` has no resources to show"))


def _resource(entry: JsonObject, key: str) -> tuple[str | Cell, ...]:
    return (
        Cell(str(entry[key]), "name"),
        str(entry.get("title") or entry.get("name") or ""),
        str(entry.get("mimeType") or "-"),
        str(entry.get("description") or "").partition("\n")[0],
    )


def read_data(report: ReadReport) -> dict[str, Any]:
    return {
        "server": report.server,
        "uri": report.uri,
        "contents": list(report.contents),
        "text": report.text,
        "truncated": truncated_data(report.truncated),
        "saved": list(report.saved),
        "duration_ms": round(report.duration_ms, 3),
    }


def read_human(report: ReadReport) -> Iterator[Block]:
    yield from text_blocks(report.text)


def read_notes(report: ReadReport) -> Iterator[Block]:
    yield from truncated_notes(report.truncated)
    yield from unsaved_notes(not report.saved and any("blob" in each for each in report.contents))


def prompts_data(report: PromptsReport) -> dict[str, Any]:
    return {"server": report.server, "prompts": list(report.prompts), "faults": list(report.faults)}


def prompts_human(report: PromptsReport) -> Iterator[Block]:
    for prompt in report.prompts:
        yield Line(prompt_signature(prompt))
        if prompt.get("description"):
            yield Line(("    ", str(prompt["description"]).partition("\n")[0]))


def prompts_notes(report: PromptsReport) -> Iterator[Block]:
    yield from _notes(report.server, report.faults)
    if not report.prompts:
        yield Line((Cell("note:", "dim"), f" `{report.server}` has no prompts to show"))


def prompt_data(report: PromptReport) -> dict[str, Any]:
    return {
        "server": report.server,
        "name": report.name,
        "description": report.description,
        "messages": list(report.messages),
        "duration_ms": round(report.duration_ms, 3),
    }


def prompt_human(report: PromptReport) -> Iterator[Block]:
    for at, message in enumerate(report.messages):
        if at:
            yield Line(("",))
        yield Line((Cell(f"{message.get('role', '?')}:", "strong"),))
        yield from text_blocks(_message_text(message.get("content")))


def _message_text(content: Any) -> str:
    if isinstance(content, dict) and isinstance(content.get("text"), str):
        return str(content["text"])
    if isinstance(content, list):
        return "\n".join(_message_text(each) for each in content)
    kind = content.get("type", "content") if isinstance(content, dict) else "content"
    return f"[{kind}]"


def complete_data(report: CompleteReport) -> dict[str, Any]:
    return {
        "server": report.server,
        "values": list(report.values),
        "total": report.total,
        "has_more": report.has_more,
    }


def complete_human(report: CompleteReport) -> Iterator[Block]:
    yield Verbatim("".join(f"{value}\n" for value in report.values).encode("utf-8", "replace"))


def complete_notes(report: CompleteReport) -> Iterator[Block]:
    if report.has_more:
        total = f" of {report.total}" if report.total is not None else ""
        yield Line(
            (Cell("note:", "dim"), f" there are more: these are the first {len(report.values)}{total}")
        )


def listen_data(report: ListenReport) -> dict[str, Any]:
    return {"server": report.server, "received": report.received}


def listen_human(report: ListenReport) -> Iterator[Block]:
    del report
    return iter(())


def _announced(event: Announced) -> Block:
    return Line((Cell(event.kind, "name"), f" {event.uri}" if event.uri else " list changed"))


def _logged(event: Logged) -> Block:
    from mcpctl.render.envelope import encode

    text = event.data if isinstance(event.data, str) else encode(event.data)
    return Line((Cell(event.level, "dim"), f" {event.logger}:" if event.logger else "", f" {text}"))


def _subscribed(event: Subscribed) -> Block:
    kinds = [key for key, value in event.agreed.items() if value]
    return Line((Cell("listening for", "dim"), f" {', '.join(kinds) or 'logs'}"))


def _noticed(event: Noticed) -> Block:
    return Line((Cell("note:", "warn"), f" {event.message}"))


def _notes(server: str, faults: tuple[str, ...]) -> Iterator[Block]:
    for fault in faults:
        yield Line((Cell("note:", "warn"), f" `{server}`: {fault}"))


RESOURCES = View(
    report=ResourcesReport, data=resources_data, human=resources_human, notes=resources_notes, paged=True
)
READ = View(report=ReadReport, data=read_data, human=read_human, notes=read_notes)
PROMPTS = View(report=PromptsReport, data=prompts_data, human=prompts_human, notes=prompts_notes, paged=True)
PROMPT = View(report=PromptReport, data=prompt_data, human=prompt_human)
COMPLETE = View(report=CompleteReport, data=complete_data, human=complete_human, notes=complete_notes)
LISTEN = View(
    report=ListenReport,
    data=listen_data,
    human=listen_human,
    streams={Announced: _announced, Logged: _logged, Subscribed: _subscribed, Noticed: _noticed},
    whispers=frozenset({Subscribed, Noticed}),
)
