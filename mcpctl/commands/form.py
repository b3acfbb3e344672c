"""A server's question on a terminal: one line a field, asked again until the answer fits. Links are shown, not opened."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from typing import Any

from mcpctl.commands.items import coerce
from mcpctl.model.protocol import JsonObject
from mcpctl.model.world import World
from mcpctl.policy.sanitise import sanitise_text
from mcpctl.session.schemas import SchemaChecker, UnusableSchema
from mcpctl.wire.readable import readable

MAX_LINE = 4096
"""Bytes that a terminal takes for one line."""


async def ask(params: JsonObject, world: World, server: str) -> JsonObject:
    """The protocol's answer: accept with content, decline, or cancel at the end of input."""
    terminal = _Terminal(world)
    terminal.say(f"\n{server} asks: {params.get('message', '')}")
    if params.get("mode") == "url":
        return await _ask_link(params, terminal)
    schema = params.get("requestedSchema")
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(schema, dict) or not isinstance(properties, dict):
        return {"action": "decline"}
    terminal.say("(Enter takes a default or leaves a field out; `!` declines)")
    required = schema.get("required") or ()
    content: JsonObject = {}
    for name, declared in properties.items():
        value = await _field(name, declared if isinstance(declared, dict) else {}, name in required, terminal)
        if value is _DECLINE or value is _END:
            return {"action": "decline" if value is _DECLINE else "cancel"}
        if value is not _NOTHING:
            content[name] = value
    return {"action": "accept", "content": content}


_DECLINE, _END, _NOTHING = object(), object(), object()


async def _ask_link(params: JsonObject, terminal: _Terminal) -> JsonObject:
    terminal.say(f"visit: {params.get('url')}\nPress Enter when done; `!` declines.")
    line = await terminal.read()
    if line is None:
        return {"action": "cancel"}
    return {"action": "decline" if line.strip() == "!" else "accept"}


async def _field(name: str, declared: JsonObject, required: bool, terminal: _Terminal) -> Any:  # noqa: FBT001 - private, one caller
    choices = _choices(declared)
    for number, (value, title) in enumerate(choices, 1):
        terminal.say(f"  {number}. {title if title == value else f'{title} ({value})'}")
    checker = SchemaChecker()
    while True:
        terminal.say(_prompt(name, declared, required=required), end=" ")
        line = await terminal.read()
        if line is None or line.strip() == "!":
            return _END if line is None else _DECLINE
        text = line.strip()
        if not text:
            if "default" in declared:
                return declared["default"]
            if not required:
                return _NOTHING
            terminal.say("  this one is needed")
            continue
        value = _value(text, declared, choices)
        try:
            faults = checker.faults((name, "form"), declared, value)
        except UnusableSchema:
            faults = ()
        if not faults:
            return value
        terminal.say(f"  {faults[0].message}")


def _prompt(name: str, declared: JsonObject, *, required: bool) -> str:
    title = declared.get("title") or name
    about = f" - {declared['description']}" if declared.get("description") else ""
    kind = declared.get("format") or declared.get("type", "text")
    several = ", several with commas" if kind == "array" else ""
    default = f" [{declared['default']}]" if "default" in declared else ""
    return f"{title}{'*' if required else ''} ({kind}{several}){about}{default}:"


def _choices(declared: JsonObject) -> list[tuple[str, str]]:
    """Value and title of each choice, in the protocol's several spellings."""
    holder = declared.get("items") if declared.get("type") == "array" else declared
    if not isinstance(holder, dict):
        return []
    for keyword in ("oneOf", "anyOf"):
        options = holder.get(keyword)
        if isinstance(options, list):
            return [
                (str(each["const"]), str(each.get("title", each["const"])))
                for each in options
                if isinstance(each, dict) and "const" in each
            ]
    values = holder.get("enum")
    if not isinstance(values, list):
        return []
    titles = holder.get("enumNames")
    titles = titles if isinstance(titles, list) and len(titles) == len(values) else values
    return [(str(value), str(title)) for value, title in zip(values, titles, strict=True)]


def _value(text: str, declared: JsonObject, choices: Sequence[tuple[str, str]]) -> Any:
    if declared.get("type") == "array":
        return [_chosen(part.strip(), choices) for part in text.split(",") if part.strip()]
    return _chosen(text, choices) if choices else coerce(text, declared, declared)


def _chosen(text: str, choices: Sequence[tuple[str, str]]) -> str:
    """A choice by number, value or title."""
    if text.isdigit() and 1 <= int(text) <= len(choices):
        return choices[int(text) - 1][0]
    return next((value for value, title in choices if text in (value, title)), text)


class _Terminal:
    def __init__(self, world: World) -> None:
        self._world = world

    def say(self, text: str, end: str = "\n") -> None:
        self._world.stderr.write((sanitise_text(text) + end).encode())
        self._world.stderr.flush()

    async def read(self) -> str | None:
        """One line; None at the end of input. Waiting for it does not keep the loop from being cancelled."""
        try:
            descriptor = self._world.stdin.fileno()
        except (OSError, ValueError):  # a stream in memory, as tests have
            line = self._world.stdin.readline()
            return line.decode("utf-8", "replace") if line else None
        try:
            return await _read_line(descriptor)
        except asyncio.CancelledError:
            self.say("")  # what is said next does not belong behind the question
            raise


async def _read_line(descriptor: int) -> str | None:
    await readable(descriptor)
    try:
        data = os.read(descriptor, MAX_LINE)
    except OSError:  # a terminal that went away, or that is somebody else's at the moment
        return None
    return data.decode("utf-8", "replace") if data else None
