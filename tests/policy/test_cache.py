from collections import OrderedDict

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mcpctl.model.server import CacheSpec
from mcpctl.policy.cache import CacheKey, ResultCache, key_of
from tests.policy.clock import Clock


def _cache(clock: Clock | None = None, *, entries: int = 1000, max_bytes: int = 1 << 20) -> ResultCache[str]:
    spec = CacheSpec(tools={"get": 60, "list_*": 5, "never": 0}, entries=entries)
    return ResultCache(spec, clock or Clock(), max_bytes=max_bytes)


def test_an_answer_is_reused_until_its_time_is_over():
    clock = Clock()
    cache = _cache(clock)
    key = key_of("me", "get", {"a": 1})
    cache.put(key, "answer")
    clock.pass_by(59.9)
    assert cache.get(key) == "answer"
    clock.pass_by(0.1)
    assert cache.get(key) is None
    assert len(cache) == 0


def test_the_order_of_arguments_makes_no_difference_and_the_identity_does():
    assert key_of("me", "get", {"a": 1, "b": 2}) == key_of("me", "get", {"b": 2, "a": 1})
    assert key_of("me", "get", {}) == key_of("me", "get", None)
    assert key_of("me", "get", {"a": 1}) != key_of("you", "get", {"a": 1})
    assert key_of("me", "get", {"a": 1}) != key_of("me", "get", {"a": "1"})


def test_only_tools_that_are_named_are_cached():
    cache = _cache()
    for tool in ("other", "never"):
        assert not cache.put(key_of("me", tool, {}), "answer")
    assert cache.put(key_of("me", "list_all", {}), "answer")


def test_the_entry_that_was_not_used_for_longest_goes_first():
    cache = _cache(entries=2)
    one, two, three = (key_of("me", "get", {"n": n}) for n in range(3))
    cache.put(one, "1")
    cache.put(two, "2")
    cache.get(one)
    cache.put(three, "3")
    assert (cache.get(one), cache.get(two), cache.get(three)) == ("1", None, "3")


def test_bytes_are_bounded_as_well_as_entries():
    cache = _cache(max_bytes=100)
    for n in range(10):
        cache.put(key_of("me", "get", {"n": n}), "x", size=40)
    assert len(cache) == 2
    assert not cache.put(key_of("me", "get", {}), "x", size=101)


def test_what_was_forgotten_leaves_its_room_to_others():
    cache = _cache(max_bytes=100)
    for _ in range(3):
        cache.put(key_of("me", "get", {}), "x", size=100)
        assert len(cache) == 1
        cache.clear()
        assert cache.get(key_of("me", "get", {})) is None


def test_an_answer_from_before_an_invalidation_does_not_come_in_after_it():
    cache = _cache()
    epoch = cache.epoch
    cache.clear()
    assert not cache.put(key_of("me", "get", {}), "old", epoch=epoch)
    assert cache.put(key_of("me", "get", {}), "new", epoch=cache.epoch)


def test_a_cache_without_entries_keeps_nothing():
    assert not _cache(entries=0).put(key_of("me", "get", {}), "x")


class CacheMachine(RuleBasedStateMachine):
    """Against an ordered dictionary with times."""

    keys = st.builds(CacheKey, st.just("me"), st.sampled_from(["get", "list_x"]), st.sampled_from("abcd"))

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.cache = _cache(self.clock, entries=3)
        self.model: OrderedDict[CacheKey, tuple[str, float]] = OrderedDict()

    @rule(key=keys, value=st.text(max_size=3))
    def put(self, key: CacheKey, value: str) -> None:
        self.cache.put(key, value)
        self.model.pop(key, None)
        self.model[key] = (value, self.clock.now + (60 if key.tool == "get" else 5))
        while len(self.model) > 3:
            self.model.popitem(last=False)

    @rule(key=keys)
    def get(self, key: CacheKey) -> None:
        known = self.model.get(key)
        if known is None or known[1] <= self.clock.now:
            self.model.pop(key, None)
            assert self.cache.get(key) is None
        else:
            self.model.move_to_end(key)
            assert self.cache.get(key) == known[0]

    @rule()
    def clear(self) -> None:
        self.cache.clear()
        self.model.clear()

    @rule(seconds=st.sampled_from([1.0, 4.0, 56.0]))
    def wait(self, seconds: float) -> None:
        self.clock.pass_by(seconds)

    @invariant()
    def bounded(self) -> None:
        assert len(self.cache) == len(self.model) <= 3


CacheMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestCacheAgreesWithItsModel = CacheMachine.TestCase
