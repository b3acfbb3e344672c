"""One file at a time through reading, rules, fixes and suppression. Of what a file held nothing is kept."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from typing import Any

from mcpctl.config.documents import MAX_BYTES
from mcpctl.config.hosts.choose import by_path
from mcpctl.errors import ConfigError, McpctlError, UsageError
from mcpctl.lint.engine import Found, Plan, check, check_together
from mcpctl.lint.gather import Target
from mcpctl.lint.reading import read_subject
from mcpctl.lint.settings import find_settings
from mcpctl.lint.sharing import shared, workers
from mcpctl.lint.subject import Outline, Subject
from mcpctl.model.lint import Chosen, Diagnostic, Excerpt, Fix, Threshold, ValidateOptions
from mcpctl.model.world import World

_MOST_KNOWN = 5_000
"""Files without findings that are remembered, for copies of them."""


class Outcome:
    """What is kept of a file: never its text."""

    __slots__ = ("chosen", "diagnostics", "diff", "fixed", "outline", "suppressed", "target")

    def __init__(
        self,
        target: Target,
        outline: Outline,
        chosen: Chosen,
        diagnostics: list[Diagnostic],
        suppressed: int,
    ) -> None:
        self.target = target
        self.outline = outline
        self.chosen = chosen
        self.diagnostics = diagnostics
        self.suppressed = suppressed
        self.fixed = 0
        self.diff = ""

    def plain(self) -> tuple[Any, ...]:
        """As values of the language alone, to be sent from a process to its parent."""
        diagnostics = [_plain_diagnostic(each) for each in self.diagnostics]
        outline = tuple(self.outline._replace(host=self.outline.host.id))  # type: ignore[arg-type]
        return outline, self.chosen, diagnostics, self.suppressed


def outcome_of(target: Target, plain: tuple[Any, ...]) -> Outcome:
    """The reverse of `Outcome.plain`; of fixes only their titles come back."""
    from mcpctl.config.hosts.table import rows

    (file, real, host, situation, names), chosen, diagnostics, suppressed = plain
    outline = Outline(file, real, rows()[host], situation, names)
    return Outcome(target, outline, chosen, [_diagnostic(each) for each in diagnostics], suppressed)


def _plain_diagnostic(each: Diagnostic) -> tuple[Any, ...]:
    fix = None if each.fix is None else (each.fix.title, (), each.fix.safe)
    excerpt = None if each.excerpt is None else tuple(each.excerpt)
    return tuple(each._replace(fix=fix, excerpt=excerpt))  # type: ignore[arg-type]


def _diagnostic(plain: tuple[Any, ...]) -> Diagnostic:
    each = Diagnostic(*plain)
    fix = None if each.fix is None else Fix(*each.fix)
    return each._replace(fix=fix, excerpt=None if each.excerpt is None else Excerpt(*each.excerpt))


class Checker:
    def __init__(self, options: ValidateOptions, world: World, config: Sequence[str] = ()) -> None:
        self.options = options
        self.world = world
        self.settings = find_settings(world, config)
        select = options.select or self.settings.select
        plain = tuple(word for word in options.ignore if ":" not in word)
        self.plan = Plan(select, (*plain, *self.settings.ignored_everywhere))
        self._clean: dict[tuple[object, ...], Outcome] = {}
        named = tuple(word for word in options.ignore if ":" in word)
        if named:
            self.settings = self.settings._replace(ignore=(*self.settings.ignore, *named))
        fail_on: Threshold = options.fail_on or self._configured_threshold()
        self.threshold: Threshold = "warning" if options.strict and fail_on == "error" else fail_on

    def check(self, target: Target) -> Outcome:
        data, mode = self._read(target)
        likeness = _likeness(target, data, mode)
        known = self._clean.get(likeness)
        if known is not None:
            outline = known.outline._replace(file=target.shown, real=target.real)
            return Outcome(target, outline, known.chosen, [], 0)
        subject = self._subject(target, data, mode)
        found: Sequence[Found] = check(subject, self.plan)
        fixed, diff = 0, ""
        if (self.options.fix or self.options.diff) and found:
            fixed, diff, subject, found = self._fix(target, subject, mode, found)
        diagnostics, suppressed = self.tell(subject, found)
        outcome = Outcome(target, subject.outline(), subject.chosen, diagnostics, suppressed)
        outcome.fixed, outcome.diff = fixed, diff
        if not found and len(self._clean) < _MOST_KNOWN and not _depends_on_others(subject):
            self._clean[likeness] = outcome
        return outcome

    def check_all(self, targets: Sequence[Target]) -> Iterator[Outcome | McpctlError]:
        """Every file in order; many of them on several processors."""
        count = 1 if self.options.fix or self.options.diff else workers(len(targets))
        plain = shared(targets, self._plain, count) if count > 1 else [None] * len(targets)
        for target, known in zip(targets, plain, strict=True):
            if known is not None:
                yield outcome_of(target, known)
                continue
            try:
                yield self.check(target)
            except McpctlError as error:
                yield error

    def _plain(self, target: Target) -> tuple[Any, ...] | None:
        try:
            return self.check(target).plain()
        except McpctlError:
            return None  # it is looked at again, where the error can be told

    def subject_of(self, target: Target) -> Subject:
        """Read a file again; it may have changed or gone since."""
        return self._subject(target, *self._read(target))

    def tell(self, subject: Subject, found: Sequence[Found]) -> tuple[list[Diagnostic], int]:
        """What is to be told of a file's findings, and how many were switched off."""
        if not found:
            return [], 0
        from mcpctl.lint.places import locate
        from mcpctl.lint.suppress import commented, is_commented

        comments = commented(subject)
        told: list[Diagnostic] = []
        for rule, finding in found:
            diagnostic = locate(subject, finding, rule)
            if not self.settings.covers(diagnostic) and not (comments and is_commented(diagnostic, comments)):
                told.append(diagnostic)
        return told, len(found) - len(told)

    def together(self, outcomes: Sequence[Outcome]) -> list[Diagnostic]:
        """What shows only when files are compared; a file is read again where it has such a finding."""
        told: list[Diagnostic] = []
        by_file = {outcome.outline.real: outcome for outcome in outcomes}
        for outline, (rule, finding) in check_together([outcome.outline for outcome in outcomes], self.plan):
            try:
                subject = self.subject_of(by_file[outline.real].target)
            except McpctlError:
                continue
            diagnostics, _ = self.tell(subject, [(rule, finding)])
            told += diagnostics
        return told

    def known_aside(self, diagnostics: list[Diagnostic]) -> tuple[list[Diagnostic], int]:
        """Leave out what the baseline knows, or write down what there is as known."""
        name = self.options.baseline
        if name is None:
            return diagnostics, 0
        from mcpctl.lint.suppress import beyond, read_baseline, write_baseline

        path = self.world.cwd / name
        if self.options.update_baseline:
            from mcpctl.config.edit.write import write_text

            write_text(path, write_baseline(diagnostics))
            return [], len(diagnostics)
        try:
            text = path.read_text("utf-8")
        except (OSError, ValueError) as error:
            raise UsageError(
                f"cannot read the baseline `{name}`",
                code="usage.baseline",
                hint="write it with `--update-baseline`",
            ) from error
        fresh = beyond(diagnostics, read_baseline(text, name))
        return fresh, len(diagnostics) - len(fresh)

    def _read(self, target: Target) -> tuple[bytes, int | None]:
        if target.shown == "-":
            return self.world.stdin.read(MAX_BYTES + 1), None
        try:
            handle = os.open(target.real, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                about = os.fstat(handle)
                if stat.S_ISFIFO(about.st_mode):
                    os.set_blocking(handle, True)
                elif not stat.S_ISREG(about.st_mode):
                    raise IsADirectoryError(0, "it is no file")
                return _all_of(handle, about.st_size), about.st_mode
            finally:
                os.close(handle)
        except (OSError, ValueError) as error:
            raise _unreadable(target.shown, error) from error

    def _subject(self, target: Target, data: bytes, mode: int | None) -> Subject:
        stdin = target.shown == "-"
        name = (self.options.stdin_name or "<stdin>") if stdin else target.shown
        return read_subject(
            name,
            data,
            host=self.options.host,
            situation=target.situation,
            target=self.options.target,
            real=None if stdin else target.real,
            mode=mode,
        )

    def _fix(
        self, target: Target, subject: Subject, mode: int | None, found: Sequence[Found]
    ) -> tuple[int, str, Subject, Sequence[Found]]:
        from mcpctl.lint.diffs import diff_of, keep
        from mcpctl.lint.fixes import fix_all
        from mcpctl.lint.suppress import commented

        if subject.document.encoding != "utf-8" or any(
            fault.code == "encoding" for fault in subject.document.faults
        ):
            return 0, "", subject, found

        def examine(data: bytes) -> tuple[Subject, Sequence[Found]]:
            current = self._subject(target, data, mode)
            every = check(current, self.plan)
            return current, keep(current, every, self.settings, commented(current))

        fixed = fix_all(subject, examine=examine, unsafe=self.options.unsafe_fixes)
        if fixed.text == subject.document.text and fixed.bom == subject.document.bom:
            return 0, "", subject, found
        diff = diff_of(subject, fixed) if self.options.diff else ""
        if self.options.diff or target.shown == "-":
            return 0, diff, subject, found
        from pathlib import Path

        from mcpctl.config.edit.write import write_text

        write_text(Path(target.real), fixed.text, bom=fixed.bom)
        data, mode = self._read(target)
        after = self._subject(target, data, mode)
        return fixed.made, "", after, check(after, self.plan)

    def _configured_threshold(self) -> Threshold:
        words: tuple[Threshold, ...] = ("error", "warning", "info", "never")
        return next((word for word in words if word == self.settings.fail_on), "error")


def _likeness(target: Target, data: bytes, mode: int | None) -> tuple[object, ...]:
    """Files that are alike in all of this have the same findings; where there are many, there are copies."""
    host = by_path(target.real)
    name = target.real.rpartition("/")[2]
    writable = mode is not None and mode & stat.S_IWOTH
    return hash(data), len(data), name, host.id if host else None, target.situation, writable


def _depends_on_others(subject: Subject) -> bool:
    """Whether a finding could come from beside the file: its folder, a program that it names."""
    if subject.host.closed or subject.host.told_by_folder:
        return True
    return any(entry.command is not None and entry.command[:1] in {"/", "."} for entry in subject.entries)


def _all_of(handle: int, size: int) -> bytes:
    """Everything up to the limit; one more byte tells that there was more."""
    first = os.read(handle, min(size, MAX_BYTES) + 1)
    if 0 < len(first) == size:
        return first
    parts = [first]
    left = MAX_BYTES + 1 - len(first)
    while left > 0 and parts[-1]:
        parts.append(os.read(handle, min(left, 65536)))
        left -= len(parts[-1])
    return b"".join(parts)


def _unreadable(name: str, error: Exception) -> ConfigError:
    reason = error.strerror.lower() if isinstance(error, OSError) and error.strerror else "it is no file name"
    return ConfigError(
        f"cannot read `{name}`: {reason}",
        code="config.unreadable",
        hint="check the path and its permissions",
        file=name,
    )
