"""The engine against real servers over real pipes and sockets: what it counts must be what happened."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest
import uvloop

from mcpctl.errors import ConnectError, DeadlineError
from mcpctl.loadtest.engine import Engine, Progress, measure
from mcpctl.loadtest.histogram import Histogram
from mcpctl.loadtest.host import strange
from mcpctl.loadtest.plan import Plan, shard_of
from mcpctl.loadtest.profile import steady
from mcpctl.loadtest.results import Run, merged
from mcpctl.loadtest.stored import run_from_json, run_to_json
from tests.loadtest.servers import call, closed, http_target, opened, stdio_target
from tests.loadtest.tries import in_a_quiet_moment
from tests.support import ROOT


def measured(plan: Plan, heard: Callable[[Progress], None] | None = None, *, loop: str = "uvloop") -> Run:
    async def bounded() -> Run:
        async with asyncio.timeout(20):
            return await measure(plan, heard=heard)

    return (uvloop.run if loop == "uvloop" else asyncio.run)(bounded())


async def stopped_in(plan: Plan, enough: Callable[[Progress], bool]) -> Run:
    """A load that ends as soon as enough of it was told."""

    def heard(progress: Progress) -> None:
        if enough(progress):
            engine.stop()

    engine = Engine(plan, heard=heard)
    async with asyncio.timeout(20):
        try:
            return await engine.run()
        finally:
            await engine.aclose()


@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
def test_every_request_on_stdio_is_sent_once_and_counted_once(loop: str) -> None:
    run = measured(closed(stdio_target(), places=16, requests=5000), loop=loop)
    whole = run.whole()
    assert (whole.requests, whole.ok, whole.within) == (5000, 5000, 5000)
    assert whole.latency.count == whole.service.count == 5000
    assert sum(moment.sent for moment in run.moments) == 5000
    assert run.ended == "complete"
    assert run.connect.count == 1


def test_fewer_requests_than_places_are_no_more_than_asked_for() -> None:
    assert measured(closed(stdio_target(), places=10, requests=3)).requests == 3


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--sse",),
        ("--chunked",),
        ("--sse", "--chunked"),
        ("--session",),
        ("--stateless",),
        ("--redirect",),
        ("--redirect", "--stateless"),
        ("--redirect", "--session"),
    ],
)
def test_every_form_of_an_http_answer_is_read(options: tuple[str, ...]) -> None:
    with http_target(*options) as target:
        run = measured(closed(target, places=8, requests=800, sessions=2))
    assert (run.requests, run.ok) == (800, 800)
    assert run.connect.count == 2


def test_both_eras_are_spoken_on_stdio() -> None:
    assert measured(closed(stdio_target("--stateless"))).ok == 200


def test_in_flight_divided_by_throughput_is_the_mean_latency() -> None:
    def attempt() -> None:
        run = measured(closed(stdio_target(), places=64, requests=200_000))
        whole = run.whole()
        assert whole.latency.mean / 1e9 * whole.within / run.duration == pytest.approx(64, rel=0.05)

    in_a_quiet_moment(attempt)


def test_an_open_load_sends_what_its_schedule_says() -> None:
    run = measured(opened(stdio_target(), rate=500, seconds=0.6))
    assert run.requests == run.ok == 300
    assert run.missed == run.dropped == 0
    assert run.effort.slip.count == 300


def test_a_load_of_whole_seconds_has_no_second_of_silence_behind_them() -> None:
    run = measured(opened(stdio_target(), rate=100, seconds=1.0))
    assert sum(moment.sent for moment in run.moments) == 100
    assert all(moment.sent or moment.ok for moment in run.moments)


def test_an_open_load_lasts_as_long_as_it_was_asked_to() -> None:
    def attempt() -> None:
        run = measured(opened(stdio_target(), rate=10, seconds=0.28))
        assert (run.ok, run.missed) == (3, 0)
        assert run.ok / run.duration == pytest.approx(3 / 0.28, rel=0.1)

    in_a_quiet_moment(attempt)


@pytest.mark.parametrize("warmup", [0.0, 0.1])
def test_the_duration_of_so_many_requests_covers_as_many_intervals(warmup: float) -> None:
    def attempt() -> None:
        run = measured(opened(stdio_target(), profile=steady(20), requests=4, warmup=warmup))
        assert run.ok == 4
        assert run.ok / run.duration == pytest.approx(20, rel=0.15)

    in_a_quiet_moment(attempt)


def test_shards_that_share_a_number_of_requests_last_as_long_as_the_whole() -> None:
    plan = opened(stdio_target(), profile=steady(20), requests=3)
    runs = [measured(shard_of(plan, shard, 2)) for shard in range(2)]
    assert [run.ok for run in runs] == [2, 1]
    # Turns 0 and 2 belong to the first, and the interval of the last one ends at 3.
    assert runs[0].duration >= 3 / 20
    assert runs[1].duration >= 2 / 20


def test_requests_that_come_by_chance_end_with_the_last_of_them() -> None:
    plan = opened(stdio_target(), profile=steady(50), requests=1, arrivals="poisson")
    assert measured(plan).ok == 1


def test_no_request_of_an_open_load_is_lost_while_its_session_is_opened_anew() -> None:
    run = measured(opened(stdio_target(), rate=2000, profile=steady(2000), requests=60, calls_per_session=10))
    assert (run.ok, run.dropped, run.missed) == (60, 0, 0)


def test_a_frozen_server_shows_in_the_latencies_from_the_intended_start() -> None:
    # 75 of 175 requests fall into the freeze; each waits for what is left of it.
    truth = 0.15 - 0.01 * 175 / 500
    latencies: list[Histogram] = []

    def attempt() -> None:
        plan = opened(stdio_target("--freeze-at", "30", "--freeze-for", "150"), rate=500, seconds=0.35)
        latencies.append(measured(plan).whole().latency)
        assert latencies[-1].percentile(99) / 1e9 <= 1.25 * truth
        assert latencies[-1].percentile(50) < 0.05e9

    in_a_quiet_moment(attempt)
    assert min(latency.percentile(99) for latency in latencies) / 1e9 >= 0.95 * truth


def test_requests_beyond_the_cap_are_dropped_and_counted() -> None:
    plan = opened(
        stdio_target("--freeze-at", "50", "--freeze-for", "200"), rate=500, seconds=0.3, max_in_flight=10
    )
    run = measured(plan)
    assert run.dropped > 50
    assert run.requests + run.dropped == 150


def test_errors_of_the_tool_are_counted_apart() -> None:
    run = measured(closed(stdio_target("--fail-every", "4"), places=8))
    assert run.whole().errors == {"is_error": 50}
    assert run.ok == 150
    assert run.error_samples == {"is_error": "it failed"}


@pytest.mark.parametrize("options", [(), ("--chunked",), ("--sse", "--chunked"), ("--sse",)])
def test_errors_of_the_tool_are_counted_apart_over_http(options: tuple[str, ...]) -> None:
    with http_target("--fail-every", "4", *options) as target:
        run = measured(closed(target, places=8))
    assert (run.whole().errors, run.ok) == ({"is_error": 50}, 150)


def test_json_rpc_errors_are_counted_apart() -> None:
    unknown = replace(call(), method="tools/unknown")
    run = measured(
        closed(stdio_target(), operations=(call(), replace(unknown, name="unknown")), requests=400)
    )
    assert run.tallies["unknown"].errors.keys() == {"rpc_error"}
    assert "Method not found" in run.error_samples["rpc_error"]
    assert run.tallies["echo"].errors == {}


def test_an_answer_that_never_comes_is_a_timeout_and_frees_its_place() -> None:
    plan = closed(stdio_target("--swallow-every", "50"), places=2, call_timeout=0.2)
    run = measured(plan)
    # Whatever else a busy machine answers too late is told apart.
    assert run.whole().errors == {"timeout": 4 + run.effort.late_answers}
    assert run.requests == 200
    assert run.whole().latency.maximum >= 0.2e9


def test_an_answer_that_never_comes_over_http_costs_its_connection_only() -> None:
    with http_target("--swallow-every", "50") as target:
        run = measured(closed(target, places=2))
    # The server answers 202 and nothing else.
    assert run.whole().errors == {"malformed": 4}
    assert "HTTP status 202" in run.error_samples["malformed"]


@pytest.mark.parametrize("places", [1, 16])
def test_a_broken_answer_costs_the_request_it_belongs_to(places: int) -> None:
    run = measured(closed(stdio_target("--garble-every", "20"), places=places))
    assert run.whole().errors == {"malformed": 10}
    assert (run.requests, run.ok) == (200, 190)


def test_a_broken_answer_over_http_costs_one_request() -> None:
    with http_target("--garble-every", "20") as target:
        run = measured(closed(target, places=4))
    assert (run.whole().errors, run.ok) == ({"malformed": 10}, 190)


def test_an_answer_without_an_id_belongs_to_nobody_else() -> None:
    assert (strange(7).kind, strange(None).kind) == ("crosstalk", "malformed")


def test_an_answer_with_a_strange_id_is_crosstalk() -> None:
    with http_target("--swap-every", "20") as target:
        run = measured(closed(target, places=4))
    assert (run.whole().errors, run.ok) == ({"crosstalk": 10}, 190)
    assert "the id 77" in run.error_samples["crosstalk"]


def test_an_answer_with_a_strange_id_on_stdio_is_crosstalk_and_the_asker_waits_in_vain() -> None:
    run = measured(closed(stdio_target("--swap-every", "50"), places=4, call_timeout=0.2))
    timeouts = 4 + run.effort.late_answers
    assert run.whole().errors == {"crosstalk": 4, "timeout": timeouts}
    assert (run.requests, run.ok) == (200, 200 - timeouts)


def test_what_nobody_asked_for_is_an_error_and_no_request() -> None:
    run = measured(closed(stdio_target("--swap-every", "1"), places=4, requests=8, call_timeout=0.2))
    whole = run.whole()
    assert (whole.requests, whole.within, whole.errors) == (8, 8, {"crosstalk": 8, "timeout": 8})
    assert sum(moment.rps * moment.span for moment in run.moments) == pytest.approx(8)
    assert whole.errors == merged([run]).whole().errors
    assert merged([run, run]).requests == 16
    assert run_from_json(run_to_json(run)).requests == 8


def test_a_server_that_dies_ends_the_load_with_what_was_measured() -> None:
    run = measured(closed(stdio_target("--die-after", "500"), requests=None, places=4))
    assert run.ended == "server_lost"
    assert run.lost is not None
    assert "exited with code 3" in run.lost
    assert "had enough after 500 calls" in run.lost
    # Answers of the piece in which it died were never written.
    assert 490 < run.ok < 500
    assert run.whole().errors == {"connection_lost": 4}


def test_a_server_that_goes_away_over_http_ends_the_load() -> None:
    with http_target("--die-after", "300") as target:
        run = measured(closed(target, requests=None, places=4))
    assert run.ended == "server_lost"
    assert "refused the connection" in (run.lost or "")
    assert run.ok == 299


def test_a_server_that_cannot_be_started_is_told_before_any_load() -> None:
    with pytest.raises(ConnectError, match="exited with code 2"):
        measured(closed(stdio_target("--no-such-option")))


@pytest.mark.parametrize("mode", ["crlf_bom", "string_ids"])
def test_a_greeting_that_a_call_would_read_opens_a_load_as_well(mode: str) -> None:
    program = str(ROOT / "tests" / "hostile" / "servers" / "stdio.py")
    target = replace(stdio_target(), command=sys.executable, args=(program, mode))
    assert measured(closed(target, requests=2, call_timeout=0.2)).connect.count == 1


def test_a_server_that_is_silent_at_the_start_is_told_before_any_load() -> None:
    # It ends with its input: nobody has to wait for that.
    silent = replace(stdio_target(), command="/bin/sh", args=("-c", "cat >/dev/null"), start_timeout=0.2)
    with pytest.raises(DeadlineError, match="did not answer `initialize` within"):
        measured(closed(silent))


def test_nothing_of_the_warm_up_is_counted() -> None:
    def attempt() -> None:
        run = measured(opened(stdio_target(), rate=200, seconds=0.5, warmup=0.25))
        assert run.requests == pytest.approx(50, abs=5)
        assert run.duration == pytest.approx(0.25, abs=0.05)

    in_a_quiet_moment(attempt)
    counted = measured(closed(stdio_target(), requests=100, places=2, warmup=0.1))
    assert counted.requests == counted.whole().latency.count == 100
    counted = measured(opened(stdio_target(), profile=steady(200), requests=20, warmup=0.1))
    assert counted.requests == counted.effort.slip.count == 20


def test_sessions_are_opened_anew_after_their_share_of_calls() -> None:
    run = measured(closed(stdio_target(), places=4, requests=100, calls_per_session=10))
    assert run.ok == 100
    assert run.connect.count >= 10
    assert run.restarts == run.connect.count - 1
    with http_target("--session") as target:
        run = measured(closed(target, places=6, sessions=3, requests=300, calls_per_session=20))
        assert run.ok == 300
        assert run.connect.count >= 15
        run = measured(opened(target, rate=500, seconds=0.4, sessions=2, calls_per_session=20))
        assert (run.ok, run.whole().errors) == (200, {})
        assert run.connect.count >= 9


def test_sessions_alone_can_be_the_load() -> None:
    session = replace(call(), name="session", kind="session")
    run = measured(closed(stdio_target(), places=2, requests=6, operations=(session,)))
    assert run.tallies["session"].ok == 6
    with http_target("--session") as target:
        run = measured(closed(target, places=4, requests=40, operations=(session,)))
    assert run.tallies["session"].ok == 40
    missing = replace(stdio_target(), args=("stdio", "--no-such-option"))
    run = measured(closed(missing, places=2, requests=4, operations=(session,)))
    assert run.whole().errors == {"connection_lost": 4}


def test_a_mix_keeps_its_weights_and_tells_its_parts_apart() -> None:
    parts = (call(name="often", weight=3), call(name="seldom", weight=1))
    run = measured(closed(stdio_target(), operations=parts, requests=2000))
    assert run.tallies["often"].ok == pytest.approx(1500, abs=100)
    assert run.ok == 2000


def test_several_servers_are_loaded_at_once() -> None:
    with http_target("--session", name="web") as web:
        parts = (call(name="pipe.echo"), call(name="web.echo", target=1))
        plan = replace(
            closed(stdio_target(name="pipe"), operations=parts, requests=1000, sessions=2, places=8)
        )
        run = measured(replace(plan, targets=(plan.targets[0], web)))
        opened_run = measured(
            replace(opened(stdio_target(name="pipe"), operations=parts), targets=(plan.targets[0], web))
        )
    assert run.ok == 1000
    assert min(tally.ok for tally in run.tallies.values()) > 300
    assert opened_run.ok == 200


def test_resources_and_prompts_are_operations_too() -> None:
    parts = (
        replace(
            call(), name="read", kind="resource", method="resources/read", params='{"uri":"echo://{{n}}"}'
        ),
        replace(call(), name="greet", kind="prompt", method="prompts/get", params='{"name":"p"}'),
    )
    run = measured(closed(stdio_target(), operations=parts, check_every=1))
    assert run.ok == 200
    assert run.sampled > 0


def test_arguments_come_from_their_templates() -> None:
    with http_target("--echo", "--stateless") as target:
        run = measured(closed(target, operations=(call("{{n}} {{uuid}}"),), check_every=1))
    assert run.ok == 200


def test_thinking_is_no_latency() -> None:
    run = measured(closed(stdio_target(), places=4, requests=12, think=0.1))
    assert run.ok == 12
    assert run.duration > 0.2
    assert run.whole().latency.percentile(50) < 0.1e9


def test_answers_that_break_their_own_schema_are_found_by_sampling() -> None:
    wrong = {"type": "object", "properties": {"n": {"type": "string"}}, "required": ["n"]}
    plan = closed(
        stdio_target("--schema"), operations=(replace(call(), output_schema=wrong),), check_every=10
    )
    run = measured(plan)
    assert run.failed_samples == run.sampled > 0
    assert run.whole().errors == {"invalid": run.failed_samples}
    assert "`n`" in run.faults[0]
    right = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    plan = closed(
        stdio_target("--schema"), operations=(replace(call(), output_schema=right),), check_every=10
    )
    assert measured(plan).failed_samples == 0


def test_an_answer_of_a_short_load_is_validated_as_well() -> None:
    wrong = {"type": "object", "required": ["absent"]}
    plan = closed(stdio_target(), operations=(replace(call(), output_schema=wrong),), requests=3)
    assert measured(plan).failed_samples == 1


def test_stopping_keeps_what_was_measured() -> None:
    plan = closed(stdio_target(), requests=None)
    run = uvloop.run(stopped_in(plan, lambda told: told.moment is not None))
    assert run.ended == "interrupted"
    assert run.ok > 100


def test_progress_is_told_each_second_with_the_phases_in_order() -> None:
    def attempt() -> None:
        told: list[Progress] = []

        def heard(progress: Progress) -> bool:
            told.append(progress)
            return progress.moment is not None

        uvloop.run(stopped_in(opened(stdio_target(), rate=200, seconds=10, warmup=1.05), heard))
        phases = list(dict.fromkeys(progress.phase for progress in told))
        assert phases[:4] == ["connecting", "waiting", "warmup", "load"]
        (second,) = [progress.moment for progress in told if progress.moment is not None]
        assert second.latency().count == second.ok
        assert second.ok == pytest.approx(200, abs=20)

    in_a_quiet_moment(attempt)


def test_shards_together_send_what_one_would_have_sent() -> None:
    plan = opened(stdio_target(), rate=500, seconds=0.2)
    runs = [measured(shard_of(plan, shard, 3)) for shard in range(3)]
    assert sum(run.requests for run in runs) == 100
    plan = closed(stdio_target(), places=5, requests=100)
    assert [measured(shard_of(plan, shard, 3)).requests for shard in range(3)] == [34, 33, 33]


@pytest.mark.parametrize("about", [{"model": "closed", "profile": steady(2)}, {"model": "open"}])
def test_shards_with_nothing_to_send_end_at_once(about: dict[str, object]) -> None:
    plan = replace(opened(stdio_target(), rate=500, profile=steady(500), requests=3), **about)  # type: ignore[arg-type]
    assert [measured(shard_of(plan, number, 4)).ok for number in range(4)] in ([2, 1, 0, 0], [1, 1, 1, 0])


def test_a_ramp_climbs_to_its_level() -> None:
    plan = closed(stdio_target("--spin", "2000"), requests=None, profile=steady(10, ramp=1.0, until=1.2))
    most = max(moment.in_flight for moment in measured(plan).moments)
    assert 5 <= most <= 10


def test_a_local_server_is_watched() -> None:
    run = measured(closed(stdio_target(), requests=None, profile=steady(2, until=1.2)))
    assert run.processes
    assert run.processes[0].server == "echo"
    assert run.processes[0].memory_mb > 0
