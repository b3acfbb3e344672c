"""Waiting for what a server announces: changes of its lists and of single resources, in both eras.

The announcements themselves reach the handlers of the session; this module asks for them and notices their end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Any

from mcpctl.errors import ConnectError, ProtocolError
from mcpctl.model.protocol import JsonObject
from mcpctl.session.connection import Connection
from mcpctl.wire.peer import renewed

ACKNOWLEDGE_LIMIT = 30.0
"""Seconds that a server may take to accept a subscription."""

_numbers = count(1)

Accepted = Callable[[JsonObject], None]


async def follow(connection: Connection, uris: tuple[str, ...], accepted: Accepted) -> None:
    """Subscribe, call `accepted` with what the server agreed to, and return when it ends the stream.

    Raises `ConnectError` when the connection is lost: there is no replay, whoever comes back reads afresh.
    """
    identity = connection.identity
    assert identity is not None
    if identity.era == "stateless":
        await _follow_stateless(connection, uris, accepted)
    else:
        await _follow_handshake(connection, uris, accepted, identity.capabilities)


async def _follow_handshake(
    connection: Connection, uris: tuple[str, ...], accepted: Accepted, capabilities: JsonObject
) -> None:
    resources = capabilities.get("resources")
    if uris and not (isinstance(resources, dict) and resources.get("subscribe")):
        raise ProtocolError(
            "the server offers no subscription to single resources",
            code="protocol.no_subscription",
            hint="leave `--uri` out to hear of changed lists and logs",
        )
    connection.channel.listen()
    for uri in uris:
        await connection.request(
            "resources/subscribe", {"uri": uri}, timeout=ACKNOWLEDGE_LIMIT, step="subscribe"
        )
    lists = {
        f"{kind}ListChanged": True
        for kind in ("tools", "prompts", "resources")
        if isinstance(offered := capabilities.get(kind), dict) and offered.get("listChanged")
    }
    accepted({**lists, **({"resourceSubscriptions": list(uris)} if uris else {})})
    raise renewed(await connection.inbound.ended())  # others who follow it raise the same


async def _follow_stateless(connection: Connection, uris: tuple[str, ...], accepted: Accepted) -> None:
    # A text that is no number cannot meet the ids that the channel counts up by itself.
    identity = f"listen-{next(_numbers)}"
    acknowledged = asyncio.Event()

    def on_message(method: str, message: JsonObject) -> None:
        if method == "notifications/subscriptions/acknowledged" and not acknowledged.is_set():
            acknowledged.set()
            agreed = message.get("notifications")
            accepted(agreed if isinstance(agreed, dict) else {})

    wanted: JsonObject = {"toolsListChanged": True, "promptsListChanged": True, "resourcesListChanged": True}
    if uris:
        wanted["resourceSubscriptions"] = list(uris)
    connection.inbound.stream(identity, on_message)
    try:
        stream = asyncio.ensure_future(
            connection.request(
                "subscriptions/listen",
                {"notifications": wanted},
                timeout=None,
                request_id=identity,
                step="listen",
            )
        )
        try:
            await _acknowledged(acknowledged, stream)
            await stream
        finally:
            stream.cancel()
            await asyncio.gather(stream, return_exceptions=True)
    finally:
        connection.inbound.unstream(identity)


async def _acknowledged(event: asyncio.Event, stream: asyncio.Future[Any]) -> None:
    waiting: asyncio.Future[Any] = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait({waiting, stream}, timeout=ACKNOWLEDGE_LIMIT, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
    if not event.is_set() and not stream.done():
        raise ConnectError(
            f"the server did not accept the subscription within {ACKNOWLEDGE_LIMIT:g} s",
            code="connect.no_subscription",
        )
