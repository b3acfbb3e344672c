"""Every hostile server at the last level: the right verdict, the right code, in time."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from mcpctl.config.shape_health import decode_health
from mcpctl.health.checkup import look_at_all, surroundings
from mcpctl.model.health import ServerHealth
from mcpctl.model.server import ServerSpec
from mcpctl.model.settings import Settings
from mcpctl.session import SessionManager
from mcpctl.session.launch import Launches
from tests.hostile.test_sessions import SERVERS, SMALLER, children_left, modes
from tests.hostile.test_sessions import hostile_http as hostile_http  # noqa: PLC0414 - a fixture
from tests.support import run, world

HEALTH = decode_health(
    {
        "canary": {"tool": "echo", "arguments": {"x": "1"}, "expect": {"contains": "ok"}},
        "timeout": "2s",
        "soak": 2,
    }
)

EXPECTED = {
    "ok": ("healthy", ()),
    "exit0": ("unreachable", ("H202",)),
    "exit3": ("unreachable", ("H202",)),
    "no_init": ("unreachable", ("H203",)),
    "discover_hang": ("healthy", ()),
    "crash_midcall": ("unhealthy", ("H406",)),
    "segv_midcall": ("unhealthy", ("H406",)),
    "partial_then_exit": ("unhealthy", ("H406",)),
    "hang_call": ("unhealthy", ("H404",)),
    "close_stdout_alive": ("unhealthy", ("H406",)),
    "ignore_eof": ("degraded", ("H601",)),
    "ignore_sigterm": ("unhealthy", ("H602",)),
    "grandchild": ("unhealthy", ("H603",)),
    "garbage": ("degraded", ("H604",)),
    "unknown_ids": ("unhealthy", ("H404",)),
    "null_id_error": ("unhealthy", ("H403",)),
    "both_result_error": ("unhealthy", ("H407",)),
    "neither": ("unhealthy", ("H407",)),
    "result_not_object": ("unhealthy", ("H407",)),
    "wrong_types_list": ("unhealthy", ("H301", "H403")),
    "wrong_types_call": ("unhealthy", ("H407",)),
    "bad_version": ("unhealthy", ("H205",)),
    "tools_10k": ("unhealthy", ("H403",)),
    "page_loop": ("unhealthy", ("H305", "H302")),
    "bad_schema": ("unhealthy", ("H303", "H401")),
    "env_dump": ("unhealthy", ("H401",)),
    "progress_forever": ("unhealthy", ("H404", "H601")),
    "sampling_abuse": ("healthy", ()),
}
"""What stays the same whatever else the machine does; the other modes must only end in time."""

LIMIT = 60.0


def looked_at(tmp_path: Path, specs: list[ServerSpec]) -> dict[str, ServerHealth]:
    async def look() -> dict[str, ServerHealth]:
        outside = world(tmp_path)
        settings = Settings(servers={spec.name: spec for spec in specs})
        manager = SessionManager(settings, outside)
        launches = Launches(settings, outside, lambda _: None)
        began = time.monotonic()
        try:
            found = await look_at_all(specs, surroundings(manager, launches, settings, outside), level="soak")
            assert time.monotonic() - began < LIMIT
        finally:
            await asyncio.shield(manager.aclose())
        return {server.name: server for server in found}

    return run(look(), timeout=LIMIT + 10)


def test_every_hostile_process_gets_its_verdict_in_time(tmp_path: Path) -> None:
    specs = [
        ServerSpec(
            name=mode,
            command=sys.executable,
            args=(str(SERVERS / "stdio.py"), mode, *([SMALLER[mode]] if mode in SMALLER else [])),
            start_timeout=3.0,
            health=HEALTH,
        )
        for mode in modes("stdio.py")
    ]
    found = looked_at(tmp_path, specs)
    seen = {mode: (found[mode].status, _codes(found[mode])) for mode in EXPECTED}
    assert {mode: each for mode, each in seen.items() if each != EXPECTED[mode]} == {}
    for server in found.values():
        for check in server.checks:
            assert check.status in ("ok", "skipped") or (check.message and check.hint and check.code)
    assert children_left() == []


def _codes(server: ServerHealth) -> tuple[str, ...]:
    return tuple(check.code for check in server.checks if check.code)


EXPECTED_HTTP = {
    "ok": ("healthy", ()),
    "ok_sse": ("unhealthy", ("H401",)),
    "401_any": ("auth_required", ("H206",)),
    "401_call": ("auth_required", ("H206",)),
    "403_any": ("auth_required", ("H206",)),
    "500_any": ("unreachable", ("H201",)),
    "500_call": ("unhealthy", ("H406",)),
    "redirect_308_other": ("unreachable", ("H201",)),
    "html_200": ("unhealthy", ("H205",)),
    "bad_json": ("unhealthy", ("H407",)),
    "silent": ("unhealthy", ("H404",)),
    "sse_silent": ("unhealthy", ("H404",)),
    "gzip_bomb": ("unhealthy", ("H407",)),
}


def test_every_hostile_address_gets_its_verdict_in_time(tmp_path: Path, hostile_http: str) -> None:
    specs = [
        ServerSpec(
            name=mode, transport="http", url=f"{hostile_http}/{mode}", start_timeout=3.0, health=HEALTH
        )
        for mode in modes("http.py")
    ]
    found = looked_at(tmp_path, specs)
    seen = {mode: (found[mode].status, _codes(found[mode])) for mode in EXPECTED_HTTP}
    assert {mode: each for mode, each in seen.items() if each != EXPECTED_HTTP[mode]} == {}
