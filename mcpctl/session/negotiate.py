"""Finds out which era a server speaks, in as few round trips and as little waiting as can be.

A server that answers `server/discover` is stateless; one that refuses it gets the handshake. One that drops it would
cost its whole silence at every connect: so the handshake follows after a short while, and the first good answer wins.
"""

from __future__ import annotations

import asyncio
from typing import Any

from mcpctl.errors import ConnectError, DeadlineError, ProtocolError
from mcpctl.model.protocol import HANDSHAKE_VERSIONS, MODERN_VERSION, Era, Identity, JsonObject
from mcpctl.session.answers import as_object, malformed
from mcpctl.session.connection import Connection
from mcpctl.session.dialect import CLIENT_INFO, SERVER_INFO, HandshakeDialect, StatelessDialect
from mcpctl.session.handlers import SILENT, Handlers

HEDGE = 1.0
"""Seconds of silence after `server/discover` before `initialize` is sent beside it."""

ATTUNE_LIMIT = 10.0
"""Seconds that a running server may take to note a new log level."""

UNSUPPORTED_VERSION = -32022


async def negotiate(
    connection: Connection, handlers: Handlers, *, era: Era | None, timeout: float
) -> Identity:
    """Agree on a version and install it in `connection`. `era` is what this server was remembered to speak."""
    agreed = await _agree(connection, handlers, era=era, timeout=timeout)
    if agreed.era == "stateless":
        connection.adopt(_stateless(handlers), agreed)
        connection.log_level = handlers.log_level
        return agreed
    connection.adopt(HandshakeDialect(agreed.protocol_version), agreed)
    await connection.notify("notifications/initialized")
    if handlers is not SILENT:
        connection.channel.listen()
    await attune(connection, handlers, timeout=timeout)
    return agreed


async def attune(connection: Connection, handlers: Handlers, *, timeout: float = ATTUNE_LIMIT) -> None:
    """Tell a server which log messages and which roots whoever came last has."""
    identity = connection.identity
    assert identity is not None
    level = handlers.log_level
    handshake = identity.era == "handshake"
    if level is not None and level != connection.log_level:
        connection.log_level = level
        if not handshake:
            connection.dialect = _stateless(handlers)
        elif "logging" in identity.capabilities:
            await connection.request("logging/setLevel", {"level": level}, timeout=timeout)
    if handlers.roots is not None and handlers.roots != connection.roots:
        known, connection.roots = connection.roots, handlers.roots
        if handshake and known is not None:
            await connection.notify("notifications/roots/list_changed")


async def _agree(connection: Connection, handlers: Handlers, *, era: Era | None, timeout: float) -> Identity:
    if era == "handshake":
        try:
            return await _initialize(connection, handlers, timeout)
        except ProtocolError as error:
            if not _names_modern(error):
                raise
    probe = asyncio.create_task(_discover(connection, handlers, timeout))
    greeting: asyncio.Task[Identity] | None = None
    patience = min(HEDGE, timeout / 2)
    try:
        await asyncio.wait({probe}, timeout=patience)
        if probe.done():
            return probe.result() or await _initialize(connection, handlers, timeout)
        greeting = asyncio.create_task(_initialize(connection, handlers, timeout - patience))
        return await _first_good(probe, greeting)
    finally:
        tasks = [task for task in (probe, greeting) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _first_good(probe: asyncio.Task[Identity | None], greeting: asyncio.Task[Identity]) -> Identity:
    waiting: set[asyncio.Task[Any]] = {probe, greeting}
    failure: BaseException | None = None
    while waiting:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            error = task.exception()
            if error is not None:
                # The greeting's failure tells more than the probe's: that one may just be a method nobody knows.
                failure = error if failure is None or task is greeting else failure
                continue
            identity: Identity | None = task.result()
            if identity is not None:
                return identity
    raise failure or malformed("no usable answer to `server/discover` or `initialize`")


async def _discover(connection: Connection, handlers: Handlers, timeout: float) -> Identity | None:
    """The identity of a stateless server; None where the server shows that it is none."""
    try:
        result = await _ask_for_identity(connection, handlers, timeout)
    except ProtocolError as error:
        if _names_modern(error):
            # It knows our version and refused it all the same: a server in the middle of a start says so once.
            result = await _ask_for_identity(connection, handlers, timeout)
        elif error.rpc_code == UNSUPPORTED_VERSION and not _names_handshake(error):
            raise
        else:
            return None
    except ConnectError as error:
        # An HTTP server of the handshake era may refuse the unknown method in the words of HTTP alone.
        if error.http_status is None or error.http_status >= 500:
            raise
        return None
    versions = result.get("supportedVersions")
    if not isinstance(versions, list) or MODERN_VERSION not in versions:
        return None
    meta = result.get("_meta")
    info = meta.get(SERVER_INFO) if isinstance(meta, dict) else None
    return identity_of(result, info, MODERN_VERSION, "stateless")


async def _ask_for_identity(connection: Connection, handlers: Handlers, timeout: float) -> JsonObject:
    params, headers = _stateless(handlers).dress("server/discover", {}, None)
    text = await connection.channel.request(
        "server/discover", params, timeout=timeout, headers=headers, cancellable=False, step="discover"
    )
    return as_object(text, "server/discover")


def _stateless(handlers: Handlers) -> StatelessDialect:
    return StatelessDialect(handlers.capabilities(), log_level=handlers.log_level)


async def _initialize(connection: Connection, handlers: Handlers, timeout: float) -> Identity:
    params: JsonObject = {
        "protocolVersion": HANDSHAKE_VERSIONS[0],
        "capabilities": handlers.capabilities(),
        "clientInfo": CLIENT_INFO,
    }
    try:
        text = await connection.channel.request(
            "initialize", params, timeout=timeout, cancellable=False, step="handshake"
        )
    except DeadlineError as error:
        what = "the command starts" if connection.channel.transport == "stdio" else "the address is that of"
        error.hint = f"check that {what} an MCP server, or raise `start_timeout`"
        raise
    result = as_object(text, "initialize")
    version = result.get("protocolVersion")
    if version not in HANDSHAKE_VERSIONS:
        raise ProtocolError(
            f"the server wants protocol version `{version}`, which mcpctl does not speak",
            code="protocol.version",
            hint=f"mcpctl speaks {', '.join((MODERN_VERSION, *HANDSHAKE_VERSIONS))}",
        )
    return identity_of(result, result.get("serverInfo"), version, "handshake")


def identity_of(result: JsonObject, info: object, version: str, era: Era) -> Identity:
    about = info if isinstance(info, dict) else {}
    capabilities, instructions = result.get("capabilities"), result.get("instructions")
    name, number = about.get("name"), about.get("version")
    return Identity(
        name=name if isinstance(name, str) else None,
        version=number if isinstance(number, str) else None,
        protocol_version=version,
        era=era,
        capabilities=capabilities if isinstance(capabilities, dict) else {},
        instructions=instructions if isinstance(instructions, str) else None,
        raw=result,
    )


def _supported(error: ProtocolError) -> list[object]:
    data = error.rpc_data
    supported = data.get("supported") if isinstance(data, dict) else None
    return supported if isinstance(supported, list) else []


def _names_modern(error: ProtocolError) -> bool:
    return error.rpc_code == UNSUPPORTED_VERSION and MODERN_VERSION in _supported(error)


def _names_handshake(error: ProtocolError) -> bool:
    supported = _supported(error)
    return not supported or any(version in HANDSHAKE_VERSIONS for version in supported)
