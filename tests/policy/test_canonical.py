from hashlib import sha256

from hypothesis import given, settings
from hypothesis import strategies as st

from mcpctl.policy.canonical import canonical, fingerprint

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


def _turned_around(value):
    if isinstance(value, dict):
        return {key: _turned_around(value[key]) for key in reversed(value)}
    return [_turned_around(each) for each in value] if isinstance(value, list) else value


@given(values)
@settings(max_examples=100, deadline=None)
def test_the_order_of_keys_makes_no_difference(value):
    assert canonical(value) == canonical(_turned_around(value))


def test_it_is_compact_sorted_utf8():
    assert canonical({"b": [1, 1.0], "a": "é"}) == '{"a":"é","b":[1,1.0]}'.encode()


def test_half_a_surrogate_pair_has_a_text_too():
    assert canonical({"b": 1, "a": "\ud800"}) == b'{"a":"\\ud800","b":1}'


def test_the_fingerprint_is_the_sha256_of_that_text():
    assert fingerprint({"b": 1, "a": 2}) == sha256(b'{"a":2,"b":1}').hexdigest()
