"""Carries out the fixes of findings, a pass at a time, until none is left: so that running it again changes nothing.

Every step is read back. A fix that would leave the file worse than it was is left out, not forced.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mcpctl.config.documents import Syntax, parse
from mcpctl.config.edit import apply
from mcpctl.config.edit.refusal import EditError
from mcpctl.lint.engine import Found
from mcpctl.lint.finding import Finding
from mcpctl.lint.rules.syntax import BEFORE_THE_TEXT
from mcpctl.lint.subject import Subject
from mcpctl.model.lint import Change, Fix
from mcpctl.model.value import NamedTuple

_MOST_PASSES = 50
"""More would mean that two fixes undo each other."""


class Fixed(NamedTuple):
    text: str
    bom: bool
    made: int


def fix_all(
    subject: Subject,
    *,
    examine: Callable[[bytes], tuple[Subject, Sequence[Found]]],
    unsafe: bool,
) -> Fixed:
    """The text with every fix made that may be made; `examine` reads and judges a text anew."""
    text, bom = subject.document.text, subject.document.bom
    count = 0
    for _ in range(_MOST_PASSES):
        current, found = examine(_encoded(text, bom=bom))
        chosen = [finding for _, finding in found if _may(finding.fix, unsafe=unsafe)]
        if not chosen:
            break
        changed = _splices(current, chosen) if current.document.faults else _edits(current, chosen)
        if changed is None:
            break
        text, bom, made = changed
        count += made
    return Fixed(text=text, bom=bom, made=count)


def _encoded(text: str, *, bom: bool) -> bytes:
    return (b"\xef\xbb\xbf" if bom else b"") + text.encode("utf-8", "replace")


def _may(fix: Fix | None, *, unsafe: bool) -> bool:
    return fix is not None and (fix.safe or unsafe)


def _splices(subject: Subject, findings: Sequence[Finding]) -> tuple[str, bool, int] | None:
    """Splices of a text that does not parse, from its end to its start; each must leave fewer faults."""
    text, bom, made = subject.document.text, subject.document.bom, 0
    faults = len(subject.document.faults)
    changes = [
        change
        for finding in findings
        if finding.fix
        for change in finding.fix.changes
        if change.kind == "splice"
    ]
    last = len(text) + 1
    for change in sorted(changes, key=lambda each: (each.start, each.end), reverse=True):
        if change.start == BEFORE_THE_TEXT:
            bom, made = False, made + 1
            continue
        if change.end > last:
            continue
        attempt = text[: change.start] + str(change.value) + text[change.end :]
        left = len(parse(_encoded(attempt, bom=bom), subject.syntax, subject.file).faults)
        if left < faults:
            text, faults, last, made = attempt, left, change.start, made + 1
    return (text, bom, made) if made else None


def _edits(subject: Subject, findings: Sequence[Finding]) -> tuple[str, bool, int] | None:
    """Changes of a text that parses: one fix per server and pass, because a change may move what others mean."""
    text, made = subject.document.text, 0
    touched: set[tuple[str | int, ...]] = set()
    for finding in findings:
        assert finding.fix is not None
        first = finding.fix.changes[0]
        place = _server_path(subject, first)
        if any(place[: len(other)] == other or other[: len(place)] == place for other in touched):
            continue
        if first.kind == "splice" and made:
            continue
        attempt = _attempt(text, subject.syntax, finding.fix, subject.file)
        if attempt is not None and attempt != text:
            text, made = attempt, made + 1
            touched.add(place)
            if first.kind == "splice":
                break
    return (text, subject.document.bom, made) if made else None


def _server_path(subject: Subject, change: Change) -> tuple[str | int, ...]:
    for entry in subject.entries:
        if change.at[: len(entry.path)] == entry.path:
            return entry.path
    return change.at


def _attempt(text: str, syntax: Syntax, fix: Fix, file: str) -> str | None:
    try:
        changed = apply(text, syntax, fix.changes, file=file)
    except EditError:
        return None
    return changed if not parse(changed.encode("utf-8", "replace"), syntax, file).faults else None
