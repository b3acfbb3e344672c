"""What a verb holds while it talks to a server: every operation of the protocol, in both eras, each with a deadline.

Connecting is left to the first operation, so that a fallback can step in for a server that does not even start.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from mcpctl.errors import ConnectError, McpctlError
from mcpctl.model.protocol import Identity, JsonObject, Listing, Tool, ToolResult
from mcpctl.model.server import ServerSpec
from mcpctl.model.value import replace
from mcpctl.session.answers import LONG, as_object, tool_from
from mcpctl.session.handlers import Handlers, OnProgress
from mcpctl.session.naming import blaming
from mcpctl.session.rounds import until_complete
from mcpctl.session.slot import Slot
from mcpctl.session.subscription import Accepted, follow
from mcpctl.session.toolcall import ToolCall, call_limit
from mcpctl.transports.channel import ChannelFacts

Done = TypeVar("Done")
Chain = Callable[[ToolCall], Awaitable[ToolResult]]


class Session:
    def __init__(self, slot: Slot, handlers: Handlers, chain: Chain) -> None:
        self._slot = slot
        self._handlers = handlers
        self._chain = chain

    @property
    def name(self) -> str:
        return self._slot.spec.name

    @property
    def spec(self) -> ServerSpec:
        return self._slot.spec

    async def connect(self) -> Identity:
        connection = await self._slot.connection(self._handlers)
        assert connection.identity is not None
        return connection.identity

    async def facts(self) -> ChannelFacts:
        return (await self._slot.connection(self._handlers)).channel.facts

    @property
    def live_facts(self) -> ChannelFacts | None:
        """The same of the connection that is there; none is made for it."""
        live = self._slot.live
        return None if live is None else live.channel.facts

    async def list(self, method: str) -> Listing:
        """All pages of `tools/list`, `resources/list`, `resources/templates/list` or `prompts/list`."""
        return await _anew(lambda: self._slot.list(method, self._handlers))

    async def tools(self) -> tuple[Tool, ...]:
        return tuple(tool_from(item) for item in (await self.list("tools/list")).items)

    async def tool(self, name: str) -> Tool:
        """The declaration of one tool; an unknown name is the user's mistake, and the nearest ones are offered."""
        return await _anew(lambda: self._slot.tool(name, self._handlers))

    async def call_tool(
        self,
        name: str,
        arguments: JsonObject | None = None,
        *,
        timeout: float | None = None,
        within: float | None = None,
        on_progress: OnProgress | None = None,
        validate: bool = True,
        use_cache: bool = True,
        retries: int | None = None,
        spare: bool = False,
        failed: McpctlError | None = None,
    ) -> ToolResult:
        """Call a tool through the policy chain. A tool that says it failed is a result, not an error.

        With `spare`, texts of more than `LONG` bytes are UTF-8, which may take a quarter of the memory. `failed` is
        why the server could not be asked just now: it counts as the first attempt.
        """
        call = ToolCall(
            slot=self._slot,
            handlers=self._handlers,
            tool=name,
            arguments=arguments or {},
            timeout=timeout,
            within=within,
            on_progress=on_progress,
            validate=validate,
            use_cache=use_cache,
            retries=retries,
            failed=failed,
        )
        result = await self._chain(call)
        if spare or len(result.raw) <= LONG:
            return result
        return replace(result, content=tuple(as_object(result.raw, "tools/call").get("content", ())))

    async def read_resource(self, uri: str, *, timeout: float | None = None) -> JsonObject:
        return await self._complete("resources/read", {"uri": uri}, timeout)

    async def get_prompt(
        self, name: str, arguments: dict[str, str] | None = None, *, timeout: float | None = None
    ) -> JsonObject:
        return await self._complete("prompts/get", {"name": name, "arguments": arguments or {}}, timeout)

    async def complete(
        self, reference: JsonObject, argument: str, prefix: str, *, known: dict[str, str] | None = None
    ) -> JsonObject:
        """Values that the server proposes for an argument of a prompt or template."""
        params: JsonObject = {"ref": reference, "argument": {"name": argument, "value": prefix}}
        if known:
            params["context"] = {"arguments": known}
        with blaming(self.name):
            return as_object(await self.request("completion/complete", params), "completion/complete")

    async def request(
        self,
        method: str,
        params: JsonObject | None = None,
        *,
        timeout: float | None = None,
        on_progress: OnProgress | None = None,
    ) -> bytes:
        """Any request; the JSON text of its result as it came."""
        limit = call_limit(self._slot.spec, timeout)

        async def ask() -> bytes:
            connection = await self._slot.connection(self._handlers)
            return await connection.request(method, params, timeout=limit, on_progress=on_progress)

        with blaming(self.name):
            return await _anew(ask)

    async def follow(self, uris: tuple[str, ...], accepted: Accepted) -> None:
        """Hear of changes until the server ends it; see `subscription.follow`. A newer build is followed too."""
        while True:
            connection = await self._slot.connection(self._handlers)
            try:
                with blaming(self.name):
                    return await follow(connection, uris, accepted)
            except ConnectError as error:
                # A build that is replaced may be gone before the next one is there.
                if error.kind != "replaced" and self._slot.live in (None, connection):
                    raise

    async def discard(self) -> None:
        """Drop the connection; the next operation makes a new one."""
        await self._slot.discard()

    async def _complete(self, method: str, params: JsonObject, timeout: float | None) -> JsonObject:
        async def send(params: JsonObject) -> JsonObject:
            return as_object(await self.request(method, params, timeout=timeout), method)

        with blaming(self.name):
            return await until_complete(send, params, self._handlers)


async def _anew(ask: Callable[[], Awaitable[Done]]) -> Done:
    """A server that no longer knew the session has not touched what it was asked."""
    try:
        return await ask()
    except ConnectError as error:
        if error.code != "connect.session_lost":
            raise
    return await ask()
