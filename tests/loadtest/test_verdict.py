from __future__ import annotations

import pytest

from mcpctl.errors import UsageError
from mcpctl.loadtest.histogram import Histogram
from mcpctl.loadtest.reporting import report_on
from mcpctl.loadtest.results import Run
from mcpctl.loadtest.stored import StoredRun
from mcpctl.loadtest.thresholds import parse_thresholds
from mcpctl.loadtest.verdict import check_names, judge_generator, judge_thresholds
from tests.loadtest.samples import ABOUT, histogram, run, stored


def at(milliseconds: float) -> Histogram:
    found = Histogram()
    found.record(int(milliseconds * 1e6), 100)
    return found


def judged(*expressions: str, of: Run | None = None) -> list[bool]:
    return [outcome.passed for outcome in judge_thresholds(parse_thresholds(expressions), of or run())]


def test_thresholds_are_judged_one_by_one() -> None:
    assert judged("p50<11ms", "p50<9ms", "rps>100", "rps>300", "errors<1%", "dropped<=0", "mean<12ms", "max>1s") == [
        True, False, True, False, True, True, True, False,
    ]  # fmt: skip


def test_errors_count_as_a_share_or_as_a_number() -> None:
    failing = run(errors={"is_error": 16})
    assert judged("errors<1%", "errors<=1%", "errors<16", "errors<17", of=failing) == [
        True,
        True,
        False,
        True,
    ]


def test_a_threshold_for_one_tool_looks_at_that_tool() -> None:
    assert judged("echo:p50<11ms") == [True]
    with pytest.raises(UsageError, match="`ehco` is not part of this load"):
        check_names(parse_thresholds(("ehco:p99<1s",)), ["echo"])
    with pytest.raises(UsageError, match="for the whole load only"):
        check_names(parse_thresholds(("echo:dropped<1",)), ["echo"])


def test_own_waiting_is_held_against_no_latency_that_was_never_measured() -> None:
    nothing = run(seconds=0, errors={"connection_lost": 2})
    nothing.effort.slip = histogram(median=5, count=2)
    judgement = judge_generator(nothing, model="closed", judged=False)
    assert (judgement.validity, judgement.reasons) == ("valid", ())


def test_a_latency_that_was_never_measured_does_not_pass() -> None:
    (outcome,) = judge_thresholds(parse_thresholds(("p99<1s",)), Run())
    assert not outcome.passed
    assert outcome.note == "nothing was measured"


def test_a_percentile_of_few_samples_says_so() -> None:
    (outcome,) = judge_thresholds(parse_thresholds(("p99<1s",)), run(seconds=1))
    assert outcome.passed
    assert "rests on few" in (outcome.note or "")


def test_a_generator_with_time_to_spare_is_valid() -> None:
    assert judge_generator(run(), model="closed", judged=True).validity == "valid"


def test_a_closed_load_at_full_speed_is_a_lower_bound() -> None:
    busy = run()
    busy.effort.cpu_share = 0.98
    verdict = judge_generator(busy, model="closed", judged=False)
    assert verdict.validity == "generator_bound"
    assert "lower bound" in verdict.reasons[0]
    assert "--workers 2" in verdict.reasons[0]


def test_latencies_that_are_mostly_own_waiting_are_not_judged() -> None:
    waiting = run(median=1.0)
    waiting.effort.lag = at(0.5)
    assert judge_generator(waiting, model="closed", judged=False).validity == "generator_bound"
    assert judge_generator(waiting, model="closed", judged=True).validity == "invalid"
    assert judge_generator(waiting, model="open", judged=True).validity == "invalid"
    assert judge_generator(waiting, model="open", judged=False).validity == "valid"


def test_microseconds_of_own_waiting_are_not_held_against_a_fast_server() -> None:
    fast = run(median=0.05)
    fast.effort.lag = at(0.03)
    assert judge_generator(fast, model="closed", judged=True).validity == "valid"


def test_an_open_load_that_fell_behind_is_invalid() -> None:
    late = run()
    late.effort.slip = at(5)
    verdict = judge_generator(late, model="open", judged=False)
    assert verdict.validity == "invalid"
    assert "could not keep its schedule" in verdict.reasons[0]
    missing = run()
    missing.missed = 3
    assert (
        "3 requests were due and never sent"
        in judge_generator(missing, model="open", judged=False).reasons[0]
    )
    tail = run()
    tail.effort.slip = at(0.1)
    tail.effort.slip.record(50_000_000, 50)
    assert "one in ten" in judge_generator(tail, model="open", judged=False).reasons[0]


def test_a_dead_worker_makes_any_run_invalid() -> None:
    partial = run()
    partial.dead = ["worker 2"]
    verdict = judge_generator(partial, model="closed", judged=False)
    assert verdict.validity == "invalid"
    assert "worker 2" in verdict.reasons[0]


@pytest.mark.parametrize(
    ("change", "thresholds", "exit_code"),
    [
        ({}, ("p50<20ms",), 0),
        ({}, ("p50<1ms",), 1),
        ({"ended": "interrupted"}, (), 130),
        ({"lost": "`demo` exited with code 3"}, (), 4),
        ({"dead": ["worker 1"]}, (), 1),
    ],
)
def test_the_exit_code_tells_the_outcome(
    change: dict[str, object], thresholds: tuple[str, ...], exit_code: int
) -> None:
    made = run()
    for name, value in change.items():
        setattr(made, name, value)
    report = report_on(StoredRun(about=ABOUT, run=made), parse_thresholds(thresholds))
    assert report.exit_code == exit_code


def test_a_load_without_one_good_answer_is_a_no() -> None:
    failed = run(seconds=0, errors={"is_error": 10})
    report = report_on(StoredRun(about=ABOUT, run=failed))
    assert report.exit_code == 1
    assert "not one request succeeded" in report.reasons


def test_a_report_tells_everything_in_the_units_of_the_contract() -> None:
    report = report_on(stored())
    assert report.latency.p50 == pytest.approx(10, rel=0.05)
    assert report.rps == 200
    assert report.requests == report.ok == 1600
    assert len(report.seconds) == 8
    assert report.generator.cpu_pct == 20
    assert histogram(median=1, count=1).count == 1
