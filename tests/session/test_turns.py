"""Who may start, and when."""

from __future__ import annotations

import asyncio

import pytest

from mcpctl.session.turns import Turns
from tests.support import run


def test_all_wait_for_their_turn_as_long_as_one_after_the_other_gets_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mcpctl.session.turns.PATIENCE", 1.0)
    under_way: list[int] = []

    async def start(turns: Turns) -> None:
        async with turns.one():
            under_way.append(1)
            assert len(under_way) == 1
            await asyncio.sleep(0.25)
            under_way.pop()

    async def check() -> None:
        turns = Turns(1)
        await asyncio.gather(*(start(turns) for _ in range(6)))

    run(check())


def test_nobody_waits_for_those_that_do_not_come_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcpctl.session.turns.PATIENCE", 0.1)

    async def check() -> None:
        turns = Turns(1)
        async with turns.one(), turns.one(), turns.one():
            pass

    run(check())
