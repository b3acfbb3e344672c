"""How a list of servers is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mcpctl.model.ls import ListedServer, LsReport
from mcpctl.render.blocks import Block, Cell, Table
from mcpctl.render.places import place
from mcpctl.render.view import View


def data(report: LsReport) -> dict[str, Any]:
    return {"profile": report.profile, "servers": [_server(each) for each in report.servers]}


def human(report: LsReport) -> Iterator[Block]:
    if report.servers:
        yield Table(
            ("NAME", "TRANSPORT", "STATE", "TAGS", "SOURCE", "TARGET"),
            [_row(each, report.folder) for each in report.servers],
        )


def _server(server: ListedServer) -> dict[str, Any]:
    origin = server.origin
    return {
        "name": server.name,
        "transport": server.transport,
        "command": list(server.command) or None,
        "url": server.url,
        "enabled": server.enabled,
        "state": server.state,
        "breaker": server.breaker,
        "pid": server.pid,
        "tags": list(server.tags),
        "description": server.description,
        "source": None if origin is None else {"file": origin.file, "line": origin.line},
    }


def _row(server: ListedServer, folder: str | None) -> tuple[str | Cell, ...]:
    import shlex

    return (
        Cell(server.name, "name"),
        server.transport,
        _state(server),
        ",".join(server.tags) or "-",
        place(server.origin, folder=folder),
        server.url or shlex.join(server.command),
    )


def _state(server: ListedServer) -> Cell:
    if server.state is not None:
        from mcpctl.render.run import state_cell

        return state_cell(server.state, server.breaker)
    return Cell("enabled", "good") if server.enabled else Cell("disabled", "dim")


LS = View(report=LsReport, data=data, human=human, paged=True)
