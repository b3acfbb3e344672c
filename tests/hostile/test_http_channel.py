"""Every way to misbehave over HTTP, one channel each, all at once: the outcome of each step is foretold here."""

from __future__ import annotations

import asyncio
import re
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mcpctl.errors import McpctlError
from tests.support import PYTHON, run
from tests.transports.remotes import Recorder, channel

SERVER = Path(__file__).parent / "servers" / "http.py"
PATIENCE = 30.0
"""Seconds for what must be answered, on a machine where sixty channels work at once."""
IMPATIENCE = 1.0
"""Seconds for what is known never to be answered."""
MEMORY = 200 << 20
"""Bytes that all modes together may take; one bomb alone would unpack to 300 MB."""

STEPS = ("initialize", "tools/list", "tools/call", "tools/call again", "tools/list again")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Patterns for `code message`; the steps that are not mentioned go well."""

    every: str = ""
    call: str = ""
    after: str = ""
    timeout: float = PATIENCE

    def pattern(self, step: str) -> str:
        if self.every:
            return self.every
        return self.call if step.startswith("tools/call") else self.after if step.endswith("again") else ""


def late() -> Expected:
    return Expected(call="^deadline.call .*within 1 s", timeout=IMPATIENCE)


STATUSES = {
    400: "^connect.http_status .*HTTP 400 Bad Request: bad",
    401: r"^auth.required .*\(HTTP 401\)",
    403: r"^auth.refused .*\(HTTP 403\): forbidden",
    404: "^connect.http_status .*HTTP 404 Not Found: nope",
    405: "^connect.http_status .*HTTP 405",
    406: "^connect.http_status .*HTTP 406",
    408: "^connect.http_status .*HTTP 408",
    413: "^connect.http_status .*HTTP 413",
    429: "^connect.busy .*HTTP 429.* asks to wait 2 s: rate",
    500: "^connect.http_status .*HTTP 500 Internal Server Error$",
    502: "^connect.http_status .*HTTP 502 Bad Gateway$",
    503: "^connect.busy .*HTTP 503.* asks to wait 1 s",
    504: "^connect.http_status .*HTTP 504",
}
FORGOTTEN = Expected(call="^connect.session_lost .*HTTP 404", after="^connect.session_lost")

MODES = {
    **{f"{status}_any": Expected(every=pattern) for status, pattern in STATUSES.items()},
    **{f"{status}_call": Expected(call=pattern) for status, pattern in STATUSES.items()},
    "404_call": FORGOTTEN,
    "404_session": FORGOTTEN,
    "ok": Expected(),
    "ok_sse": Expected(),
    "redirect_307_same": Expected(),
    "redirect_308_other": Expected(every="^connect.redirect .*http://localhost:.*another origin"),
    "redirect_302_same": Expected(every="^connect.redirect .*HTTP 302.* would turn the request"),
    "redirect_loop": Expected(every="^connect.redirect .*5 redirects came before"),
    "redirect_file": Expected(every="^connect.redirect .*`file:///etc/passwd`"),
    "html_200": Expected(every="^protocol.malformed .*`text/html`"),
    "no_ctype": Expected(call="^protocol.malformed the answer has no content type"),
    "202_request": Expected(call="^protocol.malformed .*HTTP 202 Accepted to a request"),
    "204": Expected(call="^protocol.malformed .*HTTP 204 No Content to a request"),
    "empty_json": Expected(call="^protocol.malformed the answer is empty"),
    "bad_json": Expected(call="^protocol.malformed .*not valid JSON"),
    "wrong_id": Expected(call="^protocol.malformed .*the id `9999`"),
    "json_notification": Expected(call="^protocol.malformed .*notification .`notifications/message`"),
    "json_batch": Expected(),
    "not_http": Expected(every="^protocol.malformed .*it sent `220 smtp.example ESMTP`"),
    "close_now": Expected(every="^connect.reset the server closed the connection without answering"),
    "silent": late(),
    "slow_body": late(),
    "sse_cut": Expected(call="^connect.stream_cut the event stream ended before the answer came$"),
    "sse_cut_id": Expected(call="^connect.stream_cut .*resuming it failed .HTTP 405"),
    "sse_silent": late(),
    "sse_notifs": late(),
    "sse_2mb": Expected(),
    "json_huge": Expected(call="^protocol.too_large .*more than 33554432 bytes"),
    "gzip_bomb": Expected(call="^protocol.malformed .*encoded as `gzip`"),
}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        number = probe.getsockname()[1]
    with subprocess.Popen([PYTHON, str(SERVER), str(number)]) as server:
        try:
            wait_for(number)
            yield number
        finally:
            server.kill()


def wait_for(port: int) -> None:
    async def knock() -> None:
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return

    run(knock())


@dataclass(slots=True, kw_only=True)
class Course:
    outcomes: dict[str, McpctlError | None]
    inbox: Recorder


async def course(url: str, timeout: float) -> Course:
    """Connect, list, call, call and list again, close; every step gets its chance."""
    inbox = Recorder()
    outcomes: dict[str, McpctlError | None] = {}
    async with channel(url, inbox=inbox) as http:
        for step in STEPS:
            # Only what the server holds back may be cut off early: the rest waits for a busy machine.
            patience = timeout if step.startswith("tools/call") else PATIENCE
            try:
                await http.request(step.removesuffix(" again"), {}, timeout=patience)
                outcomes[step] = None
            except McpctlError as error:
                outcomes[step] = error
            if step == "initialize":
                http.adopt("2025-11-25", stateless=False)
                http.listen()
    return Course(outcomes=outcomes, inbox=inbox)


@pytest.fixture(scope="module")
def courses(port: int) -> dict[str, Course]:
    async def all_of_them() -> dict[str, Course]:
        names = list(MODES)
        found = await asyncio.gather(
            *(course(f"http://127.0.0.1:{port}/{name}", MODES[name].timeout) for name in names)
        )
        return dict(zip(names, found, strict=True))

    return run(all_of_them(), timeout=30)


def described(error: McpctlError | None) -> str:
    return "" if error is None else f"{error.code} {error.message}"


@pytest.mark.parametrize("name", MODES)
def test_every_step_of_every_mode_ends_as_foretold(name: str, courses: dict[str, Course]) -> None:
    outcomes = courses[name].outcomes
    assert list(outcomes) == list(STEPS)
    for step, error in outcomes.items():
        pattern = MODES[name].pattern(step)
        assert bool(pattern) == (error is not None), f"{step}: {described(error)}"
        assert re.search(pattern, described(error)), f"{step}: {described(error)}"
        assert error is None or error.server == "it"


def test_every_mode_of_the_server_is_foretold() -> None:
    listed = subprocess.run([PYTHON, str(SERVER), "--list"], capture_output=True, text=True, check=True)
    assert {line.split()[0] for line in listed.stdout.splitlines()} == set(MODES)


def test_only_a_forgotten_session_loses_the_channel(courses: dict[str, Course]) -> None:
    assert {name for name, one in courses.items() if one.inbox.losses} == {"404_call", "404_session"}


def test_a_flood_of_notifications_is_passed_on_and_kept_by_nobody(courses: dict[str, Course]) -> None:
    assert courses["sse_notifs"].inbox.heard[0][0] == "notifications/message"


def test_one_bad_server_does_not_touch_the_calls_of_another(port: int) -> None:
    async def main() -> None:
        bad = [
            course(f"http://127.0.0.1:{port}/{name}", 0.3)
            for name in ("close_now", "sse_cut", "not_http", "silent")
        ]
        good = [course(f"http://127.0.0.1:{port}/ok", PATIENCE) for _ in range(4)]
        for one in (await asyncio.gather(*bad, *good))[len(bad) :]:
            assert not any(one.outcomes.values())

    run(main())


def test_the_bombs_stay_small(port: int) -> None:
    """In a process of its own, whose memory is nobody else's."""
    program = f"""
import asyncio
from tests.hostile.test_http_channel import course, peak_memory
from tests.transports import remotes

remotes.Recorder.notified = lambda self, method, params: None
names = ("json_huge", "gzip_bomb", "sse_notifs", "sse_2mb")

async def main():
    await asyncio.gather(*(course(f"http://127.0.0.1:{port}/{{name}}", 1.0) for name in names))

asyncio.run(main())
print(peak_memory())
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
        cwd=SERVER.parents[3],
    )
    assert int(done.stdout) < MEMORY, done.stdout


def peak_memory() -> int:
    """Bytes that this process had at most; Linux counts what its parent had too, except in this file."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
