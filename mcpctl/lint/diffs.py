"""What belongs around fixes: which findings may be fixed, and how a change is shown without its secrets."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

from mcpctl.lint.engine import Found
from mcpctl.lint.fixes import Fixed
from mcpctl.lint.places import known_secrets, locate
from mcpctl.lint.secrets import mask
from mcpctl.lint.subject import Subject
from mcpctl.lint.suppress import LintSettings, is_commented


def keep(
    subject: Subject, found: Sequence[Found], settings: LintSettings, comments: Mapping[int, Sequence[str]]
) -> list[Found]:
    """Findings with a fix that nobody asked to leave alone."""
    kept = []
    for rule, finding in found:
        if finding.fix is None:
            continue
        diagnostic = locate(subject, finding, rule)
        if not settings.covers(diagnostic) and not is_commented(diagnostic, comments):
            kept.append((rule, finding))
    return kept


def diff_of(subject: Subject, fixed: Fixed) -> str:
    """What fixes would change."""
    before = ("\ufeff" if subject.document.bom else "") + subject.document.text
    after = ("\ufeff" if fixed.bom else "") + fixed.text
    return masked_diff(before, after, subject.file, known_secrets(subject))


def masked_diff(before: str, after: str, name: str, secrets: Iterable[str] = ()) -> str:
    """A unified diff, credentials masked on both sides."""
    known, place = frozenset(secrets), name.lstrip("/")
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{place}", f"b/{place}"
    )
    return "".join(mask(line.rstrip("\r\n"), known) + "\n" for line in lines)
