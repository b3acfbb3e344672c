from __future__ import annotations

import pytest

from tests.conformance.expectations import RUNS, Run, judge

RUN = Run(
    package="1", version="2026-07-28", expected_failures={"known": "a reason"}, left_out={"other": "why"}
)


def test_results_as_expected_are_no_complaint() -> None:
    assert judge(RUN, passed={"good"}, failed={"known"}) == []


def test_an_unexpected_failure_is_a_complaint() -> None:
    assert judge(RUN, passed=(), failed={"bad", "known"}) == ["`bad` failed"]


def test_an_expected_failure_that_passes_is_a_complaint() -> None:
    assert judge(RUN, passed={"known"}, failed=()) == ["`known` passed although it is expected to fail"]


def test_an_expectation_of_nothing_is_a_complaint() -> None:
    assert judge(RUN, passed={"good"}, failed=()) == ["`known` is expected to fail but does not exist"]


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_every_exception_has_its_reason(run: Run) -> None:
    assert all(run.expected_failures.values())
    assert all(run.left_out.values())
