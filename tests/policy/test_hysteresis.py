import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpctl.policy.hysteresis import HealthState, HysteresisSpec
from tests.policy.clock import Clock

VERDICTS = ["healthy", "degraded", "unhealthy", "auth_required", "unreachable"]


def _state(clock: Clock | None = None, *, fall: int = 3, rise: int = 2) -> HealthState:
    return HealthState(HysteresisSpec(fall=fall, rise=rise), clock or Clock())


def _fed(state: HealthState, *verdicts: str) -> list[str | None]:
    return [transition.after if (transition := state.observe(verdict)) else None for verdict in verdicts]


@pytest.mark.parametrize("verdict", VERDICTS)
def test_the_first_observation_decides_at_once(verdict):
    state = _state()
    transition = state.observe(verdict, reason="seen")
    assert transition is not None
    assert (transition.before, transition.after, transition.reason) == (None, verdict, "seen")


def test_it_falls_after_three_and_rises_after_two():
    state = _state()
    assert _fed(state, "healthy", "unhealthy", "unhealthy", "unhealthy") == [
        "healthy",
        None,
        None,
        "unhealthy",
    ]
    assert _fed(state, "healthy", "healthy") == [None, "healthy"]


def test_one_good_observation_breaks_a_fall():
    assert (
        _fed(_state(), "healthy", "unhealthy", "unhealthy", "healthy", "unhealthy", "unhealthy")[1:]
        == [None] * 5
    )


def test_a_missed_objective_degrades_and_a_mixture_falls_only_as_far_as_all_of_it():
    assert _fed(_state(), "healthy", "degraded", "degraded", "degraded")[-1] == "degraded"
    assert _fed(_state(), "healthy", "unhealthy", "degraded", "unhealthy")[-1] == "degraded"
    assert _fed(_state(), "unhealthy", "healthy", "degraded")[-1] == "degraded"


def test_skipped_says_nothing():
    state = _state()
    assert state.observe("skipped") is None
    assert state.verdict is None


def test_while_down_the_latest_cause_is_shown_without_being_a_change():
    state = _state()
    state.observe("unreachable", reason="refused")
    assert state.observe("auth_required", reason="HTTP 401") is None
    assert (state.verdict, state.reason) == ("auth_required", "HTTP 401")


def test_a_change_has_its_time_and_is_forgotten_on_demand():
    clock = Clock()
    state = _state(clock, fall=1)
    state.observe("healthy")
    clock.pass_by(50)
    assert state.observe("healthy") is None
    change = state.observe("unhealthy")
    assert change is not None
    assert change.at == 1050.0
    state.clear()
    assert state.verdict is None


LEVEL = {"healthy": 0, "degraded": 1}


@given(st.lists(st.sampled_from(VERDICTS), min_size=1, max_size=40), st.integers(1, 4), st.integers(1, 4))
@settings(max_examples=100, deadline=None)
def test_every_change_is_backed_by_enough_observations_in_a_row(verdicts, fall, rise):
    state = _state(fall=fall, rise=rise)
    before = None
    for count, verdict in enumerate(verdicts, start=1):
        transition = state.observe(verdict)
        assert state.verdict is not None
        now = LEVEL.get(state.verdict, 2)
        if transition is None:
            assert now == before
        elif before is not None:
            assert now != before
            needed = fall if now > before else rise
            recent = [LEVEL.get(each, 2) for each in verdicts[count - needed : count]]
            assert len(recent) == needed
            assert all(each >= now if now > before else each <= now for each in recent)
        before = now


@given(st.lists(st.sampled_from(VERDICTS), max_size=20), st.sampled_from(VERDICTS), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_observations_that_agree_for_long_enough_always_win(verdicts, last, needed):
    state = _state(fall=needed, rise=needed)
    for verdict in [*verdicts, *[last] * needed]:
        state.observe(verdict)
    assert LEVEL.get(state.verdict or "", 2) == LEVEL.get(last, 2)
