"""Which process serves which host. A server on stdio has one client by design, so each host that shakes hands gets a
process of its own, and no host ever hears another one's questions; hosts of the stateless era share one.
"""

from __future__ import annotations

from typing import Final

from mcpctl.errors import ConnectError
from mcpctl.session.slot import Slot
from mcpctl.supervisor.fleet import Fleet
from mcpctl.supervisor.keeper import Keeper

LEFT: Final = "no host is connected"
GREETED_ANEW: Final = "a host connects"


class Lanes:
    def __init__(self, fleet: Fleet, server: str) -> None:
        self._fleet = fleet
        self._server = server
        self._taken = False

    @property
    def main(self) -> Keeper:
        return self._fleet.keeper(self._server)

    async def take(self) -> Slot:
        """A server that nobody has greeted. Raises `ConnectError` where there can be no other one."""
        if not self._taken:
            self._taken = True
            if self.main.slot.live is not None:
                await self.main.ask("rest", GREETED_ANEW)
            return self.main.slot
        spec = self.main.slot.spec
        if spec.reload == "restart":
            raise ConnectError(
                f'`{self._server}` serves one host at a time: `reload = "restart"` says that it cannot run twice',
                code="connect.occupied",
                hint="end the other session, or use a host of the stateless protocol",
                server=self._server,
            )
        return self._fleet.companion(self._server).slot

    async def give_back(self, slot: Slot) -> None:
        if slot is self.main.slot:
            await self.main.ask("rest", LEFT)
            self._taken = False
        else:
            await self._fleet.dismiss(slot.spec.name)
