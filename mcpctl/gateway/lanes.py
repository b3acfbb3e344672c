"""Which process serves which host. A server on stdio has one client by design, so each host that shakes hands gets a
process of its own, and no host ever hears another one's questions; hosts of the stateless era share one.

A server that cannot run twice has one process for all who shake hands.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from mcpctl.errors import ConnectError, McpctlError
from mcpctl.gateway.party import Party
from mcpctl.supervisor.ends import is_occupied
from mcpctl.supervisor.fleet import Fleet
from mcpctl.supervisor.keeper import Keeper

LEFT: Final = "no host is connected"
GREETED_ANEW: Final = "a host connects"


def lanes_of(fleet: Fleet, server: str) -> Lanes:
    """The same for all endpoints of a fleet."""
    lanes: Lanes | None = fleet.lanes.get(server)
    if lanes is None:
        lanes = fleet.lanes[server] = Lanes(fleet, server)
    return lanes


class Lanes:
    def __init__(self, fleet: Fleet, server: str) -> None:
        self._fleet = fleet
        self._server = server
        self._first: Party | None = None
        self._occupied = False
        self._turn = asyncio.Lock()
        self._returns: set[asyncio.Task[None]] = set()

    @property
    def main(self) -> Keeper:
        return self._fleet.keeper(self._server)

    @property
    def alone(self) -> bool:
        """Whether a second process would be in the way of the first."""
        return self._occupied or self.main.alone

    @property
    def shared(self) -> bool:
        """Whether those who shook hands have the only process there can be."""
        return self._first is not None and self._first.shared and self.alone

    async def take(self, *, stateless: bool = False) -> Party:
        """A server that nobody has greeted, or one that several greet. Raises `ConnectError` where there is none."""
        async with self._turn:
            return await self._take(stateless=stateless)

    def give_back_soon(self, party: Party) -> None:
        """For whoever must not wait for calls in flight."""
        task = asyncio.create_task(self.give_back(party))
        self._returns.add(task)
        task.add_done_callback(self._returns.discard)

    async def give_back(self, party: Party) -> None:
        async with self._turn:
            if not party.guests and not party.over:
                with contextlib.suppress(
                    McpctlError
                ):  # the server is configured no longer, or all of them end
                    await self._give_back(party)

    async def _take(self, *, stateless: bool) -> Party:
        if self._first is not None and self._first.slot is not self.main.slot:
            self._first = None  # its server was taken out of the configuration, and is back
        if self._first is None:
            if self.main.slot.live is not None:
                await self.main.ask("rest", GREETED_ANEW)
            self._first = Party(self.main.slot, record=self._fleet.count, shared=not stateless)
            return self._first
        if not self.alone:
            return Party(self._fleet.companion(self._server).slot, record=self._fleet.count)
        if self._first.shared and not stateless:
            return self._first
        raise ConnectError(
            f"the one process of `{self._server}` serves hosts of another version of the protocol",
            code="connect.occupied",
            hint="it cannot run twice: let all hosts speak the same version, or end the others",
            server=self._server,
        )

    async def _give_back(self, party: Party) -> None:
        party.close()
        if party is self._first:
            try:
                await self.main.ask("rest", LEFT)
            finally:
                self._first = None
        else:
            error = party.slot.last_error
            self._occupied = self._occupied or (error is not None and is_occupied(error))
            await self._fleet.dismiss(party.slot.spec.name)
