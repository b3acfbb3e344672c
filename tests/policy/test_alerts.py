import pytest

from mcpctl.policy.alerts import AlertBook, Figures, judge, score
from tests.policy.clock import Clock


def test_a_call_slower_than_five_seconds_is_a_warning():
    book = AlertBook(Clock())
    assert book.observe("files", "read", ok=True, seconds=5.0) == ()
    (alert,) = book.observe("files", "read", ok=True, seconds=5.1)
    assert (alert.severity, alert.rule, alert.tool, alert.at) == ("warning", "slow_call", "read", 1000.0)
    assert alert.message == "`read` took 5.10 s, more than 5 s"


def test_an_objective_of_its_own_takes_the_place_of_the_five_seconds():
    book = AlertBook(Clock())
    assert book.observe("files", "read", ok=True, seconds=6, objective=10) == ()
    assert book.observe("files", "read", ok=True, seconds=0.3, objective=0.2)[0].limit == 0.2


def test_more_than_ten_errors_in_the_last_hundred_are_critical_and_said_once():
    book = AlertBook(Clock())
    for _ in range(90):
        book.observe("files", "read", ok=True, seconds=0.1)
    found = [book.observe("files", "read", ok=False, seconds=0.1) for _ in range(15)]
    assert [bool(alerts) for alerts in found] == [False] * 10 + [True] + [False] * 4
    assert found[10][0].severity == "critical"


def test_errors_that_are_a_hundred_calls_old_no_longer_count():
    book = AlertBook(Clock())
    found = []
    for number in range(2000):
        found += book.observe("files", "read", ok=number % 10 != 0, seconds=0.1)
    assert found == []


def test_after_a_recovery_the_next_trouble_is_told_again():
    book = AlertBook(Clock())
    found = []
    for ok in [*[False] * 11, *[True] * 100, *[False] * 11]:
        found += book.observe("files", "read", ok=ok, seconds=0.1)
    assert len(found) == 2


def test_servers_do_not_share_their_errors():
    book = AlertBook(Clock())
    for _ in range(10):
        for server in ("a", "b"):
            assert book.observe(server, "read", ok=False, seconds=0.1) == ()


@pytest.mark.parametrize(
    ("figures", "rules"),
    [
        (Figures(calls=100, errors=5, p50=1, p95=2, p99=5, usual_p95=1), []),
        (Figures(calls=100, errors=6), ["error_rate"]),
        (Figures(calls=1, errors=0, p99=5.1), ["p99"]),
        (Figures(calls=1, errors=0, p50=1.1), ["p50"]),
        (Figures(calls=1, errors=0, p95=0.21, usual_p95=0.1), ["p95_growth"]),
        (Figures(calls=0, errors=0, usual_p95=0.0, p95=1), []),
    ],
)
def test_figures_beyond_their_thresholds_are_named(figures, rules):
    assert [alert.rule for alert in judge("files", figures, at=5.0)] == rules


@pytest.mark.parametrize(
    ("calls", "errors", "word"),
    [
        (1000, 0, "excellent"),
        (100, 1, "excellent"),
        (1000, 11, "good"),
        (100, 5, "good"),
        (1000, 51, "fair"),
        (10, 1, "fair"),
        (1000, 101, "poor"),
        (1, 1, "poor"),
        (0, 0, "unknown"),
    ],
)
def test_the_score_is_a_word_for_the_share_of_successes(calls, errors, word):
    assert score(calls=calls, errors=errors) == word
