from hypothesis import given, settings
from hypothesis import strategies as st

from mcpctl.policy.intensity import ELSEWHERE, IntensitySpec, RestartIntensity
from tests.policy.clock import Clock

SPEC = IntensitySpec(deaths=5, within=60, healthy_after=30)


def test_the_fifth_death_in_a_minute_is_the_last():
    clock = Clock()
    intensity = RestartIntensity(SPEC, clock)
    for _ in range(4):
        assert not intensity.died()
        clock.pass_by(15)
    assert intensity.died()


def test_deaths_that_are_far_enough_apart_go_on_for_ever():
    clock = Clock()
    intensity = RestartIntensity(SPEC, clock)
    for _ in range(100):
        assert not intensity.died()
        clock.pass_by(15.1)
    assert intensity.streak == 100


def test_what_somebody_else_keeps_running_is_never_given_up():
    intensity = RestartIntensity(ELSEWHERE, Clock())
    assert not any(intensity.died() for _ in range(100))
    assert intensity.streak == 100


def test_running_is_not_healthy():
    clock = Clock()
    intensity = RestartIntensity(SPEC, clock)
    intensity.died()
    clock.pass_by(3600)
    assert intensity.streak == 1


def test_health_that_lasted_clears_the_count_and_a_shorter_time_does_not():
    clock = Clock()
    intensity = RestartIntensity(SPEC, clock)
    for _ in range(4):
        intensity.died()
    intensity.healthy()
    clock.pass_by(29)
    intensity.healthy()
    intensity.unhealthy()
    intensity.healthy()
    clock.pass_by(29)
    assert intensity.streak == 4
    clock.pass_by(1)
    assert intensity.streak == 0
    assert [intensity.died() for _ in range(5)] == [False] * 4 + [True]


def test_given_up_lasts_until_a_person_clears_it():
    clock = Clock()
    intensity = RestartIntensity(SPEC, clock)
    for _ in range(5):
        intensity.died()
    intensity.healthy()
    clock.pass_by(100)
    assert intensity.died()
    intensity.clear()
    assert intensity.streak == 0
    assert not intensity.died()


@given(st.lists(st.floats(0, 40), min_size=1, max_size=60), st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_it_gives_up_exactly_when_enough_deaths_fall_into_the_time(pauses, deaths):
    clock = Clock(0.0)
    intensity = RestartIntensity(IntensitySpec(deaths=deaths, within=60), clock)
    times: list[float] = []
    expected = False
    for pause in pauses:
        clock.pass_by(pause)
        times.append(clock.now)
        expected = expected or (len(times) >= deaths and times[-1] - times[-deaths] <= 60)
        assert intensity.died() is expected
