"""What can be typed to put load on servers, and to compare what came out."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from mcpctl.cli.signatures.shared import BearerEnv, Cwd, Env, Headers, Stdio, Url
from mcpctl.model.duration import parse_duration

Arguments = Annotated[
    str | None, typer.Option("--args", metavar="JSON", help="All arguments as JSON, `@FILE` or `-`.")
]
Resource = Annotated[str | None, typer.Option(metavar="URI", help="Read this resource in place of a tool.")]
Prompt = Annotated[str | None, typer.Option(metavar="NAME", help="Get this prompt in place of a tool.")]
Mix = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Weighted tools, resources and prompts, of several servers."),
]
Connect = Annotated[
    bool, typer.Option("--connect", help="Nothing but sessions: open one, close it, open the next.")
]
Concurrency = Annotated[
    int | None,
    typer.Option("-c", "--concurrency", metavar="N", help="Requests in flight on each session (10)."),
]
Rate = Annotated[
    str | None, typer.Option(metavar="N/s", help="Send at this rate, however slowly the server answers.")
]
Arrivals = Annotated[
    Literal["constant", "poisson"] | None, typer.Option(help="How the moments of a rate are spread.")
]
Requests = Annotated[
    int | None, typer.Option("-n", "--requests", metavar="N", help="Stop after so many requests.")
]
Duration = Annotated[
    float | None,
    typer.Option(
        "-d", "--duration", metavar="DURATION", parser=parse_duration, help="Load for so long (10s)."
    ),
]
Warmup = Annotated[
    float | None,
    typer.Option(metavar="DURATION", parser=parse_duration, help="Load before, which is not counted."),
]
Ramp = Annotated[
    float | None,
    typer.Option(metavar="DURATION", parser=parse_duration, help="Climb to the full load for so long."),
]
Stages = Annotated[str | None, typer.Option(metavar="FILE", help="Levels over time, in TOML or JSON.")]
Sessions = Annotated[int, typer.Option(metavar="N", help="Sessions with each server.")]
Think = Annotated[
    float | None,
    typer.Option(
        metavar="DURATION", parser=parse_duration, help="Pause between an answer and the next call."
    ),
]
CallsPerSession = Annotated[
    int | None, typer.Option(metavar="N", help="Open each session anew after so many calls.")
]
MaxInFlight = Annotated[
    int | None, typer.Option(metavar="N", help="With a rate: drop and count what would be open beyond this.")
]
CallTimeout = Annotated[
    float | None,
    typer.Option(metavar="DURATION", parser=parse_duration, help="Give each request so long (60s)."),
]
Seed = Annotated[int | None, typer.Option(metavar="N", help="Repeat the same draws.")]
CheckEvery = Annotated[int, typer.Option(metavar="N", help="Validate one in N answers in full; 0 for none.")]
Validate = Annotated[
    bool, typer.Option("--validate/--no-validate", help="Check arguments before they are sent.")
]
Thresholds = Annotated[
    list[str] | None,
    typer.Option(
        "--threshold", metavar="EXPR", help="Exit 1 unless `p99<200ms`, `errors<1%`, `echo:rps>500`."
    ),
]
Workers = Annotated[int, typer.Option(metavar="N", help="Share the load among so many processes.")]
Cluster = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="Load from the workers of a Dask scheduler, or `local`.")
]
YesRemote = Annotated[bool, typer.Option("--yes-remote", help="Load a server that is not on this machine.")]
Save = Annotated[str | None, typer.Option(metavar="FILE", help="Keep the run, to compare or merge it.")]
ReportFile = Annotated[
    str | None, typer.Option("--report", metavar="FILE", help="Write an HTML page with charts.")
]
Junit = Annotated[str | None, typer.Option(metavar="FILE", help="Write thresholds as test cases.")]
Csv = Annotated[str | None, typer.Option(metavar="FILE", help="Write a line for each second.")]
Inconclusive = Annotated[
    Literal["pass", "fail"], typer.Option(help="Whether runs that tell nothing apart exit with 0 or 1.")
]
Floor = Annotated[
    str | None, typer.Option(metavar="SHARE", help="Smallest change of a median that matters, such as `5%`.")
]
AbortOnFail = Annotated[
    bool, typer.Option("--abort-on-fail", help="End the load as soon as a threshold is missed.")
]
Baseline = Annotated[str | None, typer.Option(metavar="FILE", help="Exit 1 if this stored run was better.")]
MaxRegression = Annotated[
    str, typer.Option(metavar="SHARE", help="What is still as good as the baseline (10%).")
]
FindLimit = Annotated[
    str | None,
    typer.Option(metavar="EXPR", help="Search the highest level at which this threshold holds."),
]
Shard = Annotated[
    str | None, typer.Option(metavar="N/M", help="Be one of M generators; `loadtest-merge` adds them up.")
]
StartAt = Annotated[str | None, typer.Option(metavar="TIME", help="Begin at this moment, as all shards do.")]
Metrics = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help="Serve figures for Prometheus meanwhile.")
]
LimitOf = Annotated[
    Literal["rate", "sessions", "concurrency"], typer.Option(help="The level that is searched for.")
]


def loadtest(
    words: Annotated[list[str] | None, typer.Argument(metavar="SERVER TOOL [ITEM...]")] = None,
    *,
    concurrency: Concurrency = None,
    rate: Rate = None,
    requests: Requests = None,
    duration: Duration = None,
    thresholds: Thresholds = None,
    arguments: Arguments = None,
    resource: Resource = None,
    prompt: Prompt = None,
    mix: Mix = None,
    connect: Connect = False,
    arrivals: Arrivals = None,
    warmup: Warmup = None,
    ramp: Ramp = None,
    stages: Stages = None,
    sessions: Sessions = 1,
    think: Think = None,
    calls_per_session: CallsPerSession = None,
    max_in_flight: MaxInFlight = None,
    call_timeout: CallTimeout = None,
    seed: Seed = None,
    check_every: CheckEvery = 1000,
    validate: Validate = True,
    abort_on_fail: AbortOnFail = False,
    baseline: Baseline = None,
    max_regression: MaxRegression = "10%",
    find_limit: FindLimit = None,
    limit_of: LimitOf = "rate",
    workers: Workers = 1,
    cluster: Cluster = None,
    shard: Shard = None,
    start_at: StartAt = None,
    yes_remote: YesRemote = False,
    save: Save = None,
    report: ReportFile = None,
    junit: Junit = None,
    csv: Csv = None,
    metrics: Metrics = None,
    stdio: Stdio = None,
    url: Url = None,
    headers: Headers = None,
    env: Env = None,
    cwd: Cwd = None,
    bearer_env: BearerEnv = None,
) -> None:
    """Put load on a server and judge how it bears it.

    Items are those of `call`, and may hold `{{n}}`, `{{uuid}}`, `{{choice a b}}`,
    `{{int 1 9}}` and `{{line FILE}}`, drawn anew for every request.

    Examples:
      mcpctl loadtest demo echo text=hello -c 50 -d 30s --threshold 'p99<200ms'
      mcpctl loadtest demo echo text={{uuid}} --rate 500/s --threshold 'errors<1%'
      mcpctl loadtest demo echo text=hello --find-limit 'p99<50ms'
    """


def loadtest_ab(
    words: Annotated[list[str] | None, typer.Argument(metavar="TOOL [ITEM...]")] = None,
    *,
    a: Annotated[
        str | None,
        typer.Option("--a", metavar="SERVER", help="The one as it was: a name, a URL or a command."),
    ] = None,
    b: Annotated[str | None, typer.Option("--b", metavar="SERVER", help="The one to be judged.")] = None,
    pairs: Annotated[int, typer.Option(metavar="N", help="Runs of each; 10 see a change of 10 %.")] = 10,
    inconclusive: Inconclusive = "fail",
    floor: Floor = None,
    concurrency: Concurrency = None,
    rate: Rate = None,
    requests: Requests = None,
    duration: Duration = None,
    arguments: Arguments = None,
    resource: Resource = None,
    prompt: Prompt = None,
    mix: Mix = None,
    connect: Connect = False,
    arrivals: Arrivals = None,
    warmup: Warmup = None,
    sessions: Sessions = 1,
    think: Think = None,
    calls_per_session: CallsPerSession = None,
    max_in_flight: MaxInFlight = None,
    call_timeout: CallTimeout = None,
    seed: Seed = None,
    check_every: CheckEvery = 1000,
    validate: Validate = True,
    workers: Workers = 1,
    yes_remote: YesRemote = False,
    headers: Headers = None,
    env: Env = None,
    cwd: Cwd = None,
    bearer_env: BearerEnv = None,
) -> None:
    """Tell which of two servers is slower, by interleaved runs.

    The verdict is pass, improvement, regression or inconclusive, with the smallest
    change that these runs could have shown.

    Examples:
      mcpctl loadtest-ab --a stable --b candidate echo text=hello
      mcpctl loadtest-ab --a 'python old.py' --b 'python new.py' echo text=hi
    """


def loadtest_compare(
    words: Annotated[list[str] | None, typer.Argument(metavar="FILE... -- FILE...")] = None,
    *,
    floor: Floor = None,
    inconclusive: Inconclusive = "fail",
) -> None:
    """Compare stored runs, those before `--` with those after it.

    Examples:
      mcpctl loadtest-compare before-*.json -- after-*.json
    """


def loadtest_merge(
    words: Annotated[list[str] | None, typer.Argument(metavar="FILE...")] = None,
    *,
    thresholds: Thresholds = None,
    save: Save = None,
    report: ReportFile = None,
    junit: Junit = None,
    csv: Csv = None,
) -> None:
    """Add up the shards of one load, and judge the whole.

    Examples:
      mcpctl loadtest-merge shard-*.json --threshold 'p99<200ms'
    """
