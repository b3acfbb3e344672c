from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mcpctl.errors import ConnectError
from mcpctl.model.server import LimitsSpec
from mcpctl.transports import process as processes
from mcpctl.transports.exits import describe_exit
from mcpctl.transports.process import Process, kill, start, stop
from tests.support import PYTHON, ROOT, run
from tests.transports.scenes import ENV, descriptors, left_by, python

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

WAIT = "sys.stdin.read()"


async def ended(process: Process) -> Process:
    await stop(process)
    process.close_pipes()
    return process


async def ready(process: Process) -> bytes:
    """The first bytes that it writes."""
    loop = asyncio.get_running_loop()
    readable = loop.create_future()
    loop.add_reader(process.stdout, lambda: readable.done() or readable.set_result(None))
    try:
        await readable
    finally:
        loop.remove_reader(process.stdout)
    return os.read(process.stdout, 1000)


def refused(command: str, *args: str, **options: object) -> ConnectError:
    before = descriptors()
    with pytest.raises(ConnectError) as caught:
        start(command, args, **{"env": ENV, "server": "files", **options})  # type: ignore[arg-type]
    assert descriptors() == before
    assert caught.value.server == "files"
    return caught.value


def test_a_server_is_started_before_asyncio_is_loaded() -> None:
    code = (
        "import sys; from mcpctl.transports.process import start, kill;"
        "kill(start('cat', env={'PATH': '/usr/bin:/bin'})); sys.exit('asyncio' in sys.modules)"
    )
    subprocess.run([PYTHON, "-c", code], cwd=ROOT, check=True)


def test_an_unknown_command_offers_the_nearest_one(tmp_path: Path) -> None:
    tool = tmp_path / "weather-server"
    tool.touch(mode=0o755)
    error = refused("wether-server", env={"PATH": str(tmp_path)})
    assert error.code == "connect.spawn"
    assert error.hint == "did you mean `weather-server`?"


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        ("npx", "install Node.js, which brings `npx`"),
        ("npx -y thing", "put the program into `command` and every argument into `args`"),
        ("~/bin/server", "write the path in full: only a shell knows `~`"),
        ("zzz-no-such-thing", "install it, or give its full path"),
    ],
)
def test_a_missing_command_says_what_to_do(command: str, hint: str, tmp_path: Path) -> None:
    error = refused(command, env={"PATH": str(tmp_path)})
    assert (error.code, error.hint) == ("connect.spawn", hint)


def test_a_missing_interpreter_is_not_mistaken_for_a_missing_script(tmp_path: Path) -> None:
    script = tmp_path / "server"
    script.write_text("#!/no/such/python3\n")
    script.chmod(0o755)
    error = refused(str(script))
    assert "interpreter" in error.message
    assert "/no/such/python3" in (error.hint or "")


def test_a_missing_folder_is_not_mistaken_for_a_missing_command(tmp_path: Path) -> None:
    error = refused("cat", cwd=str(tmp_path / "gone"))
    assert error.code == "connect.spawn"
    assert "gone" in error.message


def test_a_relative_command_is_looked_for_in_its_working_folder(tmp_path: Path) -> None:
    script = tmp_path / "server"
    script.write_text("#!/bin/sh\nexit 7\n")
    script.chmod(0o755)

    async def scene() -> None:
        process = start("./server", env=ENV, cwd=str(tmp_path))
        assert await process.wait(30)
        assert (await ended(process)).exit_status == 7

    run(scene())


def test_a_file_that_cannot_be_run_says_why(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("#!/bin/sh\n")
    error = refused(str(plain))
    assert (error.code, error.hint) == (
        "connect.spawn",
        f"run `chmod +x {plain}`, or name its interpreter as the command",
    )
    assert "is a folder" in refused(str(tmp_path)).message
    binary = tmp_path / "binary"
    binary.write_bytes(b"\x7fELF nonsense")
    binary.chmod(0o755)
    assert "no program that this machine can run" in refused(str(binary)).message


def test_whatever_else_stops_a_start_is_named() -> None:
    assert "null byte" in refused("a\0b").message
    assert "too long" in refused("cat", "x" * 300_000).message


def test_running_out_of_descriptors_leaks_none() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(name) for name in descriptors())
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 10, hard))
    taken: list[int] = []
    try:
        while True:
            taken.append(os.dup(0))
    except OSError:
        for _ in range(5):
            os.close(taken.pop())
        error = refused("cat")
    finally:
        for descriptor in taken:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert error.message == "`cat` could not be started: too many open files"


def test_a_server_that_leaves_on_eof_is_not_signalled_and_leaves_nothing() -> None:
    async def scene() -> None:
        before, threads = descriptors(), threading.active_count()
        process = python(WAIT)
        assert threading.active_count() == threads
        await ended(process)
        assert (process.exit_status, process.killed_with, process.swept) == (0, None, 0)
        assert not Path(f"/proc/{process.pid}").exists()
        assert descriptors() - before <= {str(number) for number in _loop_descriptors()}

    run(scene())


def _loop_descriptors() -> list[int]:
    """What the event loop opens for itself when it is first used."""
    loop = asyncio.get_running_loop()
    return [loop._selector.fileno()]  # type: ignore[attr-defined]


def test_output_that_nobody_read_does_not_keep_a_server_alive() -> None:
    async def scene() -> None:
        process = python("while True: raw(b'x' * 65536)")
        await ready(process)
        await ended(process)
        assert process.killed_with == "SIGTERM"

    run(scene())


@pytest.mark.parametrize(
    "how",
    [
        "subprocess.Popen(['sleep', '60'])",
        "subprocess.Popen(['sleep', '60'], start_new_session=True)",
        "subprocess.Popen(['setsid', '-f', 'sleep', '60']).wait()",
        "subprocess.Popen(['setsid', 'sh', '-c', 'sleep 60 & sleep 60'])",
        "subprocess.Popen(['sleep', '60'], start_new_session=True, env={})",
        "subprocess.Popen(['sh', '-c', 'kill -STOP $$'])",
    ],
    ids=["same group", "own session", "daemon", "family of its own", "without a mark", "stopped"],
)
def test_what_a_server_leaves_behind_is_ended(how: str) -> None:
    async def scene() -> None:
        process = python(f"{how}\nraw(b'up'); {WAIT}")
        await ready(process)
        await ended(process)
        assert process.killed_with is None
        assert process.swept >= 1
        assert left_by(process) == []

    run(scene())


def test_what_a_server_left_before_it_crashed_is_ended() -> None:
    async def scene() -> None:
        process = python("subprocess.Popen(['sleep', '60'], start_new_session=True); os._exit(9)")
        assert await process.wait(30)
        while not left_by(process):  # its environment can be read a moment after it has begun
            await asyncio.sleep(0.01)
        await ended(process)
        assert process.exit_status == 9
        assert left_by(process) == []

    run(scene())


def test_the_sweep_of_one_server_spares_the_others() -> None:
    async def scene() -> None:
        family = "subprocess.Popen(['setsid', '-f', 'sleep', '60']).wait(); raw(b'up')"
        one, other = python(f"{family}; {WAIT}"), python(f"{family}; {WAIT}")
        await asyncio.gather(ready(one), ready(other))
        await ended(one)
        assert left_by(one) == []
        assert len(left_by(other)) == 2
        assert other.poll() is None
        await ended(other)
        assert left_by(other) == []

    run(scene())


def test_a_stop_that_is_cancelled_kills_at_once() -> None:
    async def scene() -> None:
        process = python("raw(b'up')\nwhile True: time.sleep(1)")
        await ready(process)
        stopping = asyncio.ensure_future(stop(process))
        await asyncio.sleep(0)
        stopping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stopping
        assert process.exit_status == -9
        assert left_by(process) == []
        process.close_pipes()

    run(scene())


def test_a_process_can_be_killed_without_an_event_loop() -> None:
    process = python(f"subprocess.Popen(['sleep', '60'], start_new_session=True); raw(b'up'); {WAIT}")
    os.set_blocking(process.stdout, True)
    assert os.read(process.stdout, 2) == b"up"
    kill(process)
    kill(process)
    assert (process.exit_status, process.killed_with) == (-9, "SIGKILL")
    assert left_by(process) == []
    run(ended(process))


def test_an_interpreter_that_ends_takes_its_servers_along() -> None:
    code = (
        "import os; from mcpctl.transports.process import start\n"
        "process = start('sh', ['-c', 'trap \"\" TERM HUP; setsid -f sleep 60; sleep 60'], env=dict(os.environ))\n"
        "os.set_blocking(process.stdout, True)\n"
        "print(process.tag)"
    )
    done = subprocess.run([PYTHON, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    class Gone:
        tag = done.stdout.strip()

    assert left_by(Gone()) == []  # type: ignore[arg-type]


def test_the_end_is_noticed_without_process_descriptors_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "pidfd_open")

    async def scene() -> None:
        process = python("read(); os._exit(4)")
        exits: list[int | None] = []
        process.watch(lambda: exits.append(process.exit_status))
        process.close_stdin()
        assert await process.wait(30)
        assert exits == [0]
        await ended(process)

    run(scene())


def test_limits_hold_for_the_server() -> None:
    code = (
        "import resource; raw(b'%d %d' % (resource.getrlimit(resource.RLIMIT_NOFILE)[0], resource.getrlimit(resource.RLIMIT_CPU)[0])); "
        + WAIT
    )

    async def scene() -> None:
        process = python("read();" + code, limits=LimitsSpec(open_files=50, cpu_seconds=9))
        assert process.stdin is not None
        os.write(process.stdin, b"{}\n")
        assert await ready(process) == b"50 9"
        await ended(process)

    run(scene())


def test_a_limit_beyond_what_is_allowed_is_refused_and_nothing_runs() -> None:
    before, open_before = set(processes._running), descriptors()
    with pytest.raises(ConnectError) as caught:
        python(WAIT, limits=LimitsSpec(open_files=2**70), server="files")
    error = caught.value
    assert error.code == "connect.limits"
    assert "limits.open_files" in error.message
    assert set(processes._running) == before
    assert descriptors() == open_before


def test_an_end_is_put_into_words() -> None:
    assert describe_exit(3) == "exited with code 3"
    assert describe_exit(-11) == "was killed by SIGSEGV"
    assert describe_exit(-63) == "was killed by signal 63"
