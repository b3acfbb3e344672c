"""Work that several wait for: done once, failed for each, given up by the last."""

from __future__ import annotations

import asyncio

import pytest

from mcpctl.errors import ConnectError
from mcpctl.session.sharing import Shared
from tests.support import run


def test_those_who_ask_at_the_same_time_share_one_run() -> None:
    async def check() -> None:
        shared: Shared[int] = Shared()
        runs = 0

        async def work() -> int:
            nonlocal runs
            runs += 1
            await asyncio.sleep(0)
            return runs

        assert await asyncio.gather(*(shared.get(work) for _ in range(5))) == [1] * 5
        assert await shared.get(work) == 2

    run(check())


def test_the_last_who_leaves_ends_it() -> None:
    async def check() -> None:
        shared: Shared[None] = Shared()
        ended = asyncio.Event()

        async def work() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        waiting = [asyncio.create_task(shared.get(work)) for _ in range(2)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        await asyncio.wait({waiting[0]})
        assert not ended.is_set()
        waiting[1].cancel()
        await asyncio.wait({waiting[1]})
        assert ended.is_set()

    run(check())


def test_each_gets_an_error_of_his_own_and_trying_again_is_shared_too() -> None:
    async def check() -> None:
        shared: Shared[int] = Shared()
        go_on = asyncio.Event()
        runs = 0

        async def work() -> int:
            nonlocal runs
            runs += 1
            if runs == 1:
                raise ConnectError("not yet")
            await go_on.wait()
            return runs

        async def persistent() -> ConnectError:
            try:
                await shared.get(work)
            except ConnectError as error:
                assert await shared.get(work) == 2
                return error
            pytest.fail("the first run fails")

        callers = [asyncio.create_task(persistent()) for _ in range(3)]
        for _ in range(10):
            await asyncio.sleep(0)
        go_on.set()
        errors = await asyncio.gather(*callers)
        assert [error.message for error in errors] == ["not yet"] * 3
        assert len({id(error) for error in errors}) == 3

    run(check())
