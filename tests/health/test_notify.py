"""Whoever wants to hear of changes does, and can hold nothing up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mcpctl.health import notify
from mcpctl.health.notify import Notifier, Receivers
from mcpctl.model.health import Alerted, HealthChanged, Verdict
from mcpctl.policy.redaction import Redactor
from tests.support import run, world


def change(
    after: Verdict = "unhealthy", *, server: str = "x", before: Verdict | None = "healthy"
) -> HealthChanged:
    return HealthChanged(server=server, at="now", before=before, after=after, reason="key hunter22 is gone")


def notifier(tmp_path: Path, said: list[str], *command: str, webhook: str | None = None) -> Notifier:
    env = world(tmp_path).env
    receivers = Receivers(command=command, webhook=webhook, env={**env, "SECRET": "s"}, cwd=str(tmp_path))
    return Notifier(receivers, Redactor(["hunter22"]), complain=said.append, random=lambda: 0.5)


@asynccontextmanager
async def listener(*answers: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Answers each request with the next of `answers`; an empty one never comes."""
    bodies: list[bytes] = []
    left = list(answers)
    open_ones: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ones.append(writer)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        bodies.append(await reader.readexactly(length))
        answer = left.pop(0)
        if answer:
            writer.write(answer)
            await writer.drain()
            writer.close()
        else:
            await reader.read()  # until the other side gives up

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook", bodies
    finally:
        server.close()
        for writer in open_ones:
            writer.transport.abort()
        await asyncio.sleep(0)


def status(code: int) -> bytes:
    return f"HTTP/1.1 {code} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode()


async def settled(told: Notifier) -> None:
    await asyncio.gather(*tuple(told._tasks))


def test_a_program_gets_json_and_variables_and_no_secret(tmp_path: Path) -> None:
    script = tmp_path / "tell.sh"
    script.write_text("#!/bin/sh\nenv > env.txt\ncat > body.txt\n")
    script.chmod(0o755)
    said: list[str] = []

    async def check() -> None:
        told = notifier(tmp_path, said, "./tell.sh")
        told.tell(change())
        await settled(told)
        await told.aclose()

    run(check())
    body = json.loads((tmp_path / "body.txt").read_text())
    assert (body["server"], body["from"], body["to"]) == ("x", "healthy", "unhealthy")
    variables = (tmp_path / "env.txt").read_text()
    assert "MCPCTL_TO=unhealthy" in variables
    assert "MCPCTL_FROM=healthy" in variables
    for text in (variables, str(body)):
        assert "hunter22" not in text
    assert "SECRET" not in variables
    assert said == []


def test_one_message_a_minute_and_the_latest_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "APART", 0.3)

    async def check() -> list[bytes]:
        async with listener(*[status(200)] * 9) as (url, bodies):
            told = notifier(tmp_path, [], webhook=url)
            for after in ("unhealthy", "healthy", "degraded"):
                told.tell(change(after))  # type: ignore[arg-type]
            told.tell(change("unhealthy", server="y"))
            await settled(told)
            assert len(bodies) == 2
            async with asyncio.timeout(60):
                while len(bodies) < 3:
                    await asyncio.sleep(0.01)
            await told.aclose()
            return bodies

    bodies = [json.loads(body) for body in run(check())]
    assert sorted((body["server"], body["to"]) for body in bodies) == [
        ("x", "degraded"),
        ("x", "unhealthy"),
        ("y", "unhealthy"),
    ]


def test_an_alert_does_not_take_the_place_of_a_change_that_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "APART", 0.2)

    async def check() -> list[bytes]:
        async with listener(*[status(200)] * 3) as (url, bodies):
            told = notifier(tmp_path, [], webhook=url)
            told.tell(change())
            told.tell(change("healthy", before="unhealthy"))
            told.tell(Alerted(server="x", at="now", severity="warning", rule="slow_call", message="slow"))
            async with asyncio.timeout(60):
                while len(bodies) < 2:
                    await asyncio.sleep(0.01)
            await told.aclose()
            return bodies

    assert [json.loads(body).get("to") for body in run(check())] == ["unhealthy", "healthy"]


def test_a_webhook_that_fails_is_tried_again_and_one_that_refuses_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "ATTEMPTS", notify.RetrySpec(attempts=3, initial=0.01, maximum=0.01))
    said: list[str] = []

    async def check(*answers: bytes) -> int:
        async with listener(*answers) as (url, bodies):
            told = notifier(tmp_path, said, webhook=url)
            told.tell(change())
            await settled(told)
            await told.aclose()
            return len(bodies)

    assert run(check(status(503), status(429), status(204))) == 3
    assert said == []
    assert run(check(status(404))) == 1
    assert "the webhook refused: it answered with status 404" in said[0]
    assert run(check(*[status(500)] * 3)) == 3
    assert "was not reached in 3 attempts" in said[1]


def test_a_webhook_that_hangs_holds_nobody_up(tmp_path: Path) -> None:
    async def check() -> None:
        async with listener(b"") as (url, bodies):
            told = notifier(tmp_path, [], webhook=url)
            told.tell(change())
            async with asyncio.timeout(60):
                while not bodies:
                    await asyncio.sleep(0.01)
            await told.aclose(0.05)
            assert not told._tasks

    run(check())


def test_a_program_that_fails_hangs_or_is_not_there_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "LIMIT", 0.2)
    said: list[str] = []

    async def check(*command: str) -> None:
        told = notifier(tmp_path, said, *command)
        told.tell(change())
        await settled(told)
        await told.aclose()

    run(check("sh", "-c", "echo no >&2; exit 3"))
    run(check("sleep", "60"))
    run(check("no-such-program-at-all"))
    assert "exited with 3: no" in said[0]
    assert "did not end within 0.2 s" in said[1]
    assert "could not run" in said[2]


def test_good_news_at_the_beginning_is_no_news_and_alerts_are(tmp_path: Path) -> None:
    async def check() -> list[bytes]:
        async with listener(status(200)) as (url, bodies):
            told = notifier(tmp_path, [], webhook=url)
            told.tell(change("healthy", before=None))
            assert not told._tasks
            told.tell(
                Alerted(server="x", at="now", severity="critical", rule="recent_errors", message="many")
            )
            await settled(told)
            await told.aclose()
            return bodies

    (body,) = run(check())
    assert json.loads(body)["rule"] == "recent_errors"
