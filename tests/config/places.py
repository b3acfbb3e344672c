"""What tests say about places: that every key and value of a file stands where its document says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from mcpctl.config.documents.document import Document, Span


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    yield path, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, (*path, key))
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from paths(inner, (*path, index))


def text_at(document: Document, span: Span | None) -> str:
    assert span is not None
    assert document.text.count("\n", 0, span.offset_start) + 1 == span.line
    assert span.offset_start - (document.text.rfind("\n", 0, span.offset_start) + 1) + 1 == span.column
    return document.text[span.offset_start : span.offset_end]


def assert_json_places(document: Document) -> None:
    """For strict JSON: the text of every span is the value, or the key, itself."""
    for path, value in paths(document.value):
        assert json.loads(text_at(document, document.span(path))) == value
        if path and isinstance(path[-1], str):
            assert json.loads(text_at(document, document.key_span(path))) == path[-1]
