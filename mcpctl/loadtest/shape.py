"""From what a user asked for to the shape of the load: which model, how much of it, how long. Contradictions end here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import inf

from mcpctl.errors import UsageError
from mcpctl.loadtest.profile import FOREVER, Profile, staged, steady
from mcpctl.model.load import Arrivals, LoadOptions, Model
from mcpctl.model.value import dataclass

DEFAULT_CONCURRENCY = 10
"""Enough to keep a server busy, and too few to hurt one that was named by mistake."""
DEFAULT_DURATION = 10.0
"""Seconds; long enough for a median, short enough to be tried."""

_CAP_SECONDS = 2.0
"""A frozen server is waited for so long before an open load drops requests, where no cap is given."""
_CAP_LEAST, _CAP_MOST = 1000, 10_000

_RATE = re.compile(r"\s*(\d+(?:\.\d+)?|\.\d+)\s*(?:/\s*(s|m|h|min|sec))?\s*")
_PER = {None: 1.0, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    model: Model
    profile: Profile
    arrivals: Arrivals
    requests: int | None
    max_in_flight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Straight to its level in its time; one without time jumps there."""

    seconds: float
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    model: Model
    steps: tuple[Stage, ...]


def shape(options: LoadOptions, stages: Stages | None = None) -> Shape:
    """Raises `UsageError`. The level of a closed profile is that of all sessions together."""
    _check_numbers(options)
    _check_conflicts(options)
    if stages is not None:
        return _staged(options, stages)
    if options.rate is not None:
        return _open(options, parse_rate(options.rate))
    level = (options.concurrency or DEFAULT_CONCURRENCY) * (1 if options.connect else options.sessions)
    return Shape(
        model="closed",
        profile=steady(level, ramp=options.ramp, until=_until(options)),
        arrivals="constant",
        requests=options.requests,
        max_in_flight=level,
    )


def parse_rate(text: str) -> float:
    """`500`, `500/s`, `30/m`: requests a second. Raises `UsageError`."""
    match = _RATE.fullmatch(text)
    rate = float(match[1]) / _PER[match[2]] if match else 0.0
    if not 0 < rate < inf:
        raise UsageError(
            f"`--rate {text}` is no rate above 0",
            code="usage.invalid_value",
            hint="write it as `500/s`, `500` or `30/m`",
        )
    return rate


def parse_share(text: str, option: str) -> float:
    """`10%` or `0.1` -> 0.1. Raises `UsageError`."""
    number, percent, rest = text.strip().partition("%")
    try:
        share = float(number) / (100 if percent else 1)
    except ValueError:
        share = 0.0
    if rest or not 0 < share < 1000:
        raise _bad_value(f"`{option} {text}` is no share above 0", "write it as `10%`")
    return share


def parse_shard(text: str) -> tuple[int, int]:
    """`2/4` -> (1, 4): counted from 0. Raises `UsageError`."""
    match = re.fullmatch(r"(\d+)/(\d+)", text.strip())
    number, of = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= number <= of:
        raise UsageError(
            f"`--shard {text}` is no part of a whole",
            code="usage.invalid_value",
            hint="write it as `1/4` to `4/4`; an index that counts from 0 needs 1 added",
        )
    return number - 1, of


def _open(options: LoadOptions, rate: float) -> Shape:
    cap = options.max_in_flight or round(min(max(rate * _CAP_SECONDS, _CAP_LEAST), _CAP_MOST))
    return Shape(
        model="open",
        profile=steady(rate, ramp=options.ramp, until=_until(options)),
        arrivals=options.arrivals or "constant",
        requests=options.requests,
        max_in_flight=cap,
    )


def _staged(options: LoadOptions, stages: Stages) -> Shape:
    scale = options.sessions if stages.model == "closed" and not options.connect else 1
    steps = [(stage.seconds, stage.level * scale) for stage in stages.steps]
    profile = staged(steps, lead=options.warmup)
    if profile.peak <= 0 or (stages.model == "closed" and round(profile.peak) == 0):
        raise UsageError(
            "the stages never leave level 0",
            code="usage.stages",
            hint="give a stage a `rate` or `concurrency`",
        )
    peak = profile.peak
    cap = (
        round(min(max(peak * _CAP_SECONDS, _CAP_LEAST), _CAP_MOST)) if stages.model == "open" else round(peak)
    )
    return Shape(
        model=stages.model,
        profile=profile,
        arrivals=options.arrivals or "constant",
        requests=options.requests,
        max_in_flight=options.max_in_flight or cap,
    )


def _until(options: LoadOptions) -> float:
    if options.duration is not None:
        return options.warmup + options.duration
    return FOREVER if options.requests is not None else options.warmup + DEFAULT_DURATION


def _check_numbers(options: LoadOptions) -> None:
    least_one: Sequence[tuple[str, float | None]] = (
        ("--concurrency", options.concurrency),
        ("--requests", options.requests),
        ("--sessions", options.sessions),
        ("--calls-per-session", options.calls_per_session),
        ("--max-in-flight", options.max_in_flight),
        ("--workers", options.workers),
    )
    for name, value in least_one:
        if value is not None and value < 1:
            raise _bad_value(f"`{name} {value:g}` makes no load", f"give `{name}` 1 or more")
    if options.duration is not None and options.duration <= 0:
        raise _bad_value("`--duration 0` makes no load", "give a duration such as `30s`")
    if options.call_timeout is not None and options.call_timeout <= 0:
        raise _bad_value("`--call-timeout 0` lets no request be answered", "give a time such as `5s`")
    parse_share(options.max_regression, "--max-regression")
    if options.ramp and options.duration is not None and options.ramp > options.warmup + options.duration:
        raise _bad_value("`--ramp` is longer than the load", "give a longer `--duration`")
    if options.check_every < 0:
        raise _bad_value("`--check-every` is negative", "give 0 to validate no answers")


_EXCLUSIVE = (
    ("--stages", "--rate", "the file of stages tells it"),
    ("--stages", "--concurrency", "the file of stages tells it"),
    ("--stages", "--duration", "the file of stages tells it"),
    ("--stages", "--ramp", "the file of stages tells it"),
    ("--stages", "--find-limit", "a search makes levels of its own"),
    ("--rate", "--concurrency", "a rate does not wait for answers; `--max-in-flight` caps what is open"),
    ("--rate", "--think", "a rate has its own pauses"),
    ("--connect", "--calls-per-session", "sessions alone make no calls"),
    ("--find-limit", "--requests", "a search makes many runs of its own"),
    ("--find-limit", "--baseline", "a search makes many runs of its own"),
    ("--find-limit", "--shard", "a search makes many runs of its own"),
    ("--find-limit", "--cluster", "a search makes many runs of its own"),
    ("--shard", "--workers", "a shard is one of many generators already"),
    ("--shard", "--cluster", "a shard is one of many generators already"),
    ("--cluster", "--workers", "the cluster says how many workers it has"),
)

_NEEDS = (
    ("--arrivals", ("--rate", "--stages"), "add `--rate 100/s`"),
    ("--max-in-flight", ("--rate", "--stages"), "add `--rate 100/s`"),
    ("--abort-on-fail", ("--threshold",), "add `--threshold 'p99<200ms'`"),
    ("--limit-of", ("--find-limit",), "add `--find-limit 'p99<200ms'`"),
    ("--max-regression", ("--baseline",), "add `--baseline FILE`"),
)


def _check_conflicts(options: LoadOptions) -> None:
    given: dict[str, object] = {
        "--stages": options.stages,
        "--rate": options.rate,
        "--concurrency": options.concurrency,
        "--duration": options.duration,
        "--ramp": options.ramp,
        "--find-limit": options.find_limit,
        "--think": options.think,
        "--connect": options.connect,
        "--calls-per-session": options.calls_per_session,
        "--requests": options.requests,
        "--baseline": options.baseline,
        "--shard": options.shard,
        "--cluster": options.cluster,
        "--workers": options.workers > 1,
        "--arrivals": options.arrivals,
        "--max-in-flight": options.max_in_flight,
        "--abort-on-fail": options.abort_on_fail,
        "--threshold": options.thresholds,
        "--limit-of": options.limit_of != LoadOptions().limit_of,
        "--max-regression": options.max_regression != LoadOptions().max_regression,
    }
    for one, other, why in _EXCLUSIVE:
        if given[one] and given[other]:
            raise UsageError(
                f"`{one}` and `{other}` exclude each other: {why}",
                code="usage.conflict",
                hint=f"leave out `{other}`",
            )
    for name, others, hint in _NEEDS:
        if given[name] and not any(given[other] for other in others):
            raise UsageError(f"`{name}` needs `{others[0]}`", code="usage.conflict", hint=hint)


def _bad_value(message: str, hint: str) -> UsageError:
    return UsageError(message, code="usage.invalid_value", hint=hint)
