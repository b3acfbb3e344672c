"""A verb that exists for one test: any function becomes a command with a view, run through the real frame."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mcpctl.cli.entry import run
from mcpctl.cli.generated.table import GRAMMARS
from mcpctl.cli.grammar import Argument, Grammar, Option
from mcpctl.cli.verbs import VERBS, Verb
from mcpctl.model.events import Event
from mcpctl.model.report import Report
from mcpctl.model.value import dataclass
from mcpctl.model.world import World
from mcpctl.render.blocks import Block
from mcpctl.render.view import View
from tests.support import world


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeOptions:
    words: tuple[str, ...] = ()
    mark: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeReport(Report):
    text: str = "done"


class ProbeVerb(Verb):
    """A row that finds its rooms in a test."""

    command_function: Callable[..., Any]
    shown: View[Any]

    def load_options(self) -> Any:
        return ProbeOptions

    def load_command(self) -> Callable[..., Any]:
        return self.command_function

    def load_view(self) -> Any:
        return self.shown


def probe(
    command: Callable[..., Any], *, streams: Mapping[type[Event], Callable[[Any], Block]] | None = None
) -> dict[str, Any]:
    """Arguments for `run` that add the verb `probe [WORD...] [--mark TEXT]`."""
    row = type(
        "Row",
        (ProbeVerb,),
        {
            "command_function": staticmethod(command),
            "shown": View(
                report=ProbeReport,
                data=lambda report: {"text": report.text},
                human=lambda report: (report.text,),
                formats={"loud": lambda report: report.text.upper() + "\n"},
                streams=streams or {},
            ),
        },
    )
    grammar = Grammar(
        {"--mark": Option("mark", "text"), "-m": Option("mark", "text")},
        (Argument("words", "WORD", "text", required=False, many=True),),
    )
    return {
        "verbs": {**VERBS, "probe": row("More", "", "", "", "")},
        "grammars": {**GRAMMARS, "probe": grammar},
    }


class Outcome(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def envelope(self) -> dict[str, Any]:
        return json.loads(self.out.splitlines()[-1])


def result(argv: list[str], here: World, **verbs: Any) -> Outcome:
    code = run(argv, here, **verbs)
    return Outcome(code, here.stdout.getvalue().decode(), here.stderr.getvalue().decode())


def ran(command: Callable[..., Any], argv: list[str], tmp_path: Path, **surroundings: Any) -> Outcome:
    """`argv` without the verb's own word, which comes first."""
    streams = surroundings.pop("streams", None)
    return result(["probe", *argv], world(tmp_path, **surroundings), **probe(command, streams=streams))
