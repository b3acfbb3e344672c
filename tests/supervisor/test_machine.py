"""The state machine: every way from state to state, with a clock that the test turns."""

from __future__ import annotations

import pytest

from mcpctl.model.running import LastExit
from mcpctl.policy.intensity import IntensitySpec
from mcpctl.supervisor.machine import FINAL_CODES, Machine


class Clock:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def machine(clock: Clock, **keys: float) -> Machine:
    return Machine(clock, clock, intensity=IntensitySpec(**keys), jitter=lambda: 0.0)  # type: ignore[arg-type]


def ended(code: int | None = 1) -> LastExit:
    return LastExit(at=0.0, reason="it exited", code=code)


def test_a_server_that_dies_comes_back_after_growing_pauses() -> None:
    clock = Clock()
    each = machine(clock, deaths=10)
    pauses = []
    for _ in range(9):
        each.starting()
        each.running()
        pauses.append(each.died(ended(), needed=True).pause)
        clock.at += 1
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0]
    assert each.state == "backoff"


def test_too_many_deaths_in_a_minute_are_the_end_until_somebody_says_otherwise() -> None:
    clock = Clock()
    each = machine(clock)
    for _ in range(4):
        assert each.died(ended(), needed=True).pause is not None
        each.starting()
    assert each.died(ended(), needed=True).pause is None
    assert each.state == "failed"
    each.cleared()
    each.starting()
    each.running()
    assert each.died(ended(), needed=True).pause == 0.2


def test_deaths_that_are_far_apart_are_forgiven() -> None:
    clock = Clock()
    each = machine(clock)
    for _ in range(20):
        each.starting()
        each.running()
        clock.at += 31
        assert each.died(ended(), needed=True).pause == 0.2
    assert each.restarts == 19


def test_a_clock_that_jumps_changes_when_and_not_whether() -> None:
    clock, day = Clock(), Clock()
    each = Machine(clock, day, jitter=lambda: 0.0)
    day.at = -5e9
    each.starting()
    assert each.since == -5e9
    day.at = 5e12
    each.running()
    assert each.died(ended(), needed=True).pause == 0.2


@pytest.mark.parametrize("code", sorted(FINAL_CODES))
def test_some_exit_codes_mean_that_another_start_would_not_help(code: int) -> None:
    each = machine(Clock())
    each.starting()
    assert each.died(ended(code), needed=True).pause is None
    assert each.state == "failed"
    assert "would not help" in each.reason


def test_a_server_that_left_by_itself_is_started_only_if_it_is_needed() -> None:
    each = machine(Clock())
    each.running()
    assert each.died(ended(0), needed=True).pause == 0.2
    each.starting()
    each.running()
    assert each.died(ended(0), needed=False).pause is None
    assert each.state == "stopped"


def test_only_a_server_that_serves_can_be_degraded() -> None:
    each = machine(Clock())
    each.degraded("slow")
    assert each.state == "stopped"
    each.running()
    each.degraded("slow")
    assert (each.state, each.reason, each.serves) == ("degraded", "slow", True)
    each.recovered()
    assert (each.state, each.reason) == ("running", "")
    each.draining("a reload")
    each.recovered()
    assert each.state == "draining"
