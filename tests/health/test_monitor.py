"""The state that many looks and many calls agree on."""

from __future__ import annotations

import tracemalloc

from mcpctl.health import Monitor
from mcpctl.health.findings import found
from mcpctl.health.monitor import QUIET
from mcpctl.model.events import CallFinished
from mcpctl.model.health import Alerted, HealthChanged, ServerHealth, Verdict
from mcpctl.model.health_spec import HealthSpec
from tests.policy.clock import Clock


def seen(status: Verdict, *, latency_ms: float | None = 1.0, name: str = "x") -> ServerHealth:
    checks = () if status in ("healthy", "skipped") else (found("H301", "list", "it broke"),)
    return ServerHealth(name=name, status=status, level="list", checks=checks, latency_ms=latency_ms)


def call(error: str | None = None, *, seconds: float = 0.001, name: str = "x") -> CallFinished:
    return CallFinished(server=name, tool="t", arguments={}, ok=error is None, seconds=seconds, error=error)


def monitor(clock: Clock, **plan: object) -> Monitor:
    made = Monitor(clock, clock)
    made.expect("x", HealthSpec(**plan))  # type: ignore[arg-type]
    return made


def test_the_first_look_decides_and_then_it_takes_several() -> None:
    watched = monitor(Clock())
    assert watched.verdict("x") is None
    assert not watched.complete
    (first,) = watched.probed(seen("healthy"))
    assert isinstance(first, HealthChanged)
    assert (first.before, first.after) == (None, "healthy")
    assert watched.probed(seen("unhealthy")) == ()
    assert watched.probed(seen("unhealthy")) == ()
    (fell,) = watched.probed(seen("unhealthy"))
    assert isinstance(fell, HealthChanged)
    assert (fell.before, fell.after, fell.reason) == ("healthy", "unhealthy", "it broke")
    assert watched.probed(seen("healthy")) == ()
    (rose,) = watched.probed(seen("healthy"))
    assert isinstance(rose, HealthChanged)
    assert rose.after == "healthy"
    assert watched.rows()[0].last_error == "it broke"


def test_real_calls_feed_the_same_state() -> None:
    watched = monitor(Clock())
    watched.probed(seen("healthy"))
    watched.called(call())
    changes = [watched.called(call("connect.exited")) for _ in range(3)]
    assert [len(each) for each in changes] == [0, 0, 1]
    assert watched.verdict("x") == "unhealthy"
    watched.called(call())
    watched.called(call())
    assert watched.verdict("x") == "healthy"


def test_mistakes_of_callers_say_nothing_about_a_server() -> None:
    watched = monitor(Clock())
    watched.probed(seen("healthy"))
    for error in ("usage.arguments", "cancelled", "protocol.rpc_error", "is_error"):
        for _ in range(9):
            watched.called(call(error))
    assert watched.verdict("x") == "healthy"


def test_calls_that_succeed_do_not_hide_a_failing_canary() -> None:
    watched = monitor(Clock())
    watched.probed(seen("healthy"))
    for _ in range(3):
        watched.probed(seen("unhealthy"))
        for _ in range(5):
            watched.called(call())
    assert watched.verdict("x") == "unhealthy"


def test_a_server_that_nobody_calls_any_more_is_judged_by_its_looks() -> None:
    clock = Clock()
    watched = monitor(clock)
    for _ in range(3):
        watched.called(call("deadline.call"))
    assert watched.verdict("x") == "unhealthy"
    watched.probed(seen("healthy"))
    assert watched.verdict("x") == "unhealthy"
    clock.pass_by(QUIET + 1)
    watched.probed(seen("healthy"))
    assert watched.verdict("x") == "healthy"


def test_answers_slower_than_promised_degrade() -> None:
    watched = monitor(Clock(), latency={"p50": 0.01}, fall=2)
    watched.probed(seen("healthy", latency_ms=1))
    for _ in range(9):
        watched.probed(seen("healthy", latency_ms=50))
    assert watched.verdict("x") == "degraded"
    assert "p50" in watched.report().changes[-1].reason


def test_slow_and_failing_calls_become_alerts() -> None:
    watched = monitor(Clock())
    (alert,) = [event for event in watched.called(call(seconds=6)) if isinstance(event, Alerted)]
    assert alert.rule == "slow_call"
    told = [event for _ in range(11) for event in watched.called(call("is_error"))]
    assert [event.rule for event in told if isinstance(event, Alerted)] == ["recent_errors"]


def test_readiness_waits_for_every_required_server() -> None:
    watched = monitor(Clock())
    watched.expect("y", HealthSpec(required=False))
    assert not watched.ready
    watched.probed(seen("healthy"))
    assert watched.unseen == ("y",)
    watched.probed(seen("skipped", name="y"))
    assert watched.ready
    assert watched.healthy


def test_a_restart_forgets_and_forgetting_is_complete() -> None:
    watched = monitor(Clock())
    watched.probed(seen("unhealthy"))
    watched.restarted("x")
    assert watched.verdict("x") is None
    watched.forget("x")
    assert watched.report().servers == ()


def test_memory_does_not_grow_with_time() -> None:
    watched = monitor(Clock(), latency={"p50": 0.01})
    states: tuple[Verdict, ...] = ("healthy", "healthy", "unhealthy", "unhealthy", "unhealthy", "healthy")

    def a_while() -> None:
        for at in range(2400):
            watched.probed(seen(states[at % len(states)], latency_ms=float(at)))
            watched.called(call("connect.exited" if at % 7 else None, seconds=6))

    a_while()
    tracemalloc.start()
    try:
        a_while()
        before, _ = tracemalloc.get_traced_memory()
        a_while()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 20_000
