"""How the verbs that talk to a supervisor answer, and what `doctor` finds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mcpctl.model.control import CacheClearReport, ChangedReport, DoctorReport, LogsReport, PsReport
from mcpctl.model.running import Wrote
from mcpctl.render.blocks import Block, Cell, Line
from mcpctl.render.run import server_data, server_table, whole_seconds, wrote
from mcpctl.render.view import View


def ps_data(report: PsReport) -> dict[str, Any]:
    return {
        "pid": report.pid,
        "uptime_s": round(report.uptime, 3),
        "config": report.config,
        "servers": [server_data(each) for each in report.servers],
    }


def ps_human(report: PsReport) -> Iterator[Block]:
    if report.servers:
        yield server_table(report.servers)


def ps_notes(report: PsReport) -> Iterator[Block]:
    about = f"supervisor with pid {report.pid}, up {whole_seconds(report.uptime)}"
    yield Line((Cell(about, "dim"),))


def logs_data(report: LogsReport) -> dict[str, Any]:
    lines = [{"server": each.server, "at": each.at, "text": each.text} for each in report.lines]
    return {"servers": list(report.servers), "lines": lines, "files": list(report.files)}


def logs_human(report: LogsReport) -> Iterator[Block]:
    return map(wrote, report.lines)


def changed_data(report: ChangedReport) -> dict[str, Any]:
    return {"stopped": report.stopped, "servers": [server_data(each) for each in report.servers]}


def changed_human(report: ChangedReport) -> Iterator[Block]:
    if report.stopped:
        yield "the supervisor ends"
    elif report.servers:
        yield server_table(report.servers)


def cleared_data(report: CacheClearReport) -> dict[str, Any]:
    return {"forgotten": report.forgotten}


def cleared_human(report: CacheClearReport) -> Iterator[Block]:
    yield f"{report.forgotten} answer{'' if report.forgotten == 1 else 's'} forgotten"


def doctor_data(report: DoctorReport) -> dict[str, Any]:
    return {
        "findings": [
            {
                "check": each.check,
                "ok": each.ok,
                "message": each.message,
                "hint": each.hint,
                "fixed": each.fixed,
            }
            for each in report.findings
        ]
    }


def doctor_human(report: DoctorReport) -> Iterator[Block]:
    for each in report.findings:
        verdict = (
            Cell("ok", "good") if each.ok else Cell("fixed", "good") if each.fixed else Cell("!!", "bad")
        )
        yield Line((verdict, f"  {each.check}: {each.message}"))
        if each.hint is not None and not each.ok and not each.fixed:
            yield Line((Cell("    = ", "dim"), each.hint))


PS = View(report=PsReport, data=ps_data, human=ps_human, notes=ps_notes)
LOGS = View(report=LogsReport, data=logs_data, human=logs_human, streams={Wrote: wrote})
CHANGED = View(report=ChangedReport, data=changed_data, human=changed_human)
CLEARED = View(report=CacheClearReport, data=cleared_data, human=cleared_human)
DOCTOR = View(report=DoctorReport, data=doctor_data, human=doctor_human)
