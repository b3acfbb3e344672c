"""Generators in processes of their own: together they make the load that one would have made."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable

import pytest

from mcpctl.errors import ConnectError
from mcpctl.loadtest.messages import Beat
from mcpctl.loadtest.plan import Plan
from mcpctl.loadtest.profile import steady
from mcpctl.loadtest.results import Run
from mcpctl.loadtest.workers import Workers
from tests.loadtest.servers import closed, http_target, opened, stdio_target
from tests.loadtest.tries import in_a_quiet_moment
from tests.support import run

ENV = {"PATH": os.defpath}


def conducted(
    plan: Plan, workers: int, during: Callable[[Workers, list[Beat]], None] | None = None
) -> tuple[Run, list[Beat]]:
    beats: list[Beat] = []

    async def main() -> Run:
        group = Workers(workers, ENV)

        def on_beat(_: int, beat: Beat) -> None:
            beats.append(beat)
            if during is not None:
                during(group, beats)

        try:
            return await group.run(plan, on_beat)
        finally:
            await group.aclose()

    return run(main(), timeout=20), beats


def test_two_workers_send_what_one_schedule_says() -> None:
    with http_target() as target:
        whole, beats = conducted(opened(target, rate=400, seconds=1.2), 2)
    assert whole.requests == whole.ok == 480
    assert whole.effort.workers == 2
    assert whole.connect.count == 2
    seconds = [beat.moment for beat in beats if beat.moment is not None]
    assert len(seconds) == 2
    assert sum(tally.ok for beat in beats for tally in beat.growth) == sum(second.ok for second in seconds)
    assert whole.moments[0].sent == sum(second.sent for second in seconds)


def test_workers_share_requests_and_places() -> None:
    whole, _ = conducted(closed(stdio_target(), places=6, requests=1001), 2)
    assert whole.requests == whole.ok == 1001
    assert whole.ended == "complete"


def test_workers_begin_together() -> None:
    async def began() -> tuple[float, list[float]]:
        group = Workers(2, ENV)
        try:
            both = await group.run(opened(target, rate=100, seconds=0.3), lambda *_: None)
            return both.started_at, [member.result.result().started_at for member in group._members]
        finally:
            await group.aclose()

    def attempt() -> None:
        whole, alone = run(began(), timeout=20)
        assert whole == min(alone)
        assert max(alone) - min(alone) < 0.05

    with http_target() as target:
        in_a_quiet_moment(attempt)


def test_a_dead_worker_is_named_and_the_others_hand_over_what_they_have() -> None:
    def kill_one(group: Workers, beats: list[Beat]) -> None:
        if beats[-1].moment is not None and group._members[1].fate is None:
            os.kill(group._members[1]._pipe.process.pid, signal.SIGKILL)

    with http_target() as target:
        whole, _ = conducted(opened(target, rate=100, seconds=10), 2, kill_one)
    assert whole.dead == ["worker 2 (was killed by SIGKILL)"]
    assert 0 < whole.ok < 500


def test_a_server_that_cannot_be_started_is_told_as_if_there_were_no_workers() -> None:
    with pytest.raises(ConnectError, match="exited with code 2") as caught:
        conducted(closed(stdio_target("--no-such-option")), 2)
    assert caught.value.code == "connect.lost"
    assert caught.value.server == "echo"


def test_workers_that_are_stopped_hand_over_what_they_measured() -> None:
    tasks: list[asyncio.Task[Run]] = []

    def stop(group: Workers, beats: list[Beat]) -> None:
        if beats[-1].moment is not None and not tasks:
            tasks.append(asyncio.ensure_future(group.stop()))

    plan = closed(stdio_target(), requests=None, profile=steady(2, until=60))
    whole, _ = conducted(plan, 1, stop)
    assert whole.ended == "interrupted"
    assert whole.ok > 100
