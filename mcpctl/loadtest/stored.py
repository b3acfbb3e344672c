"""Runs as JSON: what `--save` writes, what workers and shards hand back, what is merged and compared.

Histograms are in the HdrHistogram encoding. A file tells what load it was, so that nobody compares apples with pears.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from mcpctl import __version__
from mcpctl.errors import UsageError
from mcpctl.loadtest.encoding import decode, encode
from mcpctl.loadtest.histogram import Histogram
from mcpctl.loadtest.plan import Plan
from mcpctl.loadtest.results import Effort, Moment, Run, Tally, pack
from mcpctl.model.load_report import ProcessSample
from mcpctl.model.value import dataclass, field

FORMAT = 1
"""Grows when a file of before can no longer be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Which load it was. Two runs can be compared when their `load` is equal, merged when their `series` is."""

    server: str
    tool: str | None
    transport: str
    protocol_version: str
    model: str
    level: float
    sessions: int
    load: str
    """A digest of everything that makes the load, but the server and the shard."""
    shard: int = 0
    shards: int = 1
    environment: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    about: About
    run: Run
    file: str | None = None


def about(plan: Plan) -> About:
    names = list(dict.fromkeys(target.name for target in plan.targets))
    return About(
        server=", ".join(names),
        tool=plan.operations[0].name if len(plan.operations) == 1 else None,
        transport=", ".join(dict.fromkeys(target.transport for target in plan.targets)),
        protocol_version=plan.targets[0].protocol_version,
        model=plan.model,
        level=plan.profile.peak,
        sessions=plan.sessions,
        load=_digest(plan),
        shard=plan.shard,
        shards=plan.shards,
        environment=environment(),
    )


def environment() -> dict[str, Any]:
    return {
        "mcpctl": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "processors": os.cpu_count() or 1,
        "host": platform.node(),
    }


def save(stored: StoredRun, path: Path) -> None:
    """Raises `UsageError`; `check_writable` tells earlier."""
    text = json.dumps(to_json(stored), sort_keys=True, separators=(",", ":"))
    try:
        path.write_text(text + "\n", "utf-8")
    except OSError as error:
        raise unwritable(path, error) from error


def load(path: Path) -> StoredRun:
    """Raises `UsageError`."""
    try:
        value = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(
            f"`{path}` cannot be read: {(error.strerror or str(error)).lower()}",
            code="usage.run_file",
            hint="name a file that `--save FILE` of `mcpctl loadtest` wrote",
        ) from error
    except (ValueError, RecursionError) as error:
        raise _not_a_run(path, "it is not JSON") from error
    try:
        return from_json(value, file=str(path))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _not_a_run(path, f"something is missing or of the wrong kind: {error}") from error
    except UsageError as error:
        raise _not_a_run(path, error.message) from error


def check_writable(path: Path) -> None:
    """Before a load of an hour: whether its result can be put there. Leaves an existing file as it is."""
    existed = path.exists()
    try:
        with path.open("ab"):
            pass
        if not existed:
            path.unlink()
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"`{path}` cannot be written: {(error.strerror or str(error)).lower()}",
        code="usage.file",
        hint="name a file in a folder that exists and is yours",
    )


def to_json(stored: StoredRun) -> dict[str, Any]:
    return {"mcpctl_run": FORMAT, "about": asdict(stored.about), "run": run_to_json(stored.run)}


def from_json(value: Any, *, file: str | None = None) -> StoredRun:
    if not isinstance(value, dict) or value.get("mcpctl_run") != FORMAT:
        raise ValueError(f"`mcpctl_run` is not {FORMAT}")
    return StoredRun(about=About(**value["about"]), run=run_from_json(value["run"]), file=file)


def run_to_json(run: Run) -> dict[str, Any]:
    return {
        "tallies": [
            {
                "name": tally.name,
                "kind": tally.kind,
                "ok": tally.ok,
                "errors": tally.errors,
                "strays": tally.strays,
                "within": tally.within,
                "latency": _written(tally.latency),
                "service": _written(tally.service),
            }
            for tally in run.tallies.values()
        ],
        "moments": [moment_to_json(moment) for moment in run.moments],
        "connect": _written(run.connect),
        "effort": {
            **{name: getattr(run.effort, name) for name in _PLAIN_EFFORT},
            "slip": _written(run.effort.slip),
            "lag": _written(run.effort.lag),
        },
        "processes": [asdict(sample) for sample in run.processes],
        **{name: getattr(run, name) for name in _PLAIN_RUN},
    }


def run_from_json(value: Mapping[str, Any]) -> Run:
    tallies = [
        Tally(
            name=one["name"],
            kind=one["kind"],
            ok=one["ok"],
            errors=dict(one["errors"]),
            strays=dict(one.get("strays", {})),
            within=one["within"],
            latency=_read(one["latency"]),
            service=_read(one["service"]),
        )
        for one in value["tallies"]
    ]
    effort = value["effort"]
    return Run(
        tallies={tally.name: tally for tally in tallies},
        moments=[moment_from_json(moment) for moment in value["moments"]],
        connect=_read(value["connect"]),
        effort=Effort(
            slip=_read(effort["slip"]),
            lag=_read(effort["lag"]),
            **{name: effort[name] for name in _PLAIN_EFFORT},
        ),
        processes=[ProcessSample(**sample) for sample in value["processes"]],
        **{name: value[name] for name in _PLAIN_RUN},
    )


def moment_to_json(moment: Moment) -> dict[str, Any]:
    about = {name: getattr(moment, name) for name in (*_PLAIN_MOMENT, "strays")}
    return about | {"latency": _written(moment.latency())}


def moment_from_json(value: Mapping[str, Any]) -> Moment:
    about = {name: value[name] for name in _PLAIN_MOMENT} | {"strays": value.get("strays", {})}
    return Moment(packed=pack(_read(value["latency"])), **about)


_PLAIN_EFFORT = (
    "cpu_share",
    "starved_share",
    "wake_up",
    "pauses",
    "longest_pause",
    "late_answers",
    "workers",
)
_PLAIN_MOMENT = ("index", "span", "sent", "ok", "errors", "in_flight", "dropped")
_PLAIN_RUN = (
    "started_at",
    "duration",
    "dropped",
    "missed",
    "error_samples",
    "sampled",
    "faults",
    "failed_samples",
    "restarts",
    "lost",
    "ended",
    "dead",
)


def _written(histogram: Histogram) -> dict[str, Any]:
    """Sum and extremes beside it, because the encoding only knows them to a thousandth."""
    if not histogram.count:
        return {}
    exact = {"sum": histogram.sum, "min": histogram.minimum, "max": histogram.maximum}
    return exact | {"hdr": encode(histogram)}


def _read(value: Mapping[str, Any]) -> Histogram:
    if not value:
        return Histogram()
    histogram = decode(value["hdr"])
    histogram.sum = int(value["sum"])
    histogram.minimum = int(value["min"])
    histogram.maximum = int(value["max"])
    return histogram


def _digest(plan: Plan) -> str:
    load = {
        "operations": [
            (each.name, each.kind, each.content or each.params, each.weight) for each in plan.operations
        ],
        "model": plan.model,
        "arrivals": plan.arrivals,
        "profile": plan.profile.peak if plan.profile.is_level else asdict(plan.profile),
        "sessions": plan.sessions,
        "think": plan.think,
        "calls_per_session": plan.calls_per_session,
    }
    return sha256(json.dumps(load, sort_keys=True).encode()).hexdigest()[:16]


def _not_a_run(path: Path, why: str) -> UsageError:
    return UsageError(
        f"`{path}` is no stored run: {why}",
        code="usage.run_file",
        hint="name a file that `mcpctl loadtest --save` wrote",
    )
