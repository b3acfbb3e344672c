"""Bytes -> subject. What is plain and valid costs one pass of the standard library; anything else is parsed with care."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mcpctl.config.documents import Syntax, parse
from mcpctl.config.hosts.choose import belongs, by_content, by_path, of_plugin, syntax_of
from mcpctl.config.hosts.facts import HostFacts
from mcpctl.config.hosts.table import rows
from mcpctl.lint.subject import Situation, Subject

if TYPE_CHECKING:
    from mcpctl.config.documents.document import Document
    from mcpctl.model.lint import Chosen, Platform


class NotPlainError(Exception):
    """The quick way met something that needs explaining."""


def read_subject(
    file: str,
    data: bytes,
    *,
    host: str | None = None,
    situation: Situation = "project",
    target: Platform | None = None,
    real: str | None = None,
    mode: int | None = None,
) -> Subject:
    """A file as its host would see it; the host is told from the path, else from the content."""
    facts = rows()[host] if host else by_path(real or file)
    chosen: Chosen = "flag" if host else "path"
    syntax = syntax_of(file, facts)
    document: Document | None = None
    try:
        value = plain_value(data, syntax)
    except NotPlainError:
        document = parse(data, syntax, file)
        value = document.value
    if facts is None or (chosen == "path" and not belongs(facts, value)):
        facts, chosen = by_content(value, syntax), "content"
        syntax, document = _again(data, file, syntax, facts, document)
    return Subject(
        file=file,
        data=data,
        value=value,
        host=of_plugin(facts, value, data, real),
        syntax=syntax,
        chosen=chosen,
        document=document,
        situation=situation,
        target=target,
        real=real,
        mode=mode,
    )


def _again(
    data: bytes, file: str, syntax: Syntax, facts: HostFacts, document: Document | None
) -> tuple[Syntax, Document | None]:
    """What was read leniently while the host was unknown is read as that host does."""
    better = syntax_of(file, facts)
    if better == syntax or syntax in {"toml", "yaml"} or file.lower().endswith((".jsonc", ".json5")):
        return syntax, document
    return better, parse(data, better, file) if document is not None else None


def plain_value(data: bytes, syntax: Syntax) -> Any:
    """The value of a file without faults; raises `NotPlainError` wherever there could be something to tell."""
    if syntax == "toml":
        return _plain_toml(data)
    if syntax == "yaml":
        raise NotPlainError
    if b"\\u" in data and b"\\ud" in data.lower():
        raise NotPlainError
    try:
        return _DECODER.decode(data.decode())
    except (ValueError, RecursionError) as error:
        raise NotPlainError from error


def _plain_toml(data: bytes) -> Any:
    import tomli

    try:
        return tomli.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise NotPlainError from error


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise NotPlainError
    return value


def _refuse(word: str) -> Any:
    raise NotPlainError(word)


_DECODER = json.JSONDecoder(object_pairs_hook=_distinct, parse_constant=_refuse)
