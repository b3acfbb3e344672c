"""The connections of this process, shared by all sessions: kept alive, counted, capped.

A request goes to a connection only while the server has not closed it. Once a byte was written nothing is ever sent a
second time here: whether a call may be repeated is for others to decide.
"""

from __future__ import annotations

import asyncio
from collections import deque
from weakref import WeakKeyDictionary

from mcpctl.errors import BugError, ConnectError, McpctlError
from mcpctl.wire.dial import Route, dial
from mcpctl.wire.http import Connection, Exchange

MAX_CONNECTIONS = 2048
"""At once on one route; HTTP/1.1 needs one for each request in flight."""
MAX_IDLE = 256
"""Kept open on one route: what a burst of a load test comes back to."""
IDLE_SECONDS = 60.0
"""Servers close after 5 to 75; a longer wait only meets closed doors."""

_pools: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Route, Lane]] = WeakKeyDictionary()


def lease(route: Route) -> Lane:
    """The connections on `route`; give them back with `leave`."""
    lanes = _pools.setdefault(asyncio.get_running_loop(), {})
    lane = lanes.get(route)
    if lane is None:
        lane = lanes[route] = Lane(route, lanes)
    lane.users += 1
    return lane


class Lane:
    """All connections on one route."""

    def __init__(self, route: Route, lanes: dict[Route, Lane]) -> None:
        self.route = route
        self.users = 0
        self._lanes = lanes
        self._loop = asyncio.get_running_loop()
        self._open: set[Connection] = set()
        self._idle: dict[Connection, None] = {}
        """In the order in which they fell idle; the newest is used first."""
        self._dialing = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._sweeper: asyncio.TimerHandle | None = None

    def send(self, exchange: Exchange, request: bytes) -> None:
        """Send on an idle connection at once, else on a new one; why that failed is told to the exchange."""
        connection = self._take()
        if connection is not None:
            connection.send(exchange, request)
        else:
            exchange.pending = self._loop.create_task(self._send_later(exchange, request))

    def freed(self, connection: Connection) -> None:
        if self.users <= 0 or len(self._idle) >= MAX_IDLE:
            connection.abort()
            return
        connection.idle_since = self._loop.time()
        self._idle[connection] = None
        self._wake()
        if self._sweeper is None:
            self._sweeper = self._loop.call_later(IDLE_SECONDS, self._sweep)

    def lost(self, connection: Connection) -> None:
        self._open.discard(connection)
        self._idle.pop(connection, None)
        self._wake()

    def leave(self) -> None:
        """The last one out closes what is idle."""
        self.users -= 1
        if self.users > 0:
            return
        if self._lanes.get(self.route) is self:
            del self._lanes[self.route]
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        for connection in list(self._idle):
            connection.abort()
        self._idle.clear()

    def _take(self) -> Connection | None:
        while self._idle:
            connection, _ = self._idle.popitem()
            if connection.usable:
                return connection
            connection.abort()
        return None

    async def _send_later(self, exchange: Exchange, request: bytes) -> None:
        try:
            connection = await self._connect()
        except McpctlError as error:
            exchange.pending = None
            exchange.failed(error)
        except Exception as error:  # whatever breaks below, somebody waits for this exchange
            exchange.pending = None
            exchange.failed(BugError(f"no connection could be opened: {error!r}"))
        else:
            exchange.pending = None
            connection.send(exchange, request)

    async def _connect(self) -> Connection:
        while len(self._open) + self._dialing >= MAX_CONNECTIONS:
            await self._turn()
            if (idle := self._take()) is not None:
                return idle
        connection = Connection(self)
        self._dialing += 1
        try:
            await dial(self.route, connection)
        except BaseException:
            connection.abort()
            self._wake()
            raise
        finally:
            self._dialing -= 1
        if not connection.open:
            self._wake()
            raise connection.loss or ConnectError("the connection was closed at once", code="connect.reset")
        self._open.add(connection)
        return connection

    async def _turn(self) -> None:
        waiter = self._loop.create_future()
        self._waiting.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self._wake()
            raise

    def _wake(self) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    def _sweep(self) -> None:
        self._sweeper = None
        expired = self._loop.time() - IDLE_SECONDS
        for connection in list(self._idle):
            if connection.idle_since > expired:
                self._sweeper = self._loop.call_at(connection.idle_since + IDLE_SECONDS, self._sweep)
                return
            del self._idle[connection]
            connection.abort()
