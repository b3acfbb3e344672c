"""Many files on several processors: the same answer in the same order, whatever becomes of a child."""

from __future__ import annotations

import os
import sys

import pytest

from mcpctl.lint.sharing import LEAST, shared, workers

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")


def double(item: int) -> int:
    return 2 * item


@pytest.mark.parametrize("many", [1, 15, 16, 17, 1000, 5000])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_answers_come_in_order(many: int, count: int) -> None:
    assert shared(range(many), double, count) == [2 * item for item in range(many)]


def test_what_a_dying_child_took_is_left_to_the_parent() -> None:
    parent = os.getpid()

    def work(item: int) -> int:
        if os.getpid() != parent:
            os._exit(3)
        return item

    results = shared(range(1000), work, 3)
    assert len(results) == 1000
    assert results.count(None) <= 2 * 16
    assert all(result in {None, item} for item, result in enumerate(results))


def test_what_a_child_cannot_send_is_left_to_the_parent() -> None:
    parent = os.getpid()
    results = shared(range(1000), lambda item: item if os.getpid() == parent else object(), 2)
    assert len(results) == 1000
    assert all(result in {None, item} for item, result in enumerate(results))


@pytest.mark.skipif(sys.platform == "darwin", reason="one process is enough there")
def test_few_files_are_not_worth_a_process() -> None:
    assert workers(LEAST - 1) == 1
    assert workers(100_000) == len(os.sched_getaffinity(0))
