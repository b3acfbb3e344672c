"""A folder with a configuration of small servers, and the command line run in it without a process of its own."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mcpctl.cli.entry import run
from tests.support import ROOT, world

ECHO = ROOT / "tests/servers/echo.py"
PYTHON = sys.executable
RICH = ROOT / "tests/servers/rich.py"
HOSTILE = ROOT / "tests/hostile/servers/stdio.py"


class Answer(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value

    @property
    def data(self) -> dict[str, Any]:
        data = self.json["data"]
        assert isinstance(data, dict)
        return data


def configured(tmp_path: Path, *hostile: str, more: str = "") -> None:
    """`mcpctl.toml` with `echo`, `rich` and servers that misbehave, named after what they do."""
    servers = {"echo": [str(ECHO)], "rich": [str(RICH)], **{mode: [str(HOSTILE), mode] for mode in hostile}}
    text = "".join(
        f"[servers.{json.dumps(name)}]\ncommand = {json.dumps(sys.executable)}\nargs = {json.dumps(args)}\n"
        f'start_timeout = "4s"\n\n'
        for name, args in servers.items()
    )
    (tmp_path / "mcpctl.toml").write_text(text + more)


def mcpctl(
    tmp_path: Path,
    *argv: str,
    stdin: bytes = b"",
    tty: bool = False,
    columns: int = 80,
    env: Mapping[str, str] | None = None,
) -> Answer:
    outside = world(tmp_path, env=env, stdin=stdin, tty=tty, columns=columns)
    code = run(argv, outside)
    out, err = (stream.getvalue().decode() for stream in (outside.stdout, outside.stderr))  # type: ignore[attr-defined]
    return Answer(code, out, err)
