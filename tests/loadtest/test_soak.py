from __future__ import annotations

import sys

import pytest

from tests.soak.loadtest import slope, soak


def test_the_slope_of_a_step_is_none_and_of_a_climb_is_its_own() -> None:
    assert slope([1.0] * 10 + [2.0] * 2) == 0
    assert slope([float(place) / 10 for place in range(20)]) == pytest.approx(0.1)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_half_a_minute_of_load_leaves_memory_as_it_was() -> None:
    assert "grew by" in soak(30)
