"""How conversions, imports, edits and the opinions of hosts are shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from mcpctl.model.convert import ConvertReport, EditReport, ImportReport, Lost, Opinion, ViewReport
from mcpctl.render.blocks import Block, Cell, Code, Line, Style, Table, Verbatim
from mcpctl.render.view import View

VERDICTS: dict[str, Style] = {"starts": "good", "connects": "good", "off": "dim", "skips": "bad"}


def convert_data(report: ConvertReport) -> dict[str, Any]:
    return {
        "source": report.source,
        "source_host": report.source_host,
        "target_host": report.target_host,
        "servers": list(report.servers),
        "left_out": list(report.left_out),
        "losses": [each.data() for each in report.losses],
        "written": report.written,
        "text": report.text,
    }


def convert_human(report: ConvertReport) -> Iterator[Block]:
    if report.written is None:
        yield Verbatim(report.text.encode())
    else:
        count = len(report.servers)
        yield f"Wrote {count} server{'s' if count != 1 else ''} to {report.written}."


def convert_talk(report: ConvertReport) -> Iterator[Block]:
    yield from _losses(report.losses)
    for name in report.left_out:
        yield Line((Cell("left out:", "bad"), f" {name}"))


def import_data(report: ImportReport) -> dict[str, Any]:
    return {
        "sources": [{"path": path, "host": host, "servers": count} for path, host, count in report.sources],
        "servers": [{"name": name, "file": file} for name, file in report.servers],
        "skipped": [{"name": name, "file": file, "reason": reason} for name, file, reason in report.skipped],
        "losses": [each.data() for each in report.losses],
        "written": report.written,
        "text": report.text,
    }


def import_human(report: ImportReport) -> Iterator[Block]:
    if report.text:
        yield Verbatim(report.text.encode())
        return
    if report.servers:
        yield Table(("SERVER", "FROM"), [(Cell(name, "name"), file) for name, file in report.servers])
    count = len(report.servers)
    where = f" to {report.written}" if report.written else ""
    yield f"Imported {count} server{'s' if count != 1 else ''}{where}."


def import_talk(report: ImportReport) -> Iterator[Block]:
    yield from _losses(report.losses)
    for name, file, reason in report.skipped:
        yield Line((Cell("skipped:", "warn"), f" {name} of {file}: {reason}"))


def edit_data(report: EditReport) -> dict[str, Any]:
    return {
        "file": report.file,
        "host": report.host,
        "server": report.server,
        "did": report.did,
        "diff": report.diff,
        "losses": [each.data() for each in report.losses],
    }


def edit_human(report: EditReport) -> Iterator[Block]:
    if report.diff:
        yield Code(report.diff, "diff")
    yield Line((Cell(report.server, "name"), f" {report.did} in {report.file}"))


def edit_talk(report: EditReport) -> Iterator[Block]:
    yield from _losses(report.losses)


def view_data(report: ViewReport) -> dict[str, Any]:
    return {
        "file": report.file,
        "opinions": [each.data() for each in report.opinions],
        "disagreements": list(report.disagreements),
    }


def view_human(report: ViewReport) -> Iterator[Block]:
    rows = [
        (Cell(each.server, "name"), each.title, Cell(each.verdict, VERDICTS[each.verdict]), _words(each))
        for each in sorted(report.opinions, key=lambda each: each.server)
    ]
    yield Table(("SERVER", "HOST", "WILL", "WHAT"), rows, prose=True)
    for name in report.disagreements:
        yield Line((Cell("note:", "warn"), f" hosts do not agree about `{name}`"))


def _words(opinion: Opinion) -> str:
    parts = [opinion.reason or opinion.target]
    if opinion.transport not in {None, "stdio"}:
        parts.append(f"({opinion.transport})")
    if opinion.literal and opinion.verdict != "skips":
        parts.append(f"; as text: {', '.join(opinion.literal)}")
    if opinion.dropped and opinion.verdict != "skips":
        parts.append(f"; ignores: {', '.join(opinion.dropped)}")
    return " ".join(parts).replace(" ;", ";")


def _losses(losses: Sequence[Lost]) -> Iterable[Block]:
    for each in losses:
        word = Cell("changed:", "warn") if each.kept else Cell("lost:", "bad")
        where = ".".join(part for part in (each.server, each.key) if part)
        yield Line((word, f" {where}: {each.reason}"))


CONVERT = View(report=ConvertReport, data=convert_data, human=convert_human, talk=convert_talk)
IMPORT = View(report=ImportReport, data=import_data, human=import_human, talk=import_talk)
EDIT = View(report=EditReport, data=edit_data, human=edit_human, talk=edit_talk)
VIEW = View(report=ViewReport, data=view_data, human=view_human)
