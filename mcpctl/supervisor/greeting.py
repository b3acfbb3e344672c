"""How servers are greeted that serve whoever comes: with all that a client may offer later."""

from __future__ import annotations

from typing import Final

from mcpctl.model.protocol import JsonObject
from mcpctl.session.handlers import DECLINED, Handlers
from mcpctl.transports.channel import RpcError


async def _refuse(params: JsonObject) -> JsonObject:
    """What a server hears that asks for a model while nobody is there who has one."""
    del params
    raise RpcError(DECLINED, "nobody is there who answers sampling requests")


BROAD: Final = Handlers(sample=_refuse, roots=())
