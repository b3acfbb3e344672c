"""The only way to a server: picks the transport that a specification names, and loads no other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from mcpctl.errors import ConfigError
from mcpctl.model.server import ServerSpec
from mcpctl.transports.channel import Channel, Inbox, Tap

if TYPE_CHECKING:
    from mcpctl.transports.http import HttpChannel
    from mcpctl.transports.http_post import Authorize
    from mcpctl.transports.process import Process
    from mcpctl.transports.sse import SseChannel


def start_process(spec: ServerSpec, env: Mapping[str, str]) -> Process:
    """Start a server of the stdio kind, ahead of `open_channel` if that saves waiting for it."""
    from mcpctl.transports.process import start

    if not spec.command:
        raise ConfigError(
            f"`{spec.name}` names no command to run", code="config.no_command", server=spec.name
        )
    return start(spec.command, spec.args, env=env, cwd=spec.cwd, limits=spec.limits, server=spec.name)


async def open_channel(
    spec: ServerSpec,
    inbox: Inbox,
    *,
    env: Mapping[str, str],
    process: Process | None = None,
    on_stderr: Callable[[str], None] | None = None,
    tap: Tap | None = None,
    authorize: Authorize | None = None,
) -> Channel:
    """Reach the server that `spec` describes; every variable in it has its value already.

    `env` is what a child process sees, and where proxies of remote servers are looked up. A `process` that was
    started early, so that it could boot meanwhile, is taken over. `authorize` answers a remote server's refusal with
    fresh headers, and `tap` sees every message.
    """
    if spec.transport == "stdio":
        from mcpctl.transports.stdio import StdioChannel

        return StdioChannel(
            process or start_process(spec, env),
            inbox,
            server=spec.name,
            limits=spec.limits,
            on_stderr=on_stderr,
            tap=tap,
        )
    if spec.transport == "http":
        from mcpctl.transports.http import HttpChannel

        return await _opened(HttpChannel(spec, inbox, env=env, tap=tap, authorize=authorize))
    from mcpctl.transports.sse import SseChannel

    return await _opened(SseChannel(spec, inbox, env=env, tap=tap, authorize=authorize))


async def _opened(channel: HttpChannel | SseChannel) -> Channel:
    try:
        await channel.open()
    except BaseException:
        await channel.aclose()
        raise
    return channel
