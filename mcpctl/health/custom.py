"""Checks of the user's own: a program that must exit with 0, an address that must answer well."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from mcpctl.errors import McpctlError
from mcpctl.health import program, web
from mcpctl.health.findings import found
from mcpctl.model.health import Check
from mcpctl.model.health_spec import CheckSpec
from mcpctl.model.world import World

HANDED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "USER")
"""Variables that a program of the user's sees; the rest of the environment may hold secrets."""

WELL = range(200, 400)
"""Statuses of an address that is well, where none is named."""


async def check(custom: CheckSpec, world: World, *, folder: Path, limit: float) -> Check:
    """`folder` is where a program runs. Every failure is a finding; only a bug raises."""
    limit = custom.timeout or limit
    began = world.clock()
    try:
        if custom.url is not None:
            complaint, code = await _ask(custom, custom.url, world.env, limit), "H412"
        else:
            complaint, code = await _run(custom, world.env, folder, limit), "H411"
    except McpctlError as error:
        complaint, code = error.message, "H411" if custom.url is None else "H412"
    took = (world.clock() - began) * 1000
    if complaint is None:
        return Check(name=custom.name, status="ok", duration_ms=took)
    return found(code, custom.name, complaint, duration_ms=took)


def small_environment(env: Mapping[str, str]) -> dict[str, str]:
    kept = {name: env[name] for name in HANDED_ON if name in env}
    return {"PATH": os.defpath, **kept}


async def _run(custom: CheckSpec, env: Mapping[str, str], folder: Path, limit: float) -> str | None:
    done = await program.run(custom.command, env=small_environment(env), cwd=str(folder), limit=limit)
    name = custom.command[0]
    words = f": {done.last_words}" if done.last_words else ""
    if done.status is None:
        return f"`{name}` did not end within {limit:g} s{words}"
    return None if done.status == 0 else f"`{name}` exited with {done.status}{words}"


async def _ask(custom: CheckSpec, url: str, env: Mapping[str, str], limit: float) -> str | None:
    status = await web.fetch(url, env=env, limit=limit)
    wanted = custom.status or WELL
    if status in wanted:
        return None
    asked = " or ".join(map(str, custom.status)) or "200 to 399"
    return f"the address answered with status {status}, not {asked}"
