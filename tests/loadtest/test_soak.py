from __future__ import annotations

import sys

import pytest

from tests.soak.loadtest import slope, soak_calls

CALLS = 200_000
"""As many as the long soak, `python -m tests.soak`, makes in more than half a minute."""


def test_the_slope_of_a_step_is_none_and_of_a_climb_is_its_own() -> None:
    assert slope([(at, 1.0 if at < 10 else 2.0) for at in range(12)]) == 0
    assert slope([(at * 100, at / 10) for at in range(20)]) == pytest.approx(0.001)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_hundreds_of_thousands_of_calls_leave_memory_as_it_was() -> None:
    assert "grew by" in soak_calls(CALLS)
