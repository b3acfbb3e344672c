"""What was said not to be told: by a comment beside it, by the project's configuration, by a baseline."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, Any

from mcpctl.errors import ConfigError, UsageError
from mcpctl.lint.registry import is_selected
from mcpctl.model.lint import Diagnostic
from mcpctl.model.value import NamedTuple

if TYPE_CHECKING:
    from mcpctl.lint.subject import Subject

BASELINE_VERSION = 1


class LintSettings(NamedTuple):
    """The `[lint]` table of a project's configuration."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    """Rules; `MCP204:name` for one server alone."""
    per_file: Mapping[str, tuple[str, ...]] = {}
    """Glob of a path -> rules."""
    fail_on: str | None = None

    @property
    def ignored_everywhere(self) -> tuple[str, ...]:
        return tuple(word for word in self.ignore if ":" not in word)

    def covers(self, diagnostic: Diagnostic) -> bool:
        """Whether the configuration says not to tell this."""
        for word in self.ignore:
            rule, mark, server = word.partition(":")
            if mark and server == diagnostic.server and is_selected(diagnostic.code, diagnostic.name, rule):
                return True
        for pattern, rules in self.per_file.items():
            if _matches(diagnostic.file, pattern) and any(_applies(diagnostic, rule) for rule in rules):
                return True
        return False


def _matches(file: str, pattern: str) -> bool:
    plain = file.replace("\\", "/").removeprefix("./")
    return (
        fnmatchcase(plain, pattern)
        or fnmatchcase(plain, f"*/{pattern}")
        or fnmatchcase(plain, f"{pattern}/*")
    )


def _applies(diagnostic: Diagnostic, word: str) -> bool:
    rule, mark, server = word.partition(":")
    return is_selected(diagnostic.code, diagnostic.name, rule) and (not mark or server == diagnostic.server)


def lint_settings(table: Any, file: str) -> LintSettings:
    """The `[lint]` table as a value; raises `ConfigError` where it is none."""
    if not isinstance(table, dict):
        raise ConfigError(f"`lint` in `{file}` is not a table", code="config.lint", file=file)
    unknown = sorted(table.keys() - {"select", "ignore", "per-file", "fail-on"})
    if unknown:
        raise ConfigError(
            f"`lint` in `{file}` knows no `{unknown[0]}`",
            code="config.lint",
            hint="use `select`, `ignore`, `per-file`, `fail-on`",
            file=file,
        )
    per_file = table.get("per-file", {})
    if not isinstance(per_file, dict):
        raise ConfigError(f"`lint.per-file` in `{file}` is not a table", code="config.lint", file=file)
    return LintSettings(
        select=_words(table.get("select", []), file),
        ignore=_words(table.get("ignore", []), file),
        per_file={str(pattern): _words(rules, file) for pattern, rules in per_file.items()},
        fail_on=str(table["fail-on"]) if "fail-on" in table else None,
    )


def _words(value: Any, file: str) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return tuple(value)
    raise ConfigError(f"`lint` in `{file}` wants lists of rules", code="config.lint", file=file)


@cache
def _comment() -> re.Pattern[str]:
    return re.compile(r"(?://|#|/\*)\s*mcpctl:\s*ignore(?P<whole>-file)?\s*(?:\[(?P<rules>[^\]\n]*)\])?")


def commented(subject: Subject) -> dict[int, tuple[str, ...]]:
    """Line -> rules that a comment there switches off; line 0 stands for the whole file.

    A comment that stands alone on its line is about the next one.
    """
    found: dict[int, tuple[str, ...]] = {}
    text = subject.text
    if "mcpctl:" not in text:
        return found
    for span in subject.document.comments:
        match = _comment().search(text, span.offset_start, span.offset_end)
        if match is None:
            continue
        rules = tuple(word.strip() for word in (match.group("rules") or "ALL").split(",") if word.strip())
        start = span.offset_start - span.column + 1
        alone = not text[start : span.offset_start].strip()
        line = 0 if match.group("whole") else span.end_line + 1 if alone else span.line
        found[line] = (*found.get(line, ()), *rules)
    return found


def is_commented(diagnostic: Diagnostic, comments: Mapping[int, Sequence[str]]) -> bool:
    words = (*comments.get(0, ()), *comments.get(diagnostic.line, ()))
    return any(is_selected(diagnostic.code, diagnostic.name, word) for word in words)


def read_baseline(text: str, file: str) -> dict[str, int]:
    """Fingerprint -> how often it is known."""
    try:
        value = json.loads(text)
        findings = value["findings"]
        return {str(fingerprint): int(each["count"]) for fingerprint, each in findings.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"`{file}` is no baseline", code="usage.baseline", hint="write one with `--update-baseline`"
        ) from error


def write_baseline(diagnostics: Iterable[Diagnostic]) -> str:
    """A baseline that knows these; no message and no value is in it, so that it can be committed."""
    findings: dict[str, dict[str, Any]] = {}
    for each in diagnostics:
        known = findings.setdefault(each.fingerprint, {"code": each.code, "count": 0, "file": each.file})
        known["count"] += 1
    return (
        json.dumps({"mcpctl-baseline": BASELINE_VERSION, "findings": findings}, indent=2, sort_keys=True)
        + "\n"
    )


def beyond(diagnostics: Iterable[Diagnostic], baseline: Mapping[str, int]) -> list[Diagnostic]:
    """Those that the baseline does not know."""
    left = dict(baseline)
    fresh = []
    for each in diagnostics:
        if left.get(each.fingerprint, 0) > 0:
            left[each.fingerprint] -= 1
        else:
            fresh.append(each)
    return fresh
