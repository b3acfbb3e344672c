"""Generators on a real scheduler with real workers, all on this machine."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mcpctl.errors import ConnectError
from mcpctl.loadtest.cluster import joined
from tests.support import ROOT, run

pytest.importorskip("distributed")

PROGRAM = """
import asyncio
import sys

from mcpctl.loadtest.cluster import joined
from mcpctl.loadtest.conductor import conduct
from mcpctl.loadtest.plan import plan_from
import json

async def main():
    plan = plan_from(json.loads(sys.stdin.read()))
    told = []
    async with joined("local") as cluster:
        run = await conduct(plan, cluster, emit=told.append)
    answer = {"requests": run.requests, "ok": run.ok, "workers": run.effort.workers, "dead": run.dead}
    print(json.dumps({**answer, "told": len(told), "ended": run.ended}))

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_a_local_cluster_makes_the_load_that_one_generator_would_have_made(tmp_path: object) -> None:
    import json
    from pathlib import Path

    from mcpctl.loadtest.plan import plan_to_json
    from tests.loadtest.servers import http_target, opened

    # In a program of its own: a cluster starts its workers by importing the main module again.
    program = Path(str(tmp_path)) / "program.py"
    program.write_text(PROGRAM)
    with http_target() as target:
        plan = json.dumps(plan_to_json(opened(target, rate=200, seconds=1.2)))
        done = subprocess.run(
            [sys.executable, program],
            input=plan.encode(),
            stdout=subprocess.PIPE,
            cwd=tmp_path,  # type: ignore[arg-type]
            env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
            timeout=60,
            check=True,
        )
    answer = json.loads(done.stdout)
    assert answer["requests"] == answer["ok"] == 240
    assert answer["workers"] >= 1
    assert answer["dead"] == []
    assert answer["ended"] == "complete"
    assert answer["told"] > 1


def test_a_scheduler_that_is_not_there_is_named() -> None:
    async def main() -> None:
        async with joined("tcp://127.0.0.1:1"):
            pass

    with pytest.raises(ConnectError, match="there is no scheduler"):
        run(main(), timeout=30)
