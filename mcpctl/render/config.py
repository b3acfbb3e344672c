"""How configurations, their sources and their schema are shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from mcpctl.model.config_show import SchemaReport, ShowReport, SourcesReport
from mcpctl.model.settings import Origin
from mcpctl.render.blocks import Block, Cell, Code, Style, Table
from mcpctl.render.places import place
from mcpctl.render.view import View

STATUS_STYLES: dict[str, Style] = {"used": "good", "shadowed": "warn", "absent": "dim"}


def show_data(report: ShowReport) -> dict[str, Any]:
    values: dict[str, Any] = {
        "profile": report.profile,
        "features": dict(report.features),
        "servers": {name: dict(server) for name, server in report.servers.items()},
    }
    if report.origins is not None:
        values["origins"] = [
            {"key": key, "value": value, "source": _origin(origin)} for key, value, origin in report.origins
        ]
    return values


def show_human(report: ShowReport) -> Iterator[Block]:
    if report.origins is None:
        yield Code(_toml(report), "toml")
    else:
        rows = [
            (Cell(key, "name"), _json(value), _place(origin, report.folder))
            for key, value, origin in report.origins
        ]
        yield Table(("KEY", "VALUE", "ORIGIN"), rows)


def sources_data(report: SourcesReport) -> dict[str, Any]:
    return {
        "profile": report.profile,
        "sources": [
            {"path": each.path, "layer": each.layer, "status": each.status, "format": each.format}
            for each in report.sources
        ],
    }


def sources_human(report: SourcesReport) -> Iterator[Block]:
    rows = [
        (Cell(each.status, STATUS_STYLES[each.status]), each.layer, each.format or "-", each.path)
        for each in report.sources
    ]
    yield Table(("STATUS", "LAYER", "FORMAT", "PATH"), rows)


def schema_data(report: SchemaReport) -> dict[str, Any]:
    return dict(report.schema)


def schema_human(report: SchemaReport) -> Iterator[Block]:
    """For a file or an editor: the schema itself, and nothing around it."""
    yield Code(json.dumps(report.schema, indent=2, ensure_ascii=False), "json")


def _toml(report: ShowReport) -> str:
    import tomlkit

    document: dict[str, Any] = {}
    if report.features:
        document["features"] = dict(report.features)
    if report.servers:
        document["servers"] = {name: dict(server) for name, server in report.servers.items()}
    return tomlkit.dumps(document).strip("\n")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _origin(origin: Origin | None) -> dict[str, Any] | None:
    if origin is None:
        return None
    return {"file": origin.file, "line": origin.line, "column": origin.column, "layer": origin.layer}


def _place(origin: Origin | None, folder: str | None) -> str:
    where = place(origin, folder=folder, column=True, nowhere="default")
    return where if origin is None or origin.layer == "base" else f"{where} ({origin.layer})"


SHOW = View(report=ShowReport, data=show_data, human=show_human)
SOURCES = View(report=SourcesReport, data=sources_data, human=sources_human)
SCHEMA = View(report=SchemaReport, data=schema_data, human=schema_human)
