import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mcpctl.errors import AuthError, ConfigError, ConnectError, DeadlineError, ProtocolError, UsageError
from mcpctl.model.server import BreakerSpec
from mcpctl.policy.breaker import Breaker, is_outage
from tests.policy.clock import Clock

SPEC = BreakerSpec(threshold=3, reset=10.0)


def _tripped(clock: Clock) -> Breaker:
    breaker = Breaker(SPEC, clock)
    for _ in range(SPEC.threshold):
        breaker.failed(breaker.admit().ticket)
    return breaker


def test_it_opens_after_the_threshold_and_says_when_to_come_back():
    clock = Clock()
    breaker = _tripped(clock)
    clock.pass_by(4)
    decision = breaker.admit()
    assert (breaker.state, decision.allowed, decision.retry_after) == ("open", False, 6.0)


def test_a_success_in_between_starts_the_count_over():
    breaker = Breaker(SPEC, Clock())
    for failing in (True, True, False, True, True):
        ticket = breaker.admit().ticket
        (breaker.failed if failing else breaker.succeeded)(ticket)
    assert breaker.state == "closed"


def test_half_open_lets_exactly_one_probe_through():
    clock = Clock()
    breaker = _tripped(clock)
    clock.pass_by(10)
    assert breaker.state == "half_open"
    assert [breaker.admit().allowed for _ in range(3)] == [True, False, False]


def test_a_probe_that_succeeds_closes_and_one_that_fails_opens_again():
    for outcome, state in (("succeeded", "closed"), ("failed", "open")):
        clock = Clock()
        breaker = _tripped(clock)
        clock.pass_by(10)
        getattr(breaker, outcome)(breaker.admit().ticket)
        assert breaker.state == state


def test_an_abandoned_probe_gives_its_place_to_the_next():
    clock = Clock()
    breaker = _tripped(clock)
    clock.pass_by(10)
    breaker.abandoned(breaker.admit().ticket)
    assert breaker.admit().allowed


def test_a_probe_that_never_reports_is_given_up_and_cannot_speak_for_its_successor():
    clock = Clock()
    breaker = _tripped(clock)
    clock.pass_by(10)
    lost = breaker.admit().ticket
    clock.pass_by(10)
    successor = breaker.admit()
    assert successor.allowed
    breaker.succeeded(lost)
    assert breaker.state == "half_open"
    breaker.succeeded(successor.ticket)
    assert breaker.state == "closed"


def test_a_late_answer_from_before_the_trip_says_nothing():
    clock = Clock()
    breaker = Breaker(SPEC, clock)
    early = breaker.admit().ticket
    for _ in range(3):
        breaker.failed(breaker.admit().ticket)
    breaker.succeeded(early)
    assert breaker.state == "open"
    clock.pass_by(10)
    breaker.failed(early)
    assert breaker.state == "half_open"


@pytest.mark.parametrize(
    ("error", "counts"),
    [
        (ConnectError("refused"), True),
        (DeadlineError("slow", step="call", limit=1), True),
        (ProtocolError("not JSON"), True),
        (ProtocolError("HTTP 502", rpc_code=-32603, http_status=502), True),
        (ProtocolError("invalid params", rpc_code=-32602), False),
        (AuthError("HTTP 401"), False),
        (UsageError("unknown tool"), False),
        (ConfigError("broken"), False),
        (ValueError("ours"), False),
    ],
)
def test_only_errors_that_tell_against_the_server_count(error, counts):
    assert is_outage(error) is counts


class BreakerMachine(RuleBasedStateMachine):
    """Against a model that knows only: failures in a row, when it opened, which probe is out."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.breaker = Breaker(SPEC, self.clock)
        self.failures = 0
        self.opened_at: float | None = None
        self.probe: int | None = None
        self.probe_at = 0.0
        self.current: set[int] = set()
        self.stale: set[int] = set()

    def _open(self) -> None:
        self.opened_at, self.probe = self.clock.now, None
        self.stale |= self.current
        self.current = set()

    @rule()
    def ask(self) -> None:
        decision = self.breaker.admit()
        if self.opened_at is None:
            assert decision.allowed
            self.current.add(decision.ticket)
            return
        cooled = self.clock.now >= self.opened_at + SPEC.reset
        free = self.probe is None or self.clock.now >= self.probe_at + SPEC.reset
        assert decision.allowed is (cooled and free)
        if decision.allowed:
            self.stale |= self.current
            self.probe, self.probe_at, self.current = decision.ticket, self.clock.now, {decision.ticket}
        else:
            assert decision.retry_after is not None
            assert 0 < decision.retry_after <= SPEC.reset

    @rule(good=st.booleans())
    def answer(self, good: bool) -> None:
        if not self.current:
            return
        ticket = min(self.current)
        if good:
            self.breaker.succeeded(ticket)
            self.failures = 0
            if self.opened_at is not None:
                self.opened_at, self.probe = None, None
                self.stale |= self.current
                self.current = set()
            return
        self.breaker.failed(ticket)
        self.failures += 1
        if self.opened_at is not None or self.failures >= SPEC.threshold:
            self._open()

    @rule(good=st.booleans())
    def answer_late(self, good: bool) -> None:
        for ticket in self.stale - self.current:
            (self.breaker.succeeded if good else self.breaker.failed)(ticket)

    @rule(seconds=st.sampled_from([0.5, 3.0, 10.0, 25.0]))
    def wait(self, seconds: float) -> None:
        self.clock.pass_by(seconds)

    @invariant()
    def state_agrees(self) -> None:
        expected = "closed"
        if self.opened_at is not None:
            expected = "open" if self.clock.now < self.opened_at + SPEC.reset else "half_open"
        assert self.breaker.state == expected


BreakerMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestBreakerAgreesWithItsModel = BreakerMachine.TestCase
