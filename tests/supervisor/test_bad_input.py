"""What servers and machines do at their worst, and that nothing is lost that was promised."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from collections import Counter
from pathlib import Path

import pytest

from mcpctl.errors import McpctlError
from mcpctl.model.events import Event, ignore
from mcpctl.model.server import ServerSpec
from mcpctl.supervisor.runfile import RunFile, all_in, end, read
from mcpctl.supervisor.watching.watcher import Watcher
from tests.control.places import alive, eventually
from tests.supervisor.places import build, call, fleet, until, write_build
from tests.support import PYTHON, run

FLOOD = """
def flood():
    line = b"x" * 99 + b"\\n"
    while True:
        os.write(2, line * 600)
threading.Thread(target=flood, daemon=True).start()
"""

FORKING = """
for _ in range(2):
    if os.fork() == 0:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)
"""


def test_a_server_that_floods_its_stderr_still_answers(tmp_path: Path) -> None:
    async def check() -> None:
        write_build(tmp_path / "server.py", "v1", extra=FLOOD)
        async with fleet(tmp_path, build(tmp_path / "server.py")) as kept:
            await kept.start(["build"])
            for _ in range(20):
                assert (await call(kept)).startswith("v1")
            log = kept.log("build")
            await until(lambda: log.lost > 10_000)
            assert len(log.since(None)) <= 1000

    run(check())


def test_a_server_that_ignores_sigterm_and_forks_away_is_ended_with_its_family(tmp_path: Path) -> None:
    async def check() -> None:
        extra = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + FORKING
        write_build(tmp_path / "server.py", "v1", extra=extra)
        async with fleet(tmp_path, build(tmp_path / "server.py")) as kept:
            await kept.start(["build"])
            pid = kept.status("build").pid or 0
            family = [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
            assert len(family) == 2
            async with asyncio.timeout(6):
                await kept.stop(["build"])
            assert not any(alive(each) for each in (pid, *family))

    run(check())


def test_reloads_broken_builds_and_crashes_lose_no_idempotent_call(tmp_path: Path) -> None:
    async def check() -> None:
        write_build(tmp_path / "server.py", "v0", work=0.02)
        seen: Counter[str] = Counter()
        async with fleet(tmp_path, build(tmp_path / "server.py")) as kept:
            await kept.start(["build"])

            async def caller() -> None:
                while True:
                    try:
                        seen[(await call(kept)).split()[0]] += 1
                    except McpctlError as error:
                        seen[f"failed: {error.message}"] += 1

            callers = [asyncio.create_task(caller()) for _ in range(50)]
            for number in range(1, 9):
                broken = number in (3, 6)
                write_build(
                    tmp_path / "server.py", f"v{number}", work=0.02, extra="sys.exit(1)" if broken else ""
                )
                await kept.reload(["build"], "a test")
                if not broken:
                    await until(lambda version=f"v{number}": seen[version])
                if number in (2, 5, 7):
                    pid = kept.status("build").pid
                    assert pid is not None
                    os.kill(pid, signal.SIGKILL)
                    await until(lambda pid=pid: kept.status("build").pid not in (pid, None))
            for task in callers:
                task.cancel()
            await asyncio.gather(*callers, return_exceptions=True)
            assert [name for name in seen if name.startswith("failed")] == []
            assert kept.status("build").restarts == 3

    run(check(), 40)


MEMORY = Path("/dev/shm")
"""A hundred thousand files on a disk take a minute to make where it is busy."""


def test_a_hundred_thousand_files_are_watched_within_bounds() -> None:
    async def check(root: Path) -> None:
        told: list[str] = []
        watcher = Watcher(root, clock=asyncio.get_running_loop().time, emit=ignore)
        spec = ServerSpec(name="x", command=PYTHON, watch=("**/*.py",))
        watcher.watch_servers({"x": spec}, lambda _, why: told.append(why))
        (root / "f99/999.py").write_text("changed")
        await until(lambda: told)
        watcher.close()
        assert told == ["999.py changed"]

    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        root = Path(name)
        for folder in range(100):
            (root / f"f{folder}").mkdir()
            for number in range(1000):
                os.close(os.open(root / f"f{folder}/{number}.py", os.O_CREAT | os.O_WRONLY))
        run(check(root), 30)


def test_a_run_file_names_who_is_left_and_never_somebody_else(tmp_path: Path) -> None:
    async def check() -> None:
        write_build(tmp_path / "server.py", "v1")
        file = RunFile(tmp_path / "x.json", config="c", version="1")
        async with fleet(tmp_path, build(tmp_path / "server.py"), run_file=file) as kept:
            await kept.start(["build"])
            past = read(tmp_path / "x.json")
            assert past is not None
            assert past.supervisor.alive
            assert past.leftovers() == []  # they belong to somebody who lives
            assert [each.pid for each in past.children] == [kept.status("build").pid]
            text = (tmp_path / "x.json").read_text()
            own = str(os.getpid())
            (tmp_path / "x.json").write_text(text.replace(f'"pid": {own}', '"pid": 999999999', 1))
            past = read(tmp_path / "x.json")
            assert past is not None
            assert [each.pid for each in past.leftovers()] == [kept.status("build").pid]
            (tmp_path / "y.json").write_text(text.replace('"started": ', '"started": 1'))
            other = read(tmp_path / "y.json")
            assert other is not None
            assert not any(child.alive for child in other.children)

    run(check())


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"pid": "x"}', '{"pid": 1, "started": 2, "children": [3]}', "\0"]
)
def test_a_run_file_that_says_nothing_is_passed_over(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    assert list(all_in(tmp_path)) == []


def test_leftovers_that_ignore_sigterm_are_killed(tmp_path: Path) -> None:
    import subprocess

    from mcpctl.supervisor.runfile import Known
    from mcpctl.transports.sweep import start_time

    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(600)"
    with subprocess.Popen([PYTHON, "-c", code], stdout=subprocess.PIPE, start_new_session=True) as child:
        assert child.stdout is not None
        child.stdout.readline()
        end([Known(pid=child.pid, started=start_time(child.pid))])
        assert child.wait(60) == -signal.SIGKILL
        eventually(lambda: not alive(child.pid))


def test_a_server_that_dies_ten_times_a_second_is_not_started_ten_times_a_second(tmp_path: Path) -> None:
    async def check() -> None:
        events: list[Event] = []
        write_build(tmp_path / "server.py", "v1")
        async with fleet(tmp_path, build(tmp_path / "server.py"), events=events) as kept:
            await kept.start(["build"])
            while kept.status("build").state != "failed":
                pid = kept.status("build").pid
                if pid is not None:
                    os.kill(pid, signal.SIGKILL)
                await asyncio.sleep(0.02)
            assert kept.status("build").starts <= 5
            with pytest.raises(McpctlError, match="SIGKILL"):
                await call(kept)
            await kept.restart(["build"])
            assert (await call(kept)).startswith("v1")

    run(check())
