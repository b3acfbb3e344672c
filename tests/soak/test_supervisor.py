"""The soak of the supervisor in a short form; `python -m tests.soak` has the long one."""

from __future__ import annotations

import sys

import pytest

from tests.soak.supervisor import soak


@pytest.mark.skipif(sys.platform != "linux", reason="memory and open files are read from /proc")
def test_some_seconds_of_calls_crashes_and_builds_leave_nothing_behind() -> None:
    assert "calls" in soak(8)
