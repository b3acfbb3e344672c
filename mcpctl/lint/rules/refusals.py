"""mcpctl's own format: what its schema allows and mcpctl refuses all the same. Asks the code that reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mcpctl.lint.finding import Finding
from mcpctl.lint.registry import rule
from mcpctl.lint.rules.faults import name_of
from mcpctl.lint.rules.own import own, own_table
from mcpctl.lint.shape import shape_faults
from mcpctl.lint.subject import Subject
from mcpctl.model.keypath import KeyPath
from mcpctl.model.value import NamedTuple


class _Layer(NamedTuple):
    """A table that says something of a server, or of all of them."""

    at: KeyPath
    server: str | None
    raw: dict[str, Any]


@rule(
    "MCP148",
    "refused-setting",
    severity="error",
    scope="file",
    about=lambda host: host.closed,
    mentions=("transport", "health", "rate_limit"),
    bad=own('transport = "http"\n'),
    good=own('transport = "stdio"\n'),
)
def refused_setting(subject: Subject) -> Iterator[Finding]:
    """Settings of a server contradict each other, or one is nothing without another.

    Each is right by itself: a command that is said to be reached over HTTP, a value to compare with and no place where
    it should stand, a time between two looks that is no time at all. mcpctl does not start with such a file.
    """
    from mcpctl.config.converters import SurpriseError
    from mcpctl.config.shape import decode_server

    misshapen = [fault.at for fault in shape_faults(subject)]
    for layer in _layers(subject):
        if {"command", "url"} <= layer.raw.keys() or any(at[: len(layer.at)] == layer.at for at in misshapen):
            continue
        try:
            decode_server(layer.server or "", layer.raw, complete=False)
        except SurpriseError as surprise:
            at = (*layer.at, *surprise.path)
            yield Finding(
                at=at,
                part="value" if surprise.path else "key",
                server=layer.server,
                message=f"{name_of(at)} {surprise.message}",
            )


def _layers(subject: Subject) -> Iterator[_Layer]:
    root, table = own_table(subject)
    yield from _layers_of(root, table)
    profiles = table.get("profiles")
    for name, profile in (profiles if isinstance(profiles, dict) else {}).items():
        yield from _layers_of((*root, "profiles", name), profile)


def _layers_of(at: KeyPath, table: Any) -> Iterator[_Layer]:
    if not isinstance(table, dict):
        return
    if isinstance(table.get("defaults"), dict):
        yield _Layer((*at, "defaults"), None, table["defaults"])
    servers = table.get("servers")
    for name, raw in (servers if isinstance(servers, dict) else {}).items():
        if isinstance(raw, dict):
            yield _Layer((*at, "servers", name), name, raw)
