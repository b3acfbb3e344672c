"""mcpctl's own format: settings that never act, or always."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from mcpctl.lint.entry import Entry
from mcpctl.lint.finding import Finding
from mcpctl.lint.registry import Example, rule
from mcpctl.lint.rules.own import FILES, own, texts_of
from mcpctl.lint.subject import Subject


@rule(
    "MCP144",
    "unreachable-tool",
    severity="warning",
    about=lambda host: host.closed,
    traits=("cache", "rate_limit", "tool_truncate"),
    bad=own('deny_tools = ["search"]\ncache = { tools = { search = "5m" } }\n'),
    good=own('deny_tools = ["delete"]\ncache = { tools = { search = "5m" } }\n'),
)
def unreachable_tool(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A tool is cached or limited that the same server does not let through.

    Either it is denied by mistake, or the setting is a left-over. Whether the tool exists at all is asked with
    `--connect`.
    """
    del subject
    allowed, denied = entry.get("allow_tools"), texts_of(entry.get("deny_tools"))
    for field, below in (("cache", ("tools",)), ("rate_limit", ("tools",)), ("tool_truncate", ())):
        table: Any = entry.get(field)
        for part in below:
            table = table.get(part) if isinstance(table, dict) else None
        for tool in table if isinstance(table, dict) else ():
            hidden = tool in denied or (isinstance(allowed, list) and not _lets_through(allowed, tool))
            if hidden:
                yield Finding(
                    at=(*entry.at(field), *below, tool),
                    part="key",
                    message=f"`{entry.name}` does not let `{tool}` through, so this has no effect",
                    hint="allow the tool, or remove this",
                )


def _lets_through(allowed: list[Any], tool: str) -> bool:
    from fnmatch import fnmatchcase

    return any(isinstance(each, str) and fnmatchcase(tool, each) for each in allowed)


@rule(
    "MCP145",
    "threshold-out-of-range",
    severity="warning",
    about=lambda host: host.closed,
    traits=("retry", "breaker", "rate_limit", "truncate", "health"),
    bad=own('retry = { initial = "1m", maximum = "5s" }\n'),
    good=own('retry = { initial = "200ms", maximum = "5s" }\n'),
)
def threshold_out_of_range(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A limit is set so that it never acts, or always.

    A first pause longer than the longest one, a burst above its limit, a p95 that is promised faster than the p50.
    """
    del subject
    retry, rate = entry.get("retry"), entry.get("rate_limit")
    if isinstance(retry, dict):
        first, longest = _seconds(retry.get("initial")), _seconds(retry.get("maximum"))
        if first is not None and longest is not None and first > longest:
            yield _limit(
                entry, ("retry", "initial"), "the first pause is longer than the longest one", "swap the two"
            )
        factor = retry.get("factor")
        if isinstance(factor, int | float) and factor > 100:
            yield _limit(
                entry, ("retry", "factor"), "each pause is over a hundred times the one before", "use 2"
            )
    classes = rate.get("classes") if isinstance(rate, dict) else None
    for name, each in (classes if isinstance(classes, dict) else {}).items():
        burst, limit = (each.get("burst"), each.get("limit")) if isinstance(each, dict) else (None, None)
        if isinstance(burst, int) and isinstance(limit, int) and burst > limit:
            yield _limit(
                entry,
                ("rate_limit", "classes", name, "burst"),
                "the burst is larger than the limit",
                "lower it",
            )
    health = entry.get("health")
    if isinstance(health, dict):
        yield from _health_limits(entry, health)


def _health_limits(entry: Entry, health: dict[str, Any]) -> Iterator[Finding]:
    latency = health.get("latency")
    promised = (
        [(name, _seconds(latency[name])) for name in _PERCENTS if name in latency]
        if isinstance(latency, dict)
        else []
    )
    for (lower, fast), (higher, slow) in pairwise(promised):
        if fast is not None and slow is not None and fast > slow:
            yield _limit(
                entry,
                ("health", "latency", higher),
                f"`{higher}` is promised faster than `{lower}`",
                "swap the two",
            )
    interval, timeout = _seconds(health.get("interval")), _seconds(health.get("timeout"))
    if interval is not None and timeout is not None and timeout > interval:
        message = "a look may take longer than the time until the next one"
        yield _limit(entry, ("health", "timeout"), message, "keep it under `interval`")


_PERCENTS = ("p50", "p95", "p99")


def _limit(entry: Entry, below: tuple[str, ...], message: str, hint: str) -> Finding:
    head = entry.at(below[0])
    return Finding(at=(*head, *below[1:]), message=f"in `{entry.name}`, {message}", hint=hint)


def _seconds(value: Any) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        from mcpctl.model.duration import parse_duration

        try:
            return parse_duration(value)
        except ValueError:
            return None
    return None


@rule(
    "MCP412",
    "watch-matches-nothing",
    severity="warning",
    about=lambda host: host.closed,
    traits=("watch",),
    bad=own('watch = ["no-such-folder/**/*.py"]\n'),
    good=Example(
        FILES + 'watch = ["src/*.py"]\n',
        host="mcpctl",
        whole=True,
        also=(("src/server.py", ""),),
        name="mcpctl.toml",
    ),
)
def watch_matches_nothing(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A pattern of files to watch matches none: the server would never be reloaded because of it.

    Patterns are relative to the folder of the configuration, or to the server's `cwd`.
    """
    if subject.real is None:
        return
    from pathlib import Path

    base = Path(subject.real).parent
    cwd = entry.get("cwd")
    folders = [base, base / cwd] if isinstance(cwd, str) and "$" not in cwd else [base]
    for index, pattern in enumerate(texts_of(entry.get("watch"))):
        if "$" in pattern or pattern.startswith("!"):
            continue
        if not any(_matches(folder, pattern) for folder in folders):
            yield Finding(
                at=(*entry.at("watch"), index),
                message=f"no file matches `{pattern}`, so nothing reloads `{entry.name}`",
                hint=f"patterns start at `{base.name or base}`",
            )


def _matches(folder: Any, pattern: str) -> bool:
    from glob import iglob

    try:
        return next(iter(iglob(pattern, root_dir=folder, recursive=True)), None) is not None
    except (OSError, ValueError):
        return False
