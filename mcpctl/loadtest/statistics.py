"""Tests and intervals on per-run values, written for runs by the dozen: exact where that is possible.

The unit is a run, or a block of at least a second, never a request: requests of one run are not independent, and a
test on them calls every noise a finding.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from math import erf, exp, lgamma, log, sqrt
from statistics import NormalDist, median, stdev

EXACT_LIMIT = 20
"""Up to so many runs a side the distribution is counted out; beyond, the normal one is as good."""

BOOTSTRAP_ROUNDS = 1000
"""Enough for the ends of a 95 % interval to hold still in the second digit."""

_CONFIDENCE = 0.95
_POWER = 0.80
"""How often a change of the size that could be seen is seen; four in five is what studies are planned for."""
_WIDTH = 48
"""Bits of one count among the ways to form a sum of ranks; the largest count needs 38."""
_RANK_EFFICIENCY = 0.955
"""What a rank test sees of what a t test sees, in normal noise."""


def mann_whitney(left: Sequence[float], right: Sequence[float]) -> float:
    """Two-sided p that both come from one distribution; ties are given their mean rank."""
    if not left or not right:
        return 1.0
    ranks = _doubled_ranks([*left, *right])
    observed = sum(ranks[: len(left)])
    if max(len(left), len(right)) <= EXACT_LIMIT:
        return _exact_p(ranks, len(left), observed)
    return _normal_p(ranks, len(left), observed)


def signed_rank(before: Sequence[float], after: Sequence[float]) -> float:
    """Two-sided p of Wilcoxon's test on the ratios of pairs: what drifts under both sides cancels out."""
    shifts = [shift for shift in _log_ratios(before, after) if shift]
    ranks = _doubled_ranks([abs(shift) for shift in shifts])
    observed = sum(rank for rank, shift in zip(ranks, shifts, strict=True) if shift > 0)
    if len(ranks) > EXACT_LIMIT:
        return _normal_signed_p(ranks, observed)
    ways = 1
    for rank in ranks:
        ways += ways << (_WIDTH * rank)
    distance = abs(2 * observed - sum(ranks))
    counts = _unpack(ways)
    extreme = sum(many for rank_sum, many in counts.items() if abs(2 * rank_sum - sum(ranks)) >= distance)
    return extreme / sum(counts.values())


def holm(p_values: Sequence[float]) -> list[float]:
    """Corrected for how many were looked at."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted = [1.0] * len(p_values)
    highest = 0.0
    for place, index in enumerate(order):
        highest = max(highest, min(1.0, p_values[index] * (len(p_values) - place)))
        adjusted[index] = highest
    return adjusted


def hodges_lehmann_ratio(before: Sequence[float], after: Sequence[float]) -> float:
    """The typical ratio of any run after to any run before."""
    ratios = [log(late / early) for early in before for late in after if early > 0 and late > 0]
    return exp(median(ratios)) if ratios else 1.0


def paired_ratio_interval(
    before: Sequence[float], after: Sequence[float], *, seed: int = 0
) -> tuple[float, float, float]:
    """Hodges-Lehmann ratio of pairs, and its 95 % bootstrap interval."""
    ratios = _log_ratios(before, after)
    if not ratios:
        return 1.0, 1.0, 1.0
    size = len(ratios)
    draw = random.Random(seed).choices  # noqa: S311 - resampling that must repeat
    middles = sorted(_walsh_median(draw(ratios, k=size)) for _ in range(BOOTSTRAP_ROUNDS))
    return exp(_walsh_median(ratios)), *_ends(middles)


def unpaired_ratio_interval(
    before: Sequence[float], after: Sequence[float], *, seed: int = 0
) -> tuple[float, float, float]:
    """Hodges-Lehmann ratio, and the 95 % bootstrap interval of the ratio of medians."""
    early = [log(value) for value in before if value > 0]
    late = [log(value) for value in after if value > 0]
    if not early or not late:
        return 1.0, 1.0, 1.0
    draw = random.Random(seed).choices  # noqa: S311 - resampling that must repeat
    shifts = sorted(
        median(draw(late, k=len(late))) - median(draw(early, k=len(early))) for _ in range(BOOTSTRAP_ROUNDS)
    )
    return hodges_lehmann_ratio(before, after), *_ends(shifts)


def smallest_detectable(before: Sequence[float], after: Sequence[float], *, paired: bool) -> float:
    """The share of change that runs as noisy as these show four times out of five."""
    early = [log(value) for value in before if value > 0]
    late = [log(value) for value in after if value > 0]
    if min(len(early), len(late)) < 2:
        return float("inf")
    spread = sqrt((stdev(early) ** 2 / len(early) + stdev(late) ** 2 / len(late)) / _RANK_EFFICIENCY)
    if paired and len(early) == len(late):
        differences = [b - a for a, b in zip(early, late, strict=True)]
        spread = max(spread, stdev(differences) / sqrt(len(differences)))
    freedom = len(early) + len(late) - 2
    return exp((_student((1 + _CONFIDENCE) / 2, freedom) + _student(_POWER, freedom)) * spread) - 1


def fisher(first_bad: int, first_all: int, second_bad: int, second_all: int) -> float:
    """Two-sided p that two shares of errors are one."""
    bad, total = first_bad + second_bad, first_all + second_all
    if not bad or bad == total or not first_all or not second_all:
        return 1.0
    low, high = max(0, bad - second_all), min(bad, first_all)
    if high - low > 2000:
        return _two_shares(first_bad, first_all, second_bad, second_all)
    norm = _log_choose(total, bad)
    weights = [
        exp(_log_choose(first_all, hit) + _log_choose(second_all, bad - hit) - norm)
        for hit in range(low, high + 1)
    ]
    observed = weights[first_bad - low]
    return min(1.0, sum(weight for weight in weights if weight <= observed * (1 + 1e-7)))


def _log_ratios(before: Sequence[float], after: Sequence[float]) -> list[float]:
    return [log(late / early) for early, late in zip(before, after, strict=True) if early > 0 and late > 0]


def _walsh_median(values: Sequence[float]) -> float:
    """Median of the means of all pairs: shrugs off a third of outliers, and wastes less than the plain median."""
    sums = sorted([first + second for place, first in enumerate(values) for second in values[place:]])
    return (sums[(len(sums) - 1) // 2] + sums[len(sums) // 2]) / 4


def _doubled_ranks(values: Sequence[float]) -> list[int]:
    """Ranks times two, so that the mean rank of a tie is still whole."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for place in range(start, end + 1):
            ranks[order[place]] = start + end + 2
        start = end + 1
    return ranks


def _exact_p(ranks: Sequence[int], size: int, observed: int) -> float:
    """All ways to choose `size` of the ranks, counted by their sum in polynomials packed into whole numbers."""
    ways = [1] + [0] * size
    for rank in ranks:
        for chosen in range(size, 0, -1):
            ways[chosen] += ways[chosen - 1] << (_WIDTH * rank)
    counts = _unpack(ways[size])
    total = sum(counts.values())
    centre = size * sum(ranks)
    distance = abs(observed * len(ranks) - centre)
    extreme = sum(
        many for rank_sum, many in counts.items() if abs(rank_sum * len(ranks) - centre) >= distance
    )
    return min(1.0, extreme / total)


def _unpack(packed: int) -> dict[int, int]:
    step = _WIDTH // 8
    raw = packed.to_bytes((packed.bit_length() + 7) // 8 + step, "little")
    counts = (
        (place // step, int.from_bytes(raw[place : place + step], "little"))
        for place in range(0, len(raw), step)
    )
    return {rank_sum: many for rank_sum, many in counts if many}


def _normal_p(ranks: Sequence[int], size: int, observed: int) -> float:
    total = len(ranks)
    other = total - size
    mean = sum(ranks) / total
    scatter = sum((rank - mean) ** 2 for rank in ranks) / (total - 1)
    if not scatter:
        return 1.0
    # One rank is two here, so half a step of continuity is one.
    distance = max(0.0, abs(observed - size * mean) - 1)
    return 1 - erf(distance / sqrt(scatter * size * other / total) / sqrt(2))


def _normal_signed_p(ranks: Sequence[int], observed: int) -> float:
    scatter = sqrt(sum(rank * rank for rank in ranks)) / 2
    return 1 - erf(max(0.0, abs(observed - sum(ranks) / 2) - 1) / scatter / sqrt(2))


def _ends(ordered: Sequence[float]) -> tuple[float, float]:
    cut = int(len(ordered) * (1 - _CONFIDENCE) / 2)
    return exp(ordered[cut]), exp(ordered[-1 - cut])


def _student(share: float, freedom: int) -> float:
    """Quantile of Student's t by its expansion around the normal one: good to 1 % from three degrees on."""
    z = NormalDist().inv_cdf(share)
    terms = (
        z,
        (z**3 + z) / (4 * freedom),
        (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2),
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3),
    )
    return sum(terms)


def _two_shares(first_bad: int, first_all: int, second_bad: int, second_all: int) -> float:
    share = (first_bad + second_bad) / (first_all + second_all)
    scatter = sqrt(share * (1 - share) * (1 / first_all + 1 / second_all))
    distance = abs(first_bad / first_all - second_bad / second_all)
    return 1 - erf(distance / scatter / sqrt(2))


def _log_choose(total: int, chosen: int) -> float:
    return lgamma(total + 1) - lgamma(chosen + 1) - lgamma(total - chosen + 1)
