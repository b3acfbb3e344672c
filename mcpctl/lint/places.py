"""Finding -> diagnostic: where it stands in the text, and the line to show for it, with credentials masked."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import TYPE_CHECKING

from mcpctl.config.secrecy import secret_arguments
from mcpctl.lint.finding import Finding
from mcpctl.lint.placeholders import is_placeholder
from mcpctl.lint.registry import Rule
from mcpctl.lint.secrets import hidden_under, mask, secret_in_url, secrets_in_arguments, secrets_in_line
from mcpctl.model.lint import Diagnostic, Excerpt

if TYPE_CHECKING:
    from mcpctl.config.documents.document import Span
    from mcpctl.lint.entry import Entry
    from mcpctl.lint.subject import Subject

_WIDTH = 160
"""Columns of a line that are shown: a minified file is one line of a megabyte."""

_AROUND = 2_000
"""Characters beside what is shown in which credentials are looked for too: one may be cut in two."""

_MANY_SERVERS = 2_000
"""More than anybody writes by hand."""


def locate(subject: Subject, finding: Finding, rule: Rule) -> Diagnostic:
    """A finding at its place."""
    span = span_of(subject, finding)
    secrets = known_secrets(subject, finding.server)
    return Diagnostic(
        file=subject.file,
        line=span.line,
        column=span.column,
        end_line=span.end_line,
        end_column=span.end_column,
        code=rule.code,
        name=rule.name,
        severity=finding.severity or rule.severity,
        message=mask(finding.message, secrets),
        hint=mask(finding.hint, secrets) if finding.hint else None,
        server=finding.server,
        label=finding.label,
        fix=finding.fix,
        excerpt=_excerpt(subject, span, secrets),
        fingerprint=_fingerprint(subject, finding, rule),
    )


def span_of(subject: Subject, finding: Finding) -> Span:
    """What a finding underlines."""
    document = subject.document
    if finding.span is not None:
        return document.span_between(*finding.span)
    key, value = document.key_span(finding.at), document.span(finding.at)
    if finding.part == "key" and key is not None:
        return key
    if value is None:
        return document.nearest(finding.at)
    start, end = value.offset_start, value.offset_end
    if finding.part == "whole":
        start = (key or value).offset_start
    elif not finding.at:
        end = min(end, _line_end(subject.text, start))
    elif finding.within:
        at = subject.text.find(finding.within, start, end)
        start, end = (at, at + len(finding.within)) if at >= 0 else (start, end)
    return document.span_between(start, max(end, start))


def _line_end(text: str, start: int) -> int:
    """Where the first line of a value ends: a whole file is not underlined."""
    end = text.find("\n", start)
    return len(text) if end < 0 else max(end, start + 1)


def known_secrets(subject: Subject, server: str | None = None) -> frozenset[str]:
    """Every credential of a file: none of them may be shown anywhere, whatever the finding is about.

    Of a file with thousands of servers it is those of the one that a finding is about.
    """
    if len(subject.entries) > _MANY_SERVERS:
        entries = [entry for entry in subject.entries if entry.name == server]
        return frozenset(secret for entry in entries for secret in _secrets_of(entry))
    if subject.secrets is None:
        found = {secret for entry in subject.entries for secret in _secrets_of(entry)}
        subject.secrets = frozenset(each for each in found if not is_placeholder(each))
    return subject.secrets


def _secrets_of(entry: Entry) -> Iterator[str]:
    pairs = [*entry.env.items(), *entry.headers.items(), *((str(at[-1]), text) for at, text in entry.texts())]
    for name, text in pairs:
        if isinstance(text, str):
            yield from filter(None, (hidden_under(str(name), text), secret_in_url(text)))
    for _, secret in secrets_in_arguments(entry.args):
        yield secret
    yield from secret_arguments([each for each in entry.args if isinstance(each, str)])
    entry.forget()


def _excerpt(subject: Subject, span: Span, secrets: frozenset[str]) -> Excerpt | None:
    text = subject.text
    start = span.offset_start - span.column + 1
    end = min((at for mark in "\r\n" if (at := text.find(mark, span.offset_start)) >= 0), default=len(text))
    if start == end and not text:
        return None
    length = min(span.offset_end, end) - span.offset_start
    cut_start = max(start, span.offset_start - _WIDTH // 2) if end - start > _WIDTH else start
    cut_end = min(end, cut_start + _WIDTH)
    wide_start, wide_end = max(start, cut_start - _AROUND), min(end, cut_end + _AROUND)
    line = mask(text[wide_start:wide_end], secrets)[cut_start - wide_start : cut_end - wide_start]
    lead = "…" if cut_start > start else ""
    tail = "…" if cut_end < end else ""
    shown = lead + line.replace("\t", " ") + tail
    column = span.offset_start - cut_start + len(lead) + 1
    return Excerpt(text=shown, column=column, length=max(1, min(length, len(shown) - column + 1)))


def _fingerprint(subject: Subject, finding: Finding, rule: Rule) -> str:
    """Rule, file and key path; for faults of syntax the words around them, which stay when lines move."""
    what = "/".join(map(str, finding.at))
    if finding.span is not None:
        start, end = finding.span
        line = subject.text[max(0, start - 40) : end + 10]
        for secret in secrets_in_line(line):
            line = line.replace(secret, "")
        what = " ".join(line.split())
    text = "\0".join((rule.code, subject.file, what, finding.within or ""))
    return blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()
