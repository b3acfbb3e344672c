from __future__ import annotations

from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpctl.loadtest.profile import Profile, arrivals, staged, steady


def test_a_constant_rate_sends_at_even_intervals_and_stops_at_the_end() -> None:
    moments = list(arrivals(steady(500, until=4), kind="constant"))
    assert len(moments) == 2000
    assert moments[0] == 0
    assert moments[1500] == pytest.approx(3.0)


def test_an_endless_rate_goes_on() -> None:
    assert list(islice(arrivals(steady(10), kind="constant"), 100_000))[-1] == pytest.approx(9999.9)


def test_a_ramp_sends_half_as_much_as_its_top_level() -> None:
    profile = steady(100, ramp=10, until=20)
    moments = list(arrivals(profile, kind="constant"))
    assert len(moments) == 1500
    assert sum(moment < 10 for moment in moments) == pytest.approx(500, abs=1)
    assert moments == sorted(moments)
    assert profile.level(5) == 50
    assert profile.level(15) == 100
    assert profile.level(25) == 0


def test_stages_climb_jump_and_fall() -> None:
    profile = staged([(10, 100), (0, 500), (2, 500), (0, 0), (3, 0), (5, 50)])
    assert [profile.level(at) for at in (5, 11, 13, 19.9)] == [50, 500, 0, pytest.approx(49)]
    assert profile.end == 20
    assert profile.peak == 500
    assert profile.area() == pytest.approx(500 + 1000 + 0 + 125)
    assert len(list(arrivals(profile, kind="constant"))) == 1625


def test_a_lead_holds_the_first_level_before_the_stages() -> None:
    profile = staged([(0, 50), (10, 50)], lead=3)
    assert profile.level(1) == 50
    assert profile.end == 13


@settings(deadline=None)
@given(st.integers(1, 7), st.floats(0.5, 300))
def test_shards_of_a_constant_schedule_make_exactly_the_whole_one(shards: int, rate: float) -> None:
    profile = steady(rate, ramp=1, until=3)
    whole = list(arrivals(profile, kind="constant"))
    parts = [list(arrivals(profile, kind="constant", shard=shard, shards=shards)) for shard in range(shards)]
    assert sorted(moment for part in parts for moment in part) == whole


def test_poisson_gaps_have_the_mean_and_the_scatter_of_a_poisson_process() -> None:
    moments = list(arrivals(steady(1000, until=20), kind="poisson", seed=3))
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    mean = sum(gaps) / len(gaps)
    scatter = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert len(moments) == pytest.approx(20_000, rel=0.03)
    assert scatter == pytest.approx(mean, rel=0.05)


def test_poisson_repeats_for_a_seed_and_shards_add_up() -> None:
    profile = steady(100, until=50)
    assert list(arrivals(profile, kind="poisson", seed=1)) == list(arrivals(profile, kind="poisson", seed=1))
    parts = [list(arrivals(profile, kind="poisson", seed=1, shard=shard, shards=4)) for shard in range(4)]
    assert parts[0] != parts[1]
    assert sum(map(len, parts)) == pytest.approx(5000, rel=0.06)


def test_the_area_tells_how_many_are_due_by_then() -> None:
    assert steady(10, ramp=2, until=1000).area(until=5) == pytest.approx(40)
    assert isinstance(steady(5), Profile)


def test_the_moment_of_an_area_is_where_so_many_requests_are_due() -> None:
    profile = steady(10, ramp=2, until=5)
    assert [profile.moment(area) for area in (0, 10, 20, 40, 50)] == [0, 2, 3, 5, 5]
    assert profile.area(until=profile.moment(7)) == pytest.approx(7)
