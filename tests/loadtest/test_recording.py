from __future__ import annotations

import pytest

from mcpctl.loadtest.ledger import Ledger
from mcpctl.loadtest.plan import Plan, Target
from mcpctl.loadtest.profile import steady
from mcpctl.loadtest.recording import Recording
from tests.loadtest.servers import call

TARGET = Target(name="echo", transport="stdio", era="handshake", protocol_version="2025-11-25")
SECOND = 1_000_000_000


@pytest.mark.parametrize(("until", "seconds"), [(1.0, 1), (1.2, 2)])
def test_silence_behind_the_end_of_a_load_is_no_second_however_late_it_is_noticed(
    until: float, seconds: int
) -> None:
    plan = Plan(targets=(TARGET,), operations=(call(),), model="open", profile=steady(100, until=until))
    ledger = Ledger(plan.operations)
    recording = Recording(plan, ledger)
    begin = recording.start()
    recording.begin()
    ledger.books[0].sent = ledger.books[0].ok = 100
    recording.tick(begin + SECOND, 0)
    assert len(recording.finish(begin + 2 * SECOND).moments) == seconds
