"""Reloads servers when their files change, and the configuration when its own do."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from mcpctl.commands.context import Context
from mcpctl.commands.reconfiguring import Reconfiguring
from mcpctl.config.folders import cache_home, state_home
from mcpctl.control.place import folder
from mcpctl.supervisor.fleet import Fleet
from mcpctl.supervisor.watching.watcher import Watcher


class Watching:
    def __init__(self, fleet: Fleet, ctx: Context, reading: Reconfiguring) -> None:
        settings = fleet.settings
        self._fleet = fleet
        self._reading = reading
        self._works: set[asyncio.Task[Any]] = set()
        env = ctx.world.env
        self._watcher = Watcher(
            settings.folder or ctx.world.cwd,
            clock=ctx.world.clock,
            emit=ctx.emit,
            own=(cache_home(env), state_home(env), Path(folder(env))),
        )
        self._watch()

    def close(self) -> None:
        self._watcher.close()
        for work in self._works:
            work.cancel()

    def _watch(self) -> None:
        self._watcher.watch_servers(self._fleet.settings.servers, self._code_changed)
        self._watcher.watch_files(self._reading.files(), lambda _: self._do(self._config_changed()))

    def _code_changed(self, server: str, why: str) -> None:
        if server in self._fleet.keepers:
            for name in self._fleet.all_of([server]):
                self._fleet.keeper(name).reload_soon(why)

    async def _config_changed(self) -> None:
        before = self._fleet.settings
        await self._reading.quietly()
        if self._fleet.settings is not before:
            self._watch()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._works.add(task)
        task.add_done_callback(self._works.discard)
