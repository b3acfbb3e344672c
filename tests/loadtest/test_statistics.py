"""Tests and intervals against brute force and known values, then the verdict against simulated noise."""

from __future__ import annotations

import json
import random
from itertools import combinations
from pathlib import Path
from statistics import median

import pytest

from mcpctl.loadtest import statistics
from mcpctl.loadtest.comparison import Question, Rules, RunValues, compare, floors_from, overall

NOISE, DRIFT = 0.05, 0.03
"""Scatter of the median of 1 s runs on a busy two-core machine, and how far it drifts from pair to pair: with these an
interleaved rank test over 8 pairs sees 11 % four times out of five, which is what was recorded there."""


def brute_force_p(left: list[float], right: list[float]) -> float:
    pooled = left + right
    ranks = [sum(other < one for other in pooled) + (pooled.count(one) + 1) / 2 for one in pooled]
    centre = len(left) * sum(ranks) / len(pooled)
    distance = abs(sum(ranks[: len(left)]) - centre)
    sums = [sum(chosen) for chosen in combinations(ranks, len(left))]
    return sum(abs(one - centre) >= distance - 1e-9 for one in sums) / len(sums)


@pytest.mark.parametrize("ties", [False, True])
def test_the_exact_rank_test_equals_counting_every_arrangement(ties: bool) -> None:
    draw = random.Random(5)
    for _ in range(20):
        left = [float(draw.randint(1, 5)) if ties else draw.random() for _ in range(draw.randint(1, 5))]
        right = [float(draw.randint(1, 5)) if ties else draw.random() for _ in range(draw.randint(1, 6))]
        assert statistics.mann_whitney(left, right) == pytest.approx(brute_force_p(left, right))


def test_the_normal_form_agrees_with_the_exact_one_where_they_meet() -> None:
    draw = random.Random(6)
    left = [draw.gauss(0, 1) for _ in range(20)]
    right = [draw.gauss(0.7, 1) for _ in range(20)]
    exact = statistics.mann_whitney(left, right)
    near = statistics.mann_whitney([*left, median(left)], [*right, median(right)])
    assert 0 < exact < 1
    assert near == pytest.approx(exact, rel=0.5)


def test_a_rank_test_of_nothing_or_of_equals_finds_nothing() -> None:
    assert statistics.mann_whitney([], [1.0]) == 1
    assert statistics.mann_whitney([2.0] * 5, [2.0] * 5) == 1
    assert statistics.mann_whitney([2.0] * 30, [2.0] * 30) == 1


def test_the_paired_rank_test_equals_counting_every_sign() -> None:
    before, after = [10.0] * 6, [11.0, 12.0, 13.0, 14.0, 15.0, 9.5]
    # Only the smallest change points the other way: 2 of 64 arrangements are as extreme on either side.
    assert statistics.signed_rank(before, after) == pytest.approx(4 / 64)
    assert statistics.signed_rank(before, before) == 1
    many = [10.0 + place / 7 for place in range(25)]
    assert statistics.signed_rank(many, [value * 1.1 for value in many]) < 0.001


def test_corrections_for_many_looks_follow_holm() -> None:
    assert statistics.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert statistics.holm([]) == []


def test_the_typical_ratio_ignores_an_outlier() -> None:
    assert statistics.hodges_lehmann_ratio([10, 10, 10, 1000], [11, 11, 11, 11]) == pytest.approx(1.1)
    assert statistics.hodges_lehmann_ratio([], [1]) == 1


def test_the_interval_of_paired_ratios_holds_the_truth_about_95_times_in_100() -> None:
    draw = random.Random(7)
    held = 0
    for seed in range(100):
        before = [100 * draw.lognormvariate(0, 0.05) for _ in range(10)]
        after = [value * 1.2 * draw.lognormvariate(0, 0.05) for value in before]
        _, low, high = statistics.paired_ratio_interval(before, after, seed=seed)
        held += low <= 1.2 <= high
    assert held >= 88


def test_pairing_takes_a_drift_out() -> None:
    before = [100.0, 150.0, 210.0, 310.0, 440.0]
    after = [value * 1.1 for value in before]
    ratio, low, high = statistics.paired_ratio_interval(before, after)
    assert (ratio, low, high) == pytest.approx((1.1, 1.1, 1.1))
    _, low, high = statistics.unpaired_ratio_interval(before, after)
    assert low < 0.7
    assert high > 1.5


def test_shares_of_errors_are_compared_exactly() -> None:
    assert statistics.fisher(1, 10, 9, 10) == pytest.approx(0.0010933, rel=1e-3)
    assert statistics.fisher(0, 100, 0, 100) == 1
    assert statistics.fisher(5, 1000, 6, 1000) > 0.9
    assert statistics.fisher(100_000, 1_000_000, 101_000, 1_000_000) == pytest.approx(0.0185, abs=0.002)


def runs(draw: random.Random, *, scale: float = 1.0, pairs: int = 10, drift: list[float]) -> list[RunValues]:
    """Per-run medians: common drift, scatter of their own, and now and then a disturbed run."""
    found = []
    for place in range(pairs):
        shock = draw.expovariate(4) if draw.random() < 0.08 else 0.0
        value = scale * (1 + drift[place]) * draw.lognormvariate(0, NOISE) * (1 + shock)
        found.append(RunValues(requests=1000, errors=0, values={"p50": value, "rps": 1000 / value}))
    return found


def drifting(draw: random.Random, pairs: int) -> list[float]:
    level = 0.0
    levels = []
    for _ in range(pairs):
        level = 0.7 * level + draw.gauss(0, DRIFT)
        levels.append(level)
    return levels


def verdicts(scale: float, trials: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    found = []
    for _ in range(trials):
        drift = drifting(draw, 10)
        question = Question(before=runs(draw, drift=drift), after=runs(draw, scale=scale, drift=drift))
        found.append(overall(compare([question], Rules(paired=True))))
    return found


def test_two_equal_servers_raise_a_false_alarm_less_than_once_in_twenty() -> None:
    found = verdicts(1.0, trials=60, seed=11)
    assert found.count("regression") / len(found) < 0.05
    assert found.count("improvement") / len(found) < 0.05


def test_a_slowdown_of_10_per_cent_is_found_three_times_out_of_four() -> None:
    found = verdicts(1.1, trials=60, seed=12)
    assert found.count("regression") / len(found) > 0.75


def recorded(before: str, after: str) -> list[str]:
    """Verdicts over every ten rounds in a row."""
    rounds = json.loads((Path(__file__).parent / "recorded.json").read_text())["rounds"]

    def side(name: str, window: list[dict[str, list[float]]]) -> list[RunValues]:
        return [
            RunValues(requests=400, errors=0, values={"p50": one[name][0], "p95": one[name][1]})
            for one in window
        ]

    windows = [rounds[start : start + 10] for start in range(len(rounds) - 9)]
    questions = (Question(before=side(before, window), after=side(after, window)) for window in windows)
    return [overall(compare([question], Rules(paired=True))) for question in questions]


def test_recorded_runs_of_one_server_raise_a_false_alarm_less_than_once_in_twenty() -> None:
    found = recorded("a1", "a2")
    assert found.count("regression") / len(found) < 0.05
    assert found.count("improvement") / len(found) < 0.05


@pytest.mark.parametrize("same", ["a1", "a2"])
def test_a_recorded_slowdown_of_a_tenth_is_found_three_times_out_of_four(same: str) -> None:
    found = recorded(same, "b")
    assert found.count("regression") / len(found) > 0.75


def test_a_speed_up_is_an_improvement() -> None:
    assert verdicts(0.8, trials=10, seed=13).count("improvement") >= 9


def values(p50: float, *, requests: int = 1000, errors: int = 0, p99: float | None = None) -> RunValues:
    known = {"p50": p50} | ({"p99": p99} if p99 is not None else {})
    return RunValues(requests=requests, errors=errors, values=known)


def test_quiet_equal_runs_pass() -> None:
    before = [values(10 + place / 100) for place in range(10)]
    found = compare([Question(before=before, after=before)], Rules(paired=True))
    assert [one.verdict for one in found] == ["pass"]
    assert found[0].ratio == pytest.approx(1)


def test_noise_beyond_the_floor_is_inconclusive_and_tells_what_it_could_have_seen() -> None:
    draw = random.Random(1)
    before = [values(draw.lognormvariate(0, 0.5)) for _ in range(6)]
    after = [values(draw.lognormvariate(0, 0.5)) for _ in range(6)]
    (found,) = compare([Question(before=before, after=after)], Rules(paired=True))
    assert found.verdict == "inconclusive"
    assert found.detectable > 0.5


def test_a_tail_is_not_judged_on_too_few_samples_and_does_not_spoil_the_verdict() -> None:
    before = [values(10 + place / 100, p99=20) for place in range(10)]
    after = [values(10 + place / 100, p99=90) for place in range(10)]
    found = {one.metric: one for one in compare([Question(before=before, after=after)], Rules(paired=True))}
    assert found["p99"].verdict == "inconclusive"
    assert "1000 requests" in (found["p99"].note or "")
    assert overall(list(found.values())) == "pass"


def test_few_runs_are_inconclusive_whatever_they_say() -> None:
    before, after = [values(10)] * 3, [values(20)] * 3
    (found,) = compare([Question(before=before, after=after)], Rules(paired=False))
    assert found.verdict == "inconclusive"
    assert "3 runs" in (found.note or "")


def test_new_errors_are_a_regression_and_a_single_one_is_not() -> None:
    before = [values(10)] * 10
    many, one = [values(10, errors=5)] * 10, [values(10, errors=1)] + [values(10)] * 9
    found = compare([Question(before=before, after=many)], Rules(paired=True))
    assert {each.metric: each.verdict for each in found}["errors"] == "regression"
    found = compare([Question(before=before, after=one)], Rules(paired=True))
    assert {each.metric: each.verdict for each in found}["errors"] == "pass"


def test_less_throughput_is_worse() -> None:
    before = [RunValues(requests=1000, errors=0, values={"rps": 1000.0 + place}) for place in range(10)]
    after = [RunValues(requests=1000, errors=0, values={"rps": 800.0 + place}) for place in range(10)]
    (found,) = compare([Question(before=before, after=after)], Rules(paired=True))
    assert found.verdict == "regression"
    assert found.ratio == pytest.approx(1.25, rel=0.01)


def test_floors_keep_their_proportions() -> None:
    assert floors_from(0.10) == pytest.approx({"p50": 0.1, "rps": 0.1, "p95": 0.2, "p99": 0.4, "errors": 0.0})
