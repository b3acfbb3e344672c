"""What must not outlive a build, and what every next build must hear again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mcpctl.model.server import CacheSpec, ServerSpec
from mcpctl.model.value import replace
from mcpctl.session import Handlers
from mcpctl.session.surroundings import start_limit
from tests.gateway.test_sharing import talking
from tests.supervisor.places import build, call, fleet, until, write_build
from tests.support import run


@pytest.mark.parametrize("strategy", ["swap", "restart"])
def test_no_answer_of_a_build_is_reused_after_the_next_one_took_over(tmp_path: Path, strategy: str) -> None:
    async def check() -> None:
        server = tmp_path / "server.py"
        write_build(server, "v1")
        spec = replace(build(server, cache=CacheSpec(tools={"work": 60.0})), reload=strategy)
        async with fleet(tmp_path, spec) as kept:
            first = await call(kept)
            assert await call(kept) == first, "it comes from the cache"
            write_build(server, "v2")
            await kept.reload(["build"], "a test")
            assert (await call(kept)).startswith("v2")

    run(check())


@pytest.mark.parametrize("strategy", ["swap", "restart"])
def test_subscriptions_and_log_levels_of_clients_are_said_to_every_build(
    tmp_path: Path, strategy: str
) -> None:
    async def check() -> None:
        spec = replace(talking(tmp_path), reload=strategy)
        handlers = Handlers(log_level="info", roots=("file:///x",))
        async with fleet(tmp_path, spec) as kept, kept.sessions.open("talking", handlers) as session:
            following = asyncio.create_task(session.follow(("x:/1",), lambda *_: None))
            for builds in (1, 2, 3):
                expected = sorted(["logging/setLevel info", "resources/subscribe x:/1"] * builds)

                def told() -> list[str]:
                    return sorted(line.text for line in kept.log("talking").since(None))

                await until(lambda expected=expected: told() == expected)  # type: ignore[misc] # mypy cannot see the default
                await kept.reload(["talking"], "a test")
            following.cancel()

    run(check())


@pytest.mark.parametrize(("command", "seconds"), [("python", 30), ("npx", 120), ("/usr/bin/uvx", 120)])
def test_programs_that_install_first_have_more_time_to_start(command: str, seconds: float) -> None:
    assert start_limit(ServerSpec(name="x", command=command)) == seconds
    assert start_limit(ServerSpec(name="x", command=command, start_timeout=3.0)) == 3
