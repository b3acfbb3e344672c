import pytest

from mcpctl.policy.outliers import EJECTED_FOR, Standing, ranked
from tests.policy.clock import Clock


def _standing(clock: Clock, *, seconds: float | None = None, errors: int = 0) -> Standing:
    standing = Standing(clock)
    if seconds is not None:
        standing.record(ok=True, seconds=seconds)
    for _ in range(errors):
        standing.record(ok=False, seconds=0.001)
    return standing


def test_more_than_three_errors_in_a_row_make_a_server_unhealthy_until_it_succeeds():
    clock = Clock()
    standing = _standing(clock, errors=3)
    assert not standing.ejected
    standing.record(ok=False, seconds=1)
    assert standing.ejected
    standing.record(ok=True, seconds=1)
    assert not standing.ejected


def test_an_unhealthy_server_is_tried_again_after_a_while():
    clock = Clock()
    standing = _standing(clock, errors=4)
    clock.pass_by(EJECTED_FOR)
    assert not standing.ejected


def test_a_quick_failure_does_not_make_a_server_look_fast():
    assert _standing(Clock(), seconds=1.0, errors=2).latency == 1.0


def test_the_latency_follows_recent_calls():
    standing = _standing(Clock(), seconds=1.0)
    for _ in range(30):
        standing.record(ok=True, seconds=0.1)
    assert standing.latency == pytest.approx(0.1, rel=0.05)


def test_the_fastest_healthy_server_is_asked_first_and_nobody_is_dropped():
    clock = Clock()
    standings = {
        "slow": _standing(clock, seconds=0.5),
        "fast": _standing(clock, seconds=0.1),
        "failing": _standing(clock, seconds=0.01, errors=4),
        "dead": _standing(clock, seconds=0.001),
    }
    found = ranked(["dead", "failing", "slow", "fast", "new"], standings, down=["dead"])
    assert [choice.server for choice in found] == ["new", "fast", "slow", "failing", "dead"]
    assert [choice.reason for choice in found] == [
        "not measured yet",
        "100 ms on average",
        "500 ms on average",
        "4 errors in a row",
        "down",
    ]


def test_equals_stay_in_the_order_of_the_configuration():
    assert [choice.server for choice in ranked(["b", "a", "c"], {})] == ["b", "a", "c"]
