"""Which files belong to a server, and when a change of them counts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from mcpctl.model.events import ignore
from mcpctl.model.server import ServerSpec
from mcpctl.supervisor.watching.ignoring import Ignoring
from mcpctl.supervisor.watching.patterns import matches
from mcpctl.supervisor.watching.quiet import Quiet
from mcpctl.supervisor.watching.targets import targets
from mcpctl.supervisor.watching.watcher import EVENTS, Watcher
from tests.supervisor.places import until
from tests.support import run


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("**/*.py", "a.py", True),
        ("**/*.py", "x/y/a.py", True),
        ("*.py", "x/a.py", False),
        ("src/**", "src/a/b", True),
        ("src/**", "src", False),
        ("[ab]?.js", "a1.js", True),
        ("[!ab]?.js", "a1.js", False),
        ("a.b", "axb", False),
        ("**", "x/y", True),
    ],
)
def test_globs_are_those_of_a_shell(pattern: str, path: str, fits: bool) -> None:
    assert matches(pattern, path) is fits


def test_gitignore_is_read_as_git_reads_it(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / ".gitignore").write_text("# no\n*.gen.py\n/dist/\nbuild\n!keep.gen.py\n")
    (tmp_path / "sub/.gitignore").write_text("local.py\n")
    ignoring = Ignoring(tmp_path)
    told = {
        name: ignoring.is_ignored(tmp_path / name)
        for name in (
            "a.gen.py",
            "sub/a.gen.py",
            "keep.gen.py",
            "dist/a.py",
            "sub/dist/a.py",
            "sub/build/a.py",
            "sub/local.py",
            "local.py",
        )
    }
    assert [name for name, ignored in told.items() if ignored] == [
        "a.gen.py",
        "sub/a.gen.py",
        "dist/a.py",
        "sub/build/a.py",
        "sub/local.py",
    ]


def covered(tmp_path: Path, spec: ServerSpec, *names: str) -> list[str]:
    ignoring = Ignoring(tmp_path)
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = targets(spec, tmp_path, ignoring)
    return [name for name in names if any(each.covers(tmp_path / name, ignoring) for each in found)]


FILES = (
    "server.py",
    "helpers/more.py",
    "notes.txt",
    "__pycache__/server.pyc",
    "other/pkg/__init__.py",
    "server.log",
)


@pytest.mark.parametrize(
    ("command", "args", "expected"),
    [
        ("python", ("server.py",), ["server.py", "helpers/more.py", "other/pkg/__init__.py"]),
        ("python", ("-m", "helpers"), ["helpers/more.py"]),
        ("python", ("-m", "nothing"), []),
        ("uv", ("run", "--directory", "other/pkg", "serve"), ["other/pkg/__init__.py"]),
        ("npx", ("-y", "@scope/server"), []),
        ("python", ("notes.txt",), []),
    ],
)
def test_what_the_command_names_is_watched(
    tmp_path: Path, command: str, args: tuple[str, ...], expected: list[str]
) -> None:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert covered(tmp_path, ServerSpec(name="x", command=command, args=args), *FILES) == expected


def test_globs_of_the_configuration_take_the_place_of_guesses(tmp_path: Path) -> None:
    spec = ServerSpec(name="x", command="python", args=("server.py",), watch=("notes.txt", "helpers/**/*.py"))
    assert covered(tmp_path, spec, *FILES) == ["helpers/more.py", "notes.txt"]


def test_what_a_compiler_writes_is_watched_where_the_command_names_it(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("build/\n")
    (tmp_path / "build").mkdir()
    (tmp_path / "build/index.js").touch()
    spec = ServerSpec(name="x", command="node", args=("build/index.js",))
    assert covered(tmp_path, spec, "build/index.js", "build/lib/a.js") == ["build/index.js", "build/lib/a.js"]


def test_the_file_of_the_environment_is_watched_and_nothing_beside_it(tmp_path: Path) -> None:
    names = ("code/server.py", ".env", "other.env", "other.py")
    (tmp_path / ".gitignore").write_text(".env\n")
    spec = ServerSpec(name="it", command="python3", args=("code/server.py",), env_file=str(tmp_path / ".env"))
    assert covered(tmp_path, spec, *names) == ["code/server.py", ".env"]

    async def check() -> None:
        told: list[str] = []
        async with watching(tmp_path, spec, told):
            (tmp_path / "other.env").write_text("A=1")
            (tmp_path / ".env").write_text("A=1")
            await until(lambda: bool(told))
        assert told == [".env changed"]

    run(check())


def test_a_burst_ends_with_quiet_or_after_a_second() -> None:
    now = 0.0
    quiet = Quiet(lambda: now)
    assert quiet.remaining() is None
    for _ in range(30):
        quiet.touched()
        remaining = quiet.remaining()
        assert remaining is not None
        assert remaining < 0.101
        if remaining < 0.001:
            break
        now += 0.05
    assert 0.95 < now < 1.05


@contextlib.asynccontextmanager
async def watching(tmp_path: Path, spec: ServerSpec, told: list[str]) -> AsyncIterator[Watcher]:
    watcher = Watcher(tmp_path, clock=asyncio.get_running_loop().time, emit=ignore)
    watcher.watch_servers({spec.name: spec}, lambda _, why: told.append(why))
    try:
        yield watcher
    finally:
        watcher.close()


def test_a_save_counts_however_the_editor_makes_it_and_a_touch_does_not(tmp_path: Path) -> None:
    server = tmp_path / "server.py"
    server.write_text("1")

    async def check() -> None:
        told: list[str] = []
        async with watching(tmp_path, ServerSpec(name="x", command="python", args=("server.py",)), told):
            server.touch()
            server.read_text()
            beside = tmp_path / "server.py.new"
            beside.write_text("2")
            beside.replace(server)
            await until(lambda: told)
            server.write_text("3")
            await until(lambda: len(told) == 2)
            server.unlink()
            await until(lambda: len(told) == 3)
            server.write_text("4")
            await until(lambda: len(told) == 4)
            server.touch()
            (tmp_path / "server.log").write_text("x")
            await asyncio.sleep(0.3)
        assert told == ["server.py changed"] * 4

    run(check())


def test_many_files_are_one_change(tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    names = [tmp_path / f"pkg/f{number}.py" for number in range(300)]
    for name in names:
        name.write_text("1")

    async def check() -> None:
        told: list[str] = []
        async with watching(tmp_path, ServerSpec(name="x", command="python", args=("-m", "pkg")), told):
            for name in names:
                name.write_text("2")
            await until(lambda: told)
            await asyncio.sleep(0.2)
        assert told == ["f0.py and 299 more changed"]

    run(check())


def test_a_file_that_vanishes_and_returns_is_seen(tmp_path: Path) -> None:
    config = tmp_path / "mcpctl.toml"
    config.write_text("a = 1")

    async def check() -> None:
        told: list[str] = []
        async with watching(
            tmp_path, ServerSpec(name="x", url="http://127.0.0.1:1/mcp", transport="http"), []
        ) as watcher:
            watcher.watch_files([config], told.append)
            config.unlink()
            await until(lambda: told)
            config.write_text("a = 2")
            await until(lambda: len(told) == 2)

    run(check())


class Listening(Watcher):
    """Keeps the kinds of events that the system woke it for."""

    heard: set[str]

    def dispatch(self, event: Any) -> None:
        self.heard.add(event.event_type)
        super().dispatch(event)


def test_whoever_reads_files_wakes_nobody(tmp_path: Path) -> None:
    server = tmp_path / "server.py"
    server.write_text("1")

    async def check() -> None:
        told: list[str] = []
        watcher = Listening(tmp_path, clock=asyncio.get_running_loop().time, emit=ignore)
        watcher.heard = set()
        try:
            spec = ServerSpec(name="x", command="python", args=("server.py",))
            watcher.watch_servers({"x": spec}, lambda _, why: told.append(why))
            for _ in range(10):
                server.read_text()
            server.write_text("2")
            await until(lambda: told)
        finally:
            watcher.close()
        assert watcher.heard <= EVENTS

    run(check())
