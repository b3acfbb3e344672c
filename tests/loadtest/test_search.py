from __future__ import annotations

import pytest

from mcpctl.loadtest.search import Found, highest_level
from mcpctl.model.load_report import LimitStep
from tests.support import run


def searched(limit: float, *, start: float, whole: bool, ceiling: float = 1e9) -> Found:
    """Of a server that bears any level up to `limit`, by a generator that bears any up to `ceiling`."""

    async def measure(level: float) -> LimitStep:
        return LimitStep(
            level=level, held=level <= limit, value=level, shown="", rps=level, final=level > ceiling
        )

    return run(highest_level(measure, start=start, whole=whole))


@pytest.mark.parametrize("limit", [1, 3, 7, 16, 19])
def test_the_highest_small_number_is_found_exactly(limit: int) -> None:
    assert searched(limit, start=1, whole=True).highest == limit
    assert searched(limit, start=64, whole=True).highest == limit


@pytest.mark.parametrize("limit", [37, 100, 163, 5000])
def test_the_highest_large_number_is_found_to_a_twentieth(limit: int) -> None:
    highest = searched(limit, start=1, whole=True).highest
    assert highest is not None
    assert limit / 1.06 <= highest <= limit


@pytest.mark.parametrize("limit", [0.5, 99.0, 100.0, 1234.5, 98_765.0])
def test_a_rate_is_found_to_a_twentieth(limit: float) -> None:
    found = searched(limit, start=100, whole=False)
    assert found.highest is not None
    assert limit / 1.06 <= found.highest <= limit
    assert len(found.steps) <= 24


def test_a_server_that_bears_nothing_has_no_limit() -> None:
    assert searched(0, start=8, whole=True).highest is None
    assert searched(0, start=100, whole=False).highest is None


def test_a_generator_at_its_own_limit_ends_the_search_with_what_held() -> None:
    found = searched(1e9, start=100, whole=False, ceiling=1000)
    assert found.highest == 800
    assert found.steps[-1].final
