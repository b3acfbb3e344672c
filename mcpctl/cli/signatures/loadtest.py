"""What can be typed to put load on servers, and to compare what came out."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from mcpctl.cli.signatures.shared import access, address, takes
from mcpctl.model.duration import parse_duration


def load(
    *,
    concurrency: Annotated[
        int | None,
        typer.Option("-c", "--concurrency", metavar="N", help="Requests in flight on each session (10)."),
    ] = None,
    rate: Annotated[
        str | None, typer.Option(metavar="N/s", help="Send at this rate, however slowly the server answers.")
    ] = None,
    requests: Annotated[
        int | None, typer.Option("-n", "--requests", metavar="N", help="Stop after so many requests.")
    ] = None,
    duration: Annotated[
        float | None,
        typer.Option(
            "-d", "--duration", metavar="DURATION", parser=parse_duration, help="Load for so long (10s)."
        ),
    ] = None,
    sessions: Annotated[int, typer.Option(metavar="N", help="Sessions with each server.")] = 1,
    arrivals: Annotated[
        Literal["constant", "poisson"] | None, typer.Option(help="How the moments of a rate are spread.")
    ] = None,
    warmup: Annotated[
        float | None,
        typer.Option(metavar="DURATION", parser=parse_duration, help="Load before, which is not counted."),
    ] = None,
    think: Annotated[
        float | None,
        typer.Option(
            metavar="DURATION", parser=parse_duration, help="Pause between an answer and the next call."
        ),
    ] = None,
    calls_per_session: Annotated[
        int | None, typer.Option(metavar="N", help="Open each session anew after so many calls.")
    ] = None,
    max_in_flight: Annotated[
        int | None,
        typer.Option(metavar="N", help="With a rate: drop and count what would be open beyond this."),
    ] = None,
    call_timeout: Annotated[
        float | None,
        typer.Option(metavar="DURATION", parser=parse_duration, help="Give each request so long (60s)."),
    ] = None,
    workers: Annotated[int, typer.Option(metavar="N", help="Share the load among so many processes.")] = 1,
    yes_remote: Annotated[
        bool, typer.Option("--yes-remote", help="Load a server that is not on this machine.")
    ] = False,
) -> None:
    """Load"""


def content(
    *,
    arguments: Annotated[
        str | None, typer.Option("--args", metavar="JSON", help="All arguments as JSON, `@FILE` or `-`.")
    ] = None,
    resource: Annotated[
        str | None, typer.Option(metavar="URI", help="Read this resource in place of a tool.")
    ] = None,
    prompt: Annotated[
        str | None, typer.Option(metavar="NAME", help="Get this prompt in place of a tool.")
    ] = None,
    mix: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Weighted tools, resources and prompts, of several servers."),
    ] = None,
    connect: Annotated[
        bool, typer.Option("--connect", help="Nothing but sessions: open one, close it, open the next.")
    ] = False,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Repeat the same draws.")] = None,
    validate: Annotated[
        bool, typer.Option("--validate/--no-validate", help="Check arguments before they are sent.")
    ] = True,
    check_every: Annotated[
        int, typer.Option(metavar="N", help="Validate one in N answers in full; 0 for none.")
    ] = 1000,
) -> None:
    """What is sent"""


def course(
    *,
    ramp: Annotated[
        float | None,
        typer.Option(metavar="DURATION", parser=parse_duration, help="Climb to the full load for so long."),
    ] = None,
    stages: Annotated[
        str | None, typer.Option(metavar="FILE", help="Levels over time, in TOML or JSON.")
    ] = None,
    find_limit: Annotated[
        str | None,
        typer.Option(metavar="EXPR", help="Search the highest level at which this threshold holds."),
    ] = None,
    limit_of: Annotated[
        Literal["rate", "sessions", "concurrency"], typer.Option(help="The level that is searched for.")
    ] = "rate",
    cluster: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Load from the workers of a Dask scheduler, or `local`."),
    ] = None,
    shard: Annotated[
        str | None, typer.Option(metavar="N/M", help="Be one of M generators; `loadtest-merge` adds them up.")
    ] = None,
    start_at: Annotated[
        str | None, typer.Option(metavar="TIME", help="Begin at this moment, as all shards do.")
    ] = None,
) -> None:
    """Levels and generators"""


def verdict(
    *,
    thresholds: Annotated[
        list[str] | None,
        typer.Option(
            "--threshold", metavar="EXPR", help="Exit 1 unless `p99<200ms`, `errors<1%`, `echo:rps>500`."
        ),
    ] = None,
) -> None:
    """Verdict"""


def comparison(
    *,
    abort_on_fail: Annotated[
        bool, typer.Option("--abort-on-fail", help="End the load as soon as a threshold is missed.")
    ] = False,
    baseline: Annotated[
        str | None, typer.Option(metavar="FILE", help="Exit 1 if this stored run was better.")
    ] = None,
    max_regression: Annotated[
        str, typer.Option(metavar="SHARE", help="What is still as good as the baseline (10%).")
    ] = "10%",
) -> None:
    """Verdict"""


def files(
    *,
    save: Annotated[
        str | None, typer.Option(metavar="FILE", help="Keep the run, to compare or merge it.")
    ] = None,
    report: Annotated[
        str | None, typer.Option("--report", metavar="FILE", help="Write an HTML page with charts.")
    ] = None,
    junit: Annotated[str | None, typer.Option(metavar="FILE", help="Write thresholds as test cases.")] = None,
    csv: Annotated[str | None, typer.Option(metavar="FILE", help="Write a line for each second.")] = None,
) -> None:
    """Files"""


def served(
    *,
    metrics: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Serve figures for Prometheus meanwhile.")
    ] = None,
) -> None:
    """Files"""


def precision(
    *,
    inconclusive: Annotated[
        Literal["pass", "fail"], typer.Option(help="Whether runs that tell nothing apart exit with 0 or 1.")
    ] = "fail",
    floor: Annotated[
        str | None,
        typer.Option(metavar="SHARE", help="Smallest change of a median that matters, such as `5%`."),
    ] = None,
) -> None:
    """Verdict"""


@takes(load, content, course, verdict, comparison, files, served, address, access)
def loadtest(
    words: Annotated[list[str] | None, typer.Argument(metavar="SERVER TOOL [ITEM...]")] = None,
) -> None:
    """Put load on a server and judge how it bears it.

    Items are those of `call`, and may hold `{{n}}`, `{{uuid}}`, `{{choice a b}}`,
    `{{int 1 9}}` and `{{line FILE}}`, drawn anew for every request.

    Examples:
      mcpctl loadtest demo echo text=hello -c 50 -d 30s --threshold 'p99<200ms'
      mcpctl loadtest demo echo text={{uuid}} --rate 500/s --threshold 'errors<1%'
      mcpctl loadtest demo echo text=hello --find-limit 'p99<50ms'
    """


@takes(precision, load, content, access)
def loadtest_ab(
    words: Annotated[list[str] | None, typer.Argument(metavar="TOOL [ITEM...]")] = None,
    *,
    a: Annotated[
        str | None,
        typer.Option("--a", metavar="SERVER", help="The one as it was: a name, a URL or a command."),
    ] = None,
    b: Annotated[str | None, typer.Option("--b", metavar="SERVER", help="The one to be judged.")] = None,
    pairs: Annotated[int, typer.Option(metavar="N", help="Runs of each; 10 see a change of 10 %.")] = 10,
) -> None:
    """Tell which of two servers is slower, by interleaved runs.

    The verdict is pass, improvement, regression or inconclusive, with the smallest
    change that these runs could have shown.

    Examples:
      mcpctl loadtest-ab --a stable --b candidate echo text=hello
      mcpctl loadtest-ab --a 'python old.py' --b 'python new.py' echo text=hi
    """


@takes(precision)
def loadtest_compare(
    words: Annotated[list[str] | None, typer.Argument(metavar="FILE... -- FILE...")] = None,
) -> None:
    """Compare stored runs, those before `--` with those after it.

    Examples:
      mcpctl loadtest-compare before-*.json -- after-*.json
    """


@takes(verdict, files)
def loadtest_merge(
    words: Annotated[list[str] | None, typer.Argument(metavar="FILE...")] = None,
) -> None:
    """Add up the shards of one load, and judge the whole.

    Examples:
      mcpctl loadtest-merge shard-*.json --threshold 'p99<200ms'
    """
