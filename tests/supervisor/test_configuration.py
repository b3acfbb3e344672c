"""A configuration that changes while servers run: only what changed is touched."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mcpctl.errors import ConfigError, UsageError
from mcpctl.model.events import Event
from mcpctl.model.running import Reconfigured
from mcpctl.model.server import RetrySpec, ServerSpec
from mcpctl.model.settings import Settings
from mcpctl.supervisor.comparison import compare_servers
from mcpctl.supervisor.keeper import RESTART_DRAIN
from tests.supervisor.places import build, call, fleet, until, write_build
from tests.support import run

COUNT = 30


def pids(kept: Any) -> dict[str, int | None]:
    return {status.name: status.pid for status in kept.statuses()}


def edited(
    dice: random.Random, servers: dict[str, ServerSpec]
) -> tuple[dict[str, ServerSpec], set[str], set[str]]:
    """Another configuration, the servers whose process must be another one, and those that must be gone."""
    name = dice.choice(sorted(servers))
    spec = servers[name]
    kind = dice.choice(("env", "args", "cosmetic", "remove", "add", "order", "disable"))
    if kind == "env":
        return {**servers, name: replace(spec, env={"N": str(dice.random())})}, {name}, set()
    if kind == "args":
        return {**servers, name: replace(spec, args=(*spec.args, str(dice.random())))}, {name}, set()
    if kind == "cosmetic":
        changed = replace(spec, call_timeout=dice.random() + 5, tags=("x",), retry=RetrySpec(attempts=2))
        return {**servers, name: changed}, set(), set()
    if kind == "remove":
        return {key: value for key, value in servers.items() if key != name}, set(), {name}
    if kind == "disable":
        return {**servers, name: replace(spec, enabled=False)}, set(), {name} if spec.enabled else set()
    if kind == "add":
        new = f"new{dice.randrange(10**6)}"
        return {**servers, new: replace(spec, name=new, enabled=True)}, {new}, set()
    keys = list(servers)
    dice.shuffle(keys)
    return {key: servers[key] for key in keys}, set(), set()


def test_any_edit_changes_exactly_the_processes_it_is_about(tmp_path: Path) -> None:
    async def check() -> None:
        dice = random.Random(4)
        write_build(tmp_path / "server.py", "v1")
        servers = {f"s{number}": build(tmp_path / "server.py", f"s{number}") for number in range(COUNT)}
        async with fleet(tmp_path, *servers.values()) as kept:
            await kept.start(servers)
            assert None not in pids(kept).values()
            for _ in range(12):
                before = pids(kept)
                servers, changed, gone = edited(dice, servers)
                changed = {name for name in changed if servers[name].enabled}
                await kept.reconfigure(Settings(servers=servers))
                after = pids(kept)
                moved = {name for name, pid in after.items() if before.get(name) != pid}
                assert moved == changed
                assert before.keys() - after.keys() == gone

    run(check(), 60)


def test_what_needs_no_process_is_applied_in_place(tmp_path: Path) -> None:
    async def check() -> None:
        events: list[Event] = []
        write_build(tmp_path / "server.py", "v1", tools=("hidden",))
        spec = build(tmp_path / "server.py")
        async with fleet(tmp_path, spec, events=events) as kept:
            before = await call(kept, "hidden")
            await kept.reconfigure(Settings(servers={"build": replace(spec, deny_tools=("hidden",))}))
            assert await call(kept) == before
            with pytest.raises(UsageError, match="forbids"):
                await call(kept, "hidden")
        told = next(event for event in events if isinstance(event, Reconfigured))
        assert told.adjusted == ("build",)

    run(check())


def test_a_changed_server_is_swapped_while_it_is_called(tmp_path: Path) -> None:
    async def check() -> None:
        write_build(tmp_path / "one.py", "v1")
        write_build(tmp_path / "two.py", "v2")
        async with fleet(tmp_path, build(tmp_path / "one.py")) as kept:
            assert (await call(kept)).startswith("v1")
            await kept.reconfigure(Settings(servers={"build": build(tmp_path / "two.py")}))
            assert (await call(kept)).startswith("v2")
            await until(lambda: len(kept.keeper("build").connections()) == 1)

    run(check())


def test_the_same_configuration_is_no_change() -> None:
    servers = {
        "a": ServerSpec(name="a", command="x", env={"A": "1"}),
        "b": ServerSpec(name="b", url="http://x/mcp"),
    }
    assert not compare_servers(servers, {name: replace(spec) for name, spec in reversed(servers.items())})


def test_a_server_that_is_being_removed_is_unknown_already(tmp_path: Path) -> None:
    async def check() -> None:
        write_build(tmp_path / "server.py", "v1")
        async with fleet(tmp_path, build(tmp_path / "server.py")) as kept:
            await kept.start(["build"])
            calling = asyncio.create_task(call(kept, seconds=0.5))
            await until(lambda: kept.status("build").in_flight)
            removing = asyncio.create_task(kept.reconfigure(Settings(servers={})))
            await until(lambda: not kept.keepers)
            with pytest.raises(ConfigError):
                kept.keeper("build")
            await removing
            assert (await calling).startswith("v1")

    run(check())


@pytest.mark.parametrize("ending", [False, True])
def test_a_server_that_is_removed_ends_though_nobody_waits_for_it(tmp_path: Path, *, ending: bool) -> None:
    async def check() -> None:
        write_build(tmp_path / "server.py", "v1")
        async with fleet(tmp_path, build(tmp_path / "server.py")) as kept:
            await kept.start(["build"])
            seconds = 60.0 if ending else 0.5
            calling = asyncio.create_task(call(kept, seconds=seconds))
            await until(lambda: kept.status("build").in_flight)
            pid = kept.status("build").pid
            removing = asyncio.create_task(kept.reconfigure(Settings(servers={})))
            await until(lambda: not kept.keepers)
            removing.cancel()
            await asyncio.wait({removing})
            if ending:
                async with asyncio.timeout(RESTART_DRAIN / 2):
                    await kept.aclose()
                assert not Path(f"/proc/{pid}").exists()
            await until(lambda: "keep build" not in {task.get_name() for task in asyncio.all_tasks()}, 15)
            assert not Path(f"/proc/{pid}").exists()
            await asyncio.wait({calling})
            assert (calling.exception() is not None) == ending

    run(check())
