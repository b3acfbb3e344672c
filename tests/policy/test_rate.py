from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpctl.errors import ConfigError
from mcpctl.model.server import RateClass, RateLimitSpec
from mcpctl.policy.rate import CLASSES, RateLimiter, SlidingWindow, TokenBucket
from tests.policy.clock import Clock

steps = st.lists(st.floats(0, 5), min_size=1, max_size=80)


@pytest.mark.parametrize(
    ("name", "limit", "per"), [("default", 60, 60), ("expensive", 10, 60), ("bulk", 1000, 3600)]
)
def test_the_known_classes_have_numbers_of_their_own(name, limit, per):
    assert (CLASSES[name].limit, CLASSES[name].per) == (limit, per)
    limiter = RateLimiter(RateLimitSpec(tools={"tool": name}), Clock())
    assert all(limiter.acquire("tool").allowed for _ in range(limit))
    refused = limiter.acquire("tool")
    assert not refused.allowed
    assert refused.retry_after == pytest.approx(per / limit)
    assert refused.rule == f"rate_limit.{name}"


def test_waiting_as_told_is_enough():
    clock = Clock(0.1)
    limiter = RateLimiter(RateLimitSpec(classes={"default": RateClass(limit=3, per=7)}), clock)
    for _ in range(3):
        limiter.acquire("tool")
    for _ in range(200):
        refused = limiter.acquire("tool")
        assert refused.retry_after is not None
        clock.pass_by(refused.retry_after)
        assert limiter.acquire("tool").allowed


def test_a_call_may_wait_for_its_turn_as_long_as_the_configuration_says():
    limiter = RateLimiter(
        RateLimitSpec(classes={"default": RateClass(limit=60, per=60, burst=1)}, wait=2.5), Clock()
    )
    decisions = [limiter.acquire("tool") for _ in range(4)]
    assert [decision.wait for decision in decisions[:3]] == pytest.approx([0, 1, 2])
    assert not decisions[3].allowed
    assert decisions[3].retry_after == pytest.approx(3)


def test_all_tools_of_a_class_share_its_limit_and_other_classes_do_not():
    spec = RateLimitSpec(
        classes={"one": RateClass(limit=1)}, tools={"a": "one", "b": "one", "slow_*": "expensive"}
    )
    limiter = RateLimiter(spec, Clock())
    assert limiter.acquire("a").allowed
    assert not limiter.acquire("b").allowed
    assert limiter.acquire("c").allowed
    assert limiter.class_of("slow_query") == "expensive"


def test_a_limit_of_zero_never_opens():
    limiter = RateLimiter(RateLimitSpec(classes={"default": RateClass(limit=0)}), Clock())
    decision = limiter.acquire("tool")
    assert (decision.allowed, decision.retry_after) == (False, None)


def test_an_unknown_class_is_a_fault_of_the_configuration():
    with pytest.raises(ConfigError, match="`fast`") as caught:
        RateLimiter(RateLimitSpec(tools={"a": "fast"}), Clock())
    assert caught.value.code == "config.rate_class"


@given(steps, st.integers(1, 10), st.floats(0.5, 20), st.integers(1, 10), st.floats(0, 10))
@settings(max_examples=60, deadline=None)
def test_a_bucket_never_gives_more_than_burst_and_refill(pauses, limit, per, burst, longest):
    clock = Clock()
    bucket = TokenBucket(RateClass(limit=limit, per=per, burst=burst), clock)
    turns = []
    for pause in pauses:
        clock.pass_by(pause)
        allowed, wait = bucket.book(longest=longest)
        if allowed:
            turns.append(clock.now + wait)
    for first in range(len(turns)):
        for last in range(first, len(turns)):
            span = turns[last] - turns[first]
            assert last - first + 1 <= burst + span * limit / per + 1e-6
    assert all(after >= before - 1e-9 for before, after in pairwise(turns))


@given(steps, st.integers(1, 10), st.floats(0.5, 20), st.floats(0, 10))
@settings(max_examples=60, deadline=None)
def test_a_window_never_holds_more_than_its_limit_anywhere(pauses, limit, per, longest):
    clock = Clock()
    window = SlidingWindow(RateClass(limit=limit, per=per, algorithm="window"), clock)
    turns = []
    for pause in pauses:
        clock.pass_by(pause)
        allowed, wait = window.book(longest=longest)
        assert wait is not None
        if allowed:
            assert wait <= longest + 1e-6
            turns.append(clock.now + wait)
    for first, turn in enumerate(turns[limit:]):
        assert turn - turns[first] >= per - 1e-6


def test_the_algorithm_is_the_one_that_was_asked_for():
    clock = Clock()
    spec = RateClass(limit=2, per=10, algorithm="window")
    limiter = RateLimiter(RateLimitSpec(classes={"default": spec}), clock)
    assert [limiter.acquire("t").allowed for _ in range(3)] == [True, True, False]
    clock.pass_by(9.9)
    # A bucket would have refilled one by now.
    assert limiter.acquire("t").retry_after == pytest.approx(0.1)
