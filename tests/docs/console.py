"""Types the commands of a document into one real shell, in a folder and a home of its own, and compares what came out.

Times, process ids, ports and temporary folders may differ; a line of three dots stands for any lines.
"""

from __future__ import annotations

import fnmatch
import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.docs.blocks import Block, Step, is_typed, steps
from tests.support import PYTHON, ROOT

LIMIT = 120
"""Seconds for a whole document."""

DOTS = "..."

HOME = "/home/me"
"""What documents call the home folder of whoever types."""

VARIABLE = (
    (re.compile(r"\b\d+(\.\d+)? ?(ns|us|µs|ms|s|min|m|h)\b"), "TIME"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:?\d\d)?"), "DATE"),
    (re.compile(r"\bpid \d+"), "pid PID"),
    (re.compile(r"127\.0\.0\.1:\d+"), "ADDRESS"),
    (re.compile(r"\b[0-9a-f]{12,}\b"), "HASH"),
    (re.compile(r" {2,}"), "  "),
)
"""What differs from run to run; columns move with the width of a time."""

MEASURES = re.compile(r"^mcpctl (loadtest|stats|health|ps)\b")
"""Commands whose every number is a measurement."""

NUMBER = re.compile(r"\d[\d,.]*%?")


def play(document: Sequence[Block], folder: Path) -> dict[int, list[tuple[Step, list[str]]]]:
    """By a block's first line: each of its commands, and what it printed on both streams."""
    mark = f"=={os.urandom(8).hex()}=="
    lines = ["status=0"]
    for block in document:
        if block.file:
            lines += [
                f"mkdir -p \"$(dirname '{block.file}')\"",
                f"cat > '{block.file}' <<'{mark}'",
                *block.lines,
                mark,
            ]
            continue
        for step in steps(block):
            lines += ["(exit $status)", step.command, f"status=$?; printf '\\n%s\\n' '{mark}'"]
    done = subprocess.run(
        ["bash", "--noprofile", "--norc"],
        input="\n".join(lines).encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=surroundings(folder),
        cwd=work(folder),
        timeout=LIMIT,
        check=False,
    )
    printed = done.stdout.decode("utf-8", "replace").replace(str(home(folder)), HOME)
    outputs = iter(printed.split(f"\n{mark}\n"))
    return {
        block.first: [(step, next(outputs).splitlines()) for step in steps(block)]
        for block in document
        if is_typed(block)
    }


def same(step: Step, actual: Sequence[str]) -> bool:
    """Whether what was printed is what the document says."""
    loose = bool(MEASURES.match(step.command))
    expected = [_settled(line, loose=loose) for line in step.expected]
    return _match(expected, [_settled(line, loose=loose) for line in actual])


def surroundings(folder: Path) -> dict[str, str]:
    """A machine where mcpctl is installed and nothing else was set up."""
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    for name, command in {
        "mcpctl": f'"{PYTHON}" -m mcpctl',
        "python": f'"{PYTHON}"',
        "python3": f'"{PYTHON}"',
    }.items():
        program = programs / name
        program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec {command} "$@"\n')
        program.chmod(0o755)
    return {
        "HOME": str(home(folder)),
        "PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TMPDIR": str(folder),
    }


def home(folder: Path) -> Path:
    place = folder.resolve() / "home"
    place.mkdir(exist_ok=True)
    return place


def work(folder: Path) -> Path:
    place = home(folder) / "project"
    place.mkdir(exist_ok=True)
    return place


def _settled(line: str, *, loose: bool) -> str:
    for pattern, name in VARIABLE:
        line = pattern.sub(name, line)
    if loose:
        line = NUMBER.sub("N", line)
    return line.rstrip()


def _match(expected: Sequence[str], actual: Sequence[str]) -> bool:
    """Like a pattern of a shell over lines: three dots alone stand for any lines, at the end of a line for its rest."""
    if not expected:
        return not actual
    first, *rest = expected
    if first.strip() == DOTS:
        return any(_match(rest, actual[skipped:]) for skipped in range(len(actual) + 1))
    return bool(actual) and _line(first, actual[0]) and _match(rest, actual[1:])


def _line(expected: str, actual: str) -> bool:
    if not expected.endswith(f" {DOTS}"):
        return expected == actual
    return fnmatch.fnmatchcase(actual, f"{_literal(expected.removesuffix(DOTS))}*")


def _literal(text: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", text)
