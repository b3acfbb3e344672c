"""What a worker and its conductor say to each other: one JSON object a line, in both directions.

To a worker: a plan, then `begin` with the moment, then perhaps `stop`, and perhaps another plan. From it: `ready`, each
second's growth, and at the end the whole run or the error that prevented it.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from mcpctl import errors
from mcpctl.errors import BugError, McpctlError
from mcpctl.loadtest.engine import Progress
from mcpctl.loadtest.results import Moment, Tally, pack, unpack
from mcpctl.loadtest.stored import run_to_json
from mcpctl.model.load_report import Phase
from mcpctl.model.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """What a worker tells while it works; `moment` and `growth` once a second, when it counts."""

    phase: Phase
    elapsed: float
    in_flight: int
    moment: Moment | None
    growth: tuple[Tally, ...]


def line(kind: str, /, **about: Any) -> bytes:
    return json.dumps({"type": kind, **about}, separators=(",", ":")).encode() + b"\n"


def beat_line(progress: Progress) -> bytes:
    moment = progress.moment
    return line(
        "beat",
        phase=progress.phase,
        elapsed=progress.elapsed,
        in_flight=progress.in_flight,
        moment=None if moment is None else _moment(moment),
        growth=[_tally(tally) for tally in progress.growth],
    )


def beat_from(value: Mapping[str, Any]) -> Beat:
    moment = value["moment"]
    return Beat(
        phase=value["phase"],
        elapsed=value["elapsed"],
        in_flight=value["in_flight"],
        moment=None if moment is None else Moment(**{**moment, "packed": b64decode(moment["packed"])}),
        growth=tuple(
            Tally(**{**tally, "latency": unpack(b64decode(tally["latency"]))}) for tally in value["growth"]
        ),
    )


def result_line(run: Any) -> bytes:
    return line("result", run=run_to_json(run))


def error_line(error: McpctlError) -> bytes:
    about = error.data()
    return line("error", kind=type(error).__name__, **{key: about[key] for key in _KEPT})


def error_from(value: Mapping[str, Any]) -> McpctlError:
    """The same class again, as far as the class needs no more than words."""
    kind = getattr(errors, str(value["kind"]), BugError)
    about = {key: value[key] for key in _KEPT if key != "message"}
    if kind is errors.DeadlineError:
        return errors.DeadlineError(value["message"], step="start", limit=0.0, **about)
    if not (isinstance(kind, type) and issubclass(kind, McpctlError)):
        kind = BugError
    return kind(value["message"], **about)


_KEPT = ("message", "code", "hint", "server")


def _moment(moment: Moment) -> dict[str, Any]:
    return {
        "index": moment.index,
        "span": moment.span,
        "sent": moment.sent,
        "ok": moment.ok,
        "errors": moment.errors,
        "strays": moment.strays,
        "in_flight": moment.in_flight,
        "dropped": moment.dropped,
        "packed": b64encode(moment.packed).decode(),
    }


def _tally(tally: Tally) -> dict[str, Any]:
    """Service times stay behind: nobody watches them live."""
    return {
        "name": tally.name,
        "kind": tally.kind,
        "ok": tally.ok,
        "errors": tally.errors,
        "strays": tally.strays,
        "latency": b64encode(pack(tally.latency)).decode(),
    }
