from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpctl.errors import AuthError, ConfigError, ConnectError, DeadlineError, McpctlError, ProtocolError
from mcpctl.model.server import RetrySpec
from mcpctl.policy.backoff import delay, kind_of, pause_before_retry, retryable

TIMEOUT = DeadlineError("the call took longer than 1 s", step="call", limit=1)
LOST = ConnectError("the server went away")
BUSY = ConnectError("HTTP 429", http_status=429, kind="http", retry_after=7.0)

specs = st.builds(
    RetrySpec,
    initial=st.floats(0.001, 10),
    factor=st.floats(1, 10),
    maximum=st.floats(0.001, 100),
    jitter=st.floats(0, 1),
)
chances = st.floats(0, 1, exclude_max=True)


def test_delays_double_up_to_the_maximum():
    spec = RetrySpec(attempts=6, initial=1, factor=2, maximum=5, jitter=0)
    assert [delay(spec, failures, lambda: 0.9) for failures in range(1, 6)] == [1, 2, 4, 5, 5]


def test_jitter_takes_at_most_its_share_away():
    spec = RetrySpec(initial=1, jitter=0.5)
    assert delay(spec, 1, lambda: 0.0) == 1.0
    assert delay(spec, 1, lambda: 0.999) == pytest.approx(0.5, abs=0.01)


@given(specs, chances)
@settings(max_examples=60, deadline=None)
def test_delays_never_shrink_and_never_exceed_the_maximum(spec, chance):
    found = [delay(spec, failures, lambda: chance) for failures in range(1, 20)]
    assert all(0 <= each <= spec.maximum for each in found)
    assert all(after >= before for before, after in pairwise(found))


@pytest.mark.parametrize("factor", [2.0, 1e300, 2])
def test_a_server_that_died_a_million_times_still_has_a_delay(factor):
    assert delay(RetrySpec(factor=factor, jitter=0), 1_000_000, lambda: 0) == 30.0


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TIMEOUT, "timeout"),
        (LOST, "connection_lost"),
        (BUSY, "server_busy"),
        (ProtocolError("HTTP 503", http_status=503), "server_busy"),
        (ConnectError("no such program", kind="spawn"), "spawn"),
        (ProtocolError("not JSON"), None),
        (ConfigError("broken"), None),
        (AuthError("HTTP 429 at the token endpoint", http_status=429), None),
        (ValueError("not ours"), None),
    ],
)
def test_the_kind_of_an_error_comes_from_its_data(error, kind):
    assert kind_of(error) == kind


@pytest.mark.parametrize("error", [TIMEOUT, LOST, BUSY])
def test_only_idempotent_tools_are_retried_unless_told_otherwise(error):
    assert retryable(error, RetrySpec(), idempotent=True)
    assert not retryable(error, RetrySpec(), idempotent=False)
    assert retryable(error, RetrySpec(unsafe=True), idempotent=False)
    assert not retryable(error, RetrySpec(on=()), idempotent=True)


def _pause(error: McpctlError, *, attempt: int = 1, remaining: float | None = None) -> float | None:
    return pause_before_retry(
        error,
        RetrySpec(attempts=3, initial=1, jitter=0),
        attempt=attempt,
        idempotent=True,
        random=lambda: 0,
        remaining=remaining,
    )


def test_the_last_attempt_is_followed_by_none():
    assert [_pause(LOST, attempt=attempt) for attempt in (1, 2, 3, 4)] == [1, 2, None, None]


def test_retry_after_is_never_undercut():
    assert _pause(BUSY) == 7.0
    soon = ConnectError("HTTP 503", http_status=503, retry_after=0.1)
    assert _pause(soon, attempt=2) == 2.0


def test_a_pause_that_the_deadline_would_cut_short_is_not_begun():
    assert _pause(BUSY, remaining=7.0) is None
    assert _pause(BUSY, remaining=7.1) == 7.0


def test_an_error_that_waiting_cannot_mend_is_final():
    assert _pause(ConnectError("no such program", kind="spawn")) is None
