"""How a verb answers what a server asks back: forms, links, sampling and roots, all steered by the same few options.

Nothing is answered by guess: without a terminal and without an option a question is declined, and that is said.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from mcpctl.commands.context import Context
from mcpctl.commands.files import read_file
from mcpctl.errors import ProtocolError, UsageError
from mcpctl.model.asking import Answers
from mcpctl.model.events import Logged, Noticed, Progressed
from mcpctl.model.protocol import JsonObject
from mcpctl.session.handlers import DECLINED, Handlers, OnProgress
from mcpctl.transports.channel import RpcError

VISIT_FIRST = -32042
"""The code of a refusal that names links to visit."""

MAX_LINKS = 5
MAX_LINK = 2000
"""Characters of one; links that log somebody in are long."""

SAMPLE_LIMIT = 300.0
"""Seconds that the program behind `--sample` may think."""

_MODES = ("ask", "decline", "defaults", "park")

_OFFERS = {"elicitation": "--elicit ask", "sampling": "--sample COMMAND", "roots": "--root DIR"}
"""By the capability that a server may want."""


def handlers(
    answers: Answers, ctx: Context, server: str, *, asked: Callable[[], None] = lambda: None
) -> Handlers:
    """`asked` is told when a person is about to be asked, so that nothing else is drawn meanwhile."""
    return Handlers(
        elicit=_elicit(answers.elicit, ctx, server, asked),
        sample=_sample(answers.sample, ctx) if answers.sample else None,
        roots=tuple(_root(folder, ctx) for folder in answers.roots) if answers.roots else None,
        log_level=answers.log_level,
        on_log=lambda level, logger, data: ctx.emit(
            Logged(server=server, level=level, logger=logger, data=data)
        ),
    )


def progress(ctx: Context, server: str) -> OnProgress:
    def report(done: float, total: float | None, message: str | None) -> None:
        ctx.emit(Progressed(server=server, progress=done, total=total, message=message))

    return report


def _elicit(
    mode: str | None, ctx: Context, server: str, asked: Callable[[], None]
) -> Callable[[JsonObject], Awaitable[JsonObject]]:
    given = _given(mode, ctx) if mode is not None and mode not in _MODES else None
    chosen = mode == "decline"
    if mode is None:
        mode = "ask" if ctx.world.stdin_tty and ctx.world.stderr_tty else "decline"

    async def elicit(params: JsonObject) -> JsonObject:
        if given is not None:
            return given
        if mode == "ask":
            from mcpctl.commands.form import ask

            asked()
            return await ask(params, ctx.world, server)
        if mode == "defaults" and params.get("mode", "form") == "form":
            filled = _defaults(params)
            if filled is not None:
                return {"action": "accept", "content": filled}
        ctx.emit(_declined(params, server, mode, by_choice=chosen))
        return {"action": "decline"}

    return elicit


@contextmanager
def offering() -> Iterator[None]:
    """A server that wants what it was not offered: say how to offer it."""
    try:
        yield
    except ProtocolError as error:
        wanted = error.rpc_data.get("requiredCapabilities") if isinstance(error.rpc_data, dict) else None
        options = [option for name, option in _OFFERS.items() if isinstance(wanted, dict) and name in wanted]
        if options:
            error.hint = f"offer it with `{' '.join(options)}`"
        elif links := _links(error):
            error.hint = f"visit {', '.join(links)} if you trust it, then call again"
        raise


def _links(error: ProtocolError) -> list[str]:
    """Where the server wants a person to go before it does anything."""
    asked = error.rpc_data.get("elicitations") if isinstance(error.rpc_data, dict) else None
    if error.rpc_code != VISIT_FIRST or not isinstance(asked, list):
        return []
    found = [each.get("url") for each in asked if isinstance(each, dict)]
    return [f"`{url[:MAX_LINK]}`" for url in found if isinstance(url, str)][:MAX_LINKS]


def _given(text: str, ctx: Context) -> JsonObject:
    """`--elicit JSON|@FILE`: the form's content, or a whole answer with an `action`."""
    if text.startswith("@"):
        text = read_file(ctx.world, text[1:]).decode("utf-8", "replace")
    try:
        value = json.loads(text)
    except ValueError as error:
        raise UsageError(
            f"`--elicit` is neither one of {', '.join(_MODES)} nor JSON",
            code="usage.elicit",
            hint="""such as `--elicit '{"name": "value"}'`""",
        ) from error
    if not isinstance(value, dict):
        raise UsageError(
            "`--elicit` wants a JSON object", code="usage.elicit", hint="""such as `{"name": "value"}`"""
        )
    if value.get("action") in ("accept", "decline", "cancel"):
        return value
    return {"action": "accept", "content": value}


def _defaults(params: JsonObject) -> JsonObject | None:
    """The form filled with its own defaults; None where a required field has none."""
    schema = params.get("requestedSchema")
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(schema, dict) or not isinstance(properties, dict):
        return None
    filled = {
        name: declared["default"]
        for name, declared in properties.items()
        if isinstance(declared, dict) and "default" in declared
    }
    required = schema.get("required")
    missing = [name for name in (required if isinstance(required, list) else []) if name not in filled]
    return None if missing else filled


def _declined(params: JsonObject, server: str, mode: str, *, by_choice: bool) -> Noticed:
    message = params.get("message")
    question = f"`{message}`" if isinstance(message, str) else "a question"
    if params.get("mode") == "url":
        return Noticed(
            server=server,
            message=f"declined {question}, which wants a visit to `{params.get('url')}`",
            hint=None if by_choice else "answer on a terminal with `--elicit ask`",
        )
    in_vain = mode == "defaults"
    how = f"answer with `--elicit ask`{'' if in_vain else ', `--elicit defaults`'} or `--elicit JSON`"
    return Noticed(
        server=server,
        message=f"declined {question}"
        + (": not all of its required fields have defaults" if in_vain else ""),
        hint=None if by_choice else how,
    )


def _sample(command: str, ctx: Context) -> Callable[[JsonObject], Awaitable[JsonObject]]:
    async def decline(params: JsonObject) -> JsonObject:
        del params
        raise RpcError(DECLINED, "sampling was declined")

    async def sample(params: JsonObject) -> JsonObject:
        return _message(await _run(command, json.dumps(params).encode(), ctx))

    return decline if command == "decline" else sample


async def _run(command: str, request: bytes, ctx: Context) -> bytes:
    import asyncio
    import shlex

    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError(
            "the command of `--sample` has a quote that is never closed",
            code="usage.sample",
            hint="close every quote, as in a shell",
        ) from error
    if not words:
        raise UsageError(
            "`--sample` names no program", code="usage.sample", hint="such as `--sample ./answer`"
        )
    try:
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=ctx.world.cwd,
            env=dict(ctx.world.env),
        )
    except OSError as error:
        raise UsageError(
            f"cannot run `{words[0]}`: {(error.strerror or str(error)).lower()}",
            code="usage.sample",
            hint="check the path in `--sample`",
        ) from error
    try:
        async with asyncio.timeout(SAMPLE_LIMIT):
            answer, _ = await process.communicate(request)
    except BaseException:
        if process.returncode is None:
            process.kill()
            await process.wait()
        raise
    if process.returncode:
        raise RpcError(DECLINED, f"the program behind `--sample` exited with code {process.returncode}")
    return answer


def _message(answer: bytes) -> JsonObject:
    """A program may print a whole message as JSON, or just its text."""
    text = answer.decode("utf-8", "replace").strip()
    try:
        value: Any = json.loads(text)
    except ValueError:
        value = None
    if isinstance(value, dict) and "content" in value:
        return {"role": "assistant", "model": "mcpctl", "stopReason": "endTurn", **value}
    return {
        "role": "assistant",
        "model": "mcpctl",
        "stopReason": "endTurn",
        "content": {"type": "text", "text": text},
    }


def _root(folder: str, ctx: Context) -> str:
    path = (ctx.world.cwd / folder).resolve()
    if not path.is_dir():
        raise UsageError(
            f"`--root {folder}` is not a folder", code="usage.root", hint="name a folder that exists"
        )
    return path.as_uri()
