from __future__ import annotations

import asyncio
import sys
from time import monotonic_ns

import pytest
import uvloop

from mcpctl.loadtest.clock import Alarm, KernelAlarm, SpinningAlarm, alarm

KINDS = [SpinningAlarm] + ([KernelAlarm] if sys.platform == "linux" else [])


async def rings(kind: type, moments: int, gap: int) -> list[int]:
    done = asyncio.get_running_loop().create_future()
    slips: list[int] = []
    due = monotonic_ns() + gap

    def ring() -> None:
        nonlocal due
        slips.append(monotonic_ns() - due)
        due += gap
        if len(slips) < moments:
            timer.set(due)
        else:
            done.set_result(None)

    timer: Alarm = kind(ring)
    timer.set(due)
    try:
        async with asyncio.timeout(5):
            await done
    finally:
        timer.close()
    return slips


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
@pytest.mark.parametrize("kind", KINDS)
def test_an_alarm_rings_once_for_every_setting_and_never_early(run: object, kind: type) -> None:
    slips = run(rings(kind, moments=20, gap=2_000_000))  # type: ignore[operator]
    assert len(slips) == 20
    assert min(slips) >= 0


def test_a_moment_that_has_passed_rings_at_once() -> None:
    async def main() -> None:
        rung = asyncio.Event()
        timer = alarm(rung.set)
        timer.set(0)
        async with asyncio.timeout(5):
            await rung.wait()
        timer.close()
        timer.close()

    asyncio.run(main())


def test_a_closed_alarm_never_rings() -> None:
    async def main() -> None:
        rung: list[bool] = []
        for kind in KINDS:
            timer = kind(lambda: rung.append(True))
            timer.set(monotonic_ns() + 1_000_000)
            timer.close()
        other = asyncio.Event()
        later = alarm(other.set)
        later.set(monotonic_ns() + 5_000_000)
        async with asyncio.timeout(5):
            await other.wait()
        later.close()
        assert rung == []

    asyncio.run(main())
