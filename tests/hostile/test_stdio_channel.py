"""Every way to misbehave over pipes, one channel each, all at once: the outcome of each step is foretold here."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mcpctl.errors import McpctlError
from mcpctl.transports.channel import ChannelFacts, RpcError
from mcpctl.transports.process import start
from mcpctl.transports.stdio import StdioChannel
from tests.support import PYTHON, run
from tests.transports.scenes import left_by

SERVER = Path(__file__).parent / "servers" / "stdio.py"
PATIENCE = 60.0
"""Seconds for what must be answered, on a machine where fifty servers start at once."""
IMPATIENCE = 0.5
"""Seconds for what is known never to be answered."""

STEPS = ("initialize", "tools/list", "tools/call", "tools/call again")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Per step a pattern for `code message hint`; whatever is not mentioned goes well."""

    arg: str = ""
    initialize: str = ""
    list: str = ""
    call: str = ""
    again: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    def patterns(self) -> tuple[str, ...]:
        return (self.initialize, self.list, self.call, self.again)


LATE = "^deadline.call .*was not answered within"


def both(pattern: str, **more: Any) -> Expected:
    return Expected(call=pattern, again=pattern, **more)


def dead(pattern: str, **more: Any) -> Expected:
    return Expected(initialize=pattern, list=pattern, call=pattern, again=pattern, **more)


MODES = {
    "ok": Expected(facts={"exit_status": 0, "killed_with": None}),
    "exit0": dead("^connect.exited .*`exit0` exited with code 0, with nothing on stderr"),
    "exit3": dead("^connect.exited .* exited with code 3, its last words .*No module named 'x'"),
    "no_init": dead(LATE),
    "slow_init": Expected(arg="0.3"),
    "discover_hang": Expected(),
    "crash_midcall": both("^connect.exited .* exited with code 9", facts={"exit_status": 9}),
    "segv_midcall": both("^connect.killed .* was killed by SIGSEGV", facts={"exit_status": -11}),
    "partial_then_exit": both("^connect.exited .* exited with code 1", facts={"malformed": 1}),
    "answer_then_exit": Expected(again="^connect.exited .* exited with code 0"),
    "hang_call": both(LATE),
    "close_stdout_alive": both("^connect.stdout_closed .* closed its stdout but is still running"),
    "ignore_eof": Expected(facts={"killed_with": "SIGTERM"}),
    "ignore_sigterm": Expected(facts={"killed_with": "SIGKILL"}),
    "grandchild": Expected(facts={"killed_with": None, "exit_status": 0, "swept": 1}),
    "grandchild_ignore_term": Expected(facts={"killed_with": "SIGTERM", "swept": 1}),
    "garbage": Expected(facts={"noise_lines": 6, "malformed": 0}),
    "garbage_flood": Expected(arg="50000", facts={"noise_lines": 100_000}),
    "giant_line": both("^protocol.too_large .* more than 33554432 bytes", arg="40", facts={"oversize": 2}),
    "stderr_flood": Expected(arg="10", facts={"stderr_lines": 2 * 52430}),
    "invalid_utf8_line": Expected(facts={"noise_lines": 2}),
    "crlf_bom": Expected(facts={"noise_lines": 0}),
    "ls_ps": Expected(),
    "dup_ids": Expected(facts={"unmatched": 2}),
    "unknown_ids": both(f"{LATE} .*answered nothing that was asked"),
    "string_ids": Expected(facts={"unmatched": 0}),
    "null_id_error": both("^protocol.rpc_error Parse error"),
    "both_result_error": both("^protocol.malformed .*both a `result` and an `error`"),
    "neither": both("^protocol.malformed .*neither a `result` nor an `error`"),
    "result_not_object": both("^protocol.malformed .*`result` of the answer is a string"),
    "wrong_types_list": Expected(),
    "wrong_types_call": Expected(),
    "unknown_content": Expected(),
    "bad_version": Expected(),
    "old_version": Expected(),
    "slow_loris": both(LATE),
    "batch": Expected(),
    "nan": both("^protocol.malformed .*`NaN`, which JSON does not have"),
    "dup_keys": Expected(),
    "tools_10k": Expected(arg="2000"),
    "page_loop": Expected(),
    "pages_100x100": Expected(),
    "ansi": Expected(facts={"stderr_lines": 1}),
    "never_reads_stdin": both(LATE),
    "ping_flood": Expected(arg="3000", again=LATE),
    "progress_forever": both(LATE),
    "sampling_abuse": Expected(),
    "recursive_schema": Expected(),
    "bad_schema": Expected(),
    "missing_structured": Expected(),
    "memory_hog": Expected(arg="50"),
    "spin": Expected(arg="0.3"),
    "env_dump": Expected(),
}


class Inbox:
    def __init__(self) -> None:
        self.asked_for: list[str] = []
        self.notes = 0
        self.lost_with: McpctlError | None = None

    def notified(self, method: str, params: bytes | None) -> None:
        self.notes += 1

    async def asked(self, method: str, params: bytes | None) -> Any:
        self.asked_for.append(method)
        raise RpcError(-32601, "Method not found")

    def lost(self, error: McpctlError) -> None:
        self.lost_with = error


@dataclass
class Outcome:
    steps: list[str]
    """Empty for success, else `code message hint`."""
    answers: list[bytes]
    facts: ChannelFacts
    inbox: Inbox
    left: list[int]


async def outcome(mode: str, expected: Expected) -> Outcome:
    process = start(PYTHON, ["-S", str(SERVER), mode, *expected.arg.split()], env={"PATH": os.defpath})
    inbox = Inbox()
    channel = StdioChannel(process, inbox, server=mode)
    steps, answers = [], []
    for step, pattern in zip(STEPS, expected.patterns(), strict=True):
        method = step.removesuffix(" again")
        timeout = IMPATIENCE if pattern.startswith(LATE) else PATIENCE
        try:
            answers.append(await channel.request(method, {"name": "echo"}, timeout=timeout))
            steps.append("")
        except McpctlError as error:
            steps.append(f"{error.code} {error.message} {error.hint}")
    async with asyncio.timeout(6):
        await channel.aclose()
    return Outcome(steps, answers, channel.facts, inbox, left_by(process))


async def outcomes() -> dict[str, Outcome]:
    names = list(MODES)
    results = await asyncio.gather(*(outcome(mode, MODES[mode]) for mode in names))
    return dict(zip(names, results, strict=True))


@pytest.fixture(scope="module")
def seen() -> dict[str, Outcome]:
    return run(outcomes(), timeout=180)


@pytest.mark.parametrize("mode", MODES)
def test_every_step_ends_as_foretold(mode: str, seen: dict[str, Outcome]) -> None:
    for step, pattern, got in zip(STEPS, MODES[mode].patterns(), seen[mode].steps, strict=True):
        assert re.search(pattern, got) if pattern else not got, f"{step}: {got or 'went well'}"


@pytest.mark.parametrize("mode", MODES)
def test_nothing_is_left_behind_and_all_is_counted(mode: str, seen: dict[str, Outcome]) -> None:
    facts = seen[mode].facts
    assert seen[mode].left == []
    assert facts.exit_status is not None
    assert {name: getattr(facts, name) for name in MODES[mode].facts} == MODES[mode].facts


def test_no_mode_of_the_server_is_forgotten() -> None:
    listed = subprocess.run([PYTHON, str(SERVER), "--list"], capture_output=True, text=True, check=True)
    assert set(MODES) == {line.split()[0] for line in listed.stdout.splitlines()}


def test_a_second_value_for_the_same_key_wins(seen: dict[str, Outcome]) -> None:
    assert seen["dup_keys"].answers[-1].endswith(b'"B"}]}')


def test_what_the_server_asks_reaches_the_inbox(seen: dict[str, Outcome]) -> None:
    asked = ["sampling/createMessage", "roots/list", "evil/method"]
    assert seen["sampling_abuse"].inbox.asked_for == asked * 2
    assert seen["ping_flood"].inbox.asked_for == []
    assert seen["progress_forever"].inbox.notes > 0


def test_a_child_sees_the_environment_it_was_given_and_its_tag(seen: dict[str, Outcome]) -> None:
    assert b"MCPCTL_CHILD" in seen["env_dump"].answers[-1]
    assert b"HOME" not in seen["env_dump"].answers[-1]


def test_a_lost_server_is_told_to_the_inbox_with_its_cause(seen: dict[str, Outcome]) -> None:
    lost = seen["exit3"].inbox.lost_with
    assert lost is not None
    assert lost.exit_status == 3
    assert lost.stderr_tail[-1] == "ModuleNotFoundError: No module named 'x'"
    assert seen["ok"].inbox.lost_with is None
