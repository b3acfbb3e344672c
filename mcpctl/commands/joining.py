"""`mcpctl run SERVER --stdio` beside a supervisor, for a server that cannot run twice: the host joins those it has."""

from __future__ import annotations

from pathlib import Path

from mcpctl.commands.context import Context
from mcpctl.control.host import Host
from mcpctl.errors import ConnectError, UsageError
from mcpctl.model.running import RunOptions, RunReport


def join(socket: Path, options: RunOptions, ctx: Context) -> RunReport | None:
    """Hand our streams to the supervisor, and wait until the host has gone. None where we must serve it ourselves.

    Blocks: nothing else goes on in this process, and signals reach the supervisor.
    """
    from mcpctl.control import client

    (server,) = options.servers
    spec = ctx.settings.servers.get(server)
    if not options.stdio or spec is None or spec.reload != "restart":
        return None
    answer = client.ask(str(socket), ["run", server, "--stdio"], str(ctx.world.cwd), ctx.world.env)
    if answer is None or isinstance(answer, str):  # it hangs, or is of another version
        return None
    if answer == client.LOST:
        raise ConnectError(
            f"the supervisor that served `{server}` has ended", code="connect.supervisor_lost", server=server
        )
    return RunReport(pid=0, exit_code=answer)


async def accompany(options: RunOptions, ctx: Context, host: Host) -> RunReport:
    """The other side of it, in the supervisor."""
    from mcpctl.gateway.lanes import lanes_of
    from mcpctl.gateway.stdio import serve_stdio

    if not options.stdio:
        raise UsageError("a supervisor starts no other one", code="usage.conflict")
    (server,) = options.servers
    lanes = lanes_of(host.fleet, server)
    party = await lanes.take()
    try:
        await serve_stdio(party, ctx.world.stdin.fileno(), ctx.world.stdout.fileno())
    finally:
        lanes.give_back_soon(party)
    return RunReport(pid=host.pid)
