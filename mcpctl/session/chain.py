"""The policies of one server, as one chain in front of every tool call.

fallback > validation > allow, deny, read-only > rate limit > cache > breaker > retry > the call. A link stands in the
chain only where the configuration asks for it; validation always does. What each link does is in `links`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from mcpctl.errors import AuthError, ConnectError, DeadlineError, McpctlError, ProtocolError, UsageError
from mcpctl.model.events import CallFinished, Emit, FellBack
from mcpctl.model.protocol import ToolResult
from mcpctl.model.server import BreakerState, RetrySpec, ServerSpec
from mcpctl.model.value import replace
from mcpctl.session.links import (
    Next,
    breaking,
    caching,
    checking,
    filtering,
    limiting,
    retrying,
    validating,
)
from mcpctl.session.slot import Slot
from mcpctl.session.toolcall import ToolCall, invoke

if TYPE_CHECKING:
    from mcpctl.policy.breaker import Breaker
    from mcpctl.policy.cache import ResultCache

_DEGRADING = (ConnectError, DeadlineError, ProtocolError, AuthError)
"""What makes another server worth asking; a mistake of the caller would be one there too."""


class Chains:
    """One chain for each slot, built when it is first used."""

    def __init__(self, slot_of: Callable[[str], Slot], *, emit: Emit, clock: Callable[[], float]) -> None:
        self._slot_of = slot_of
        self._emit = emit
        self._clock = clock
        self._built: dict[str, Next] = {}
        self._caches: dict[str, ResultCache[ToolResult]] = {}
        self._breakers: dict[str, Breaker] = {}

    def of(self, slot: Slot, fallback: tuple[str, ...]) -> Next:
        """The whole chain, record included. Who stands in is the caller's to say: `@CAPABILITY` adds others."""
        own = self._own(slot)
        whole = self._fallback(own, fallback) if fallback else own
        return self._recorded(whole)

    def breaker(self, spec: ServerSpec) -> BreakerState | None:
        """None where the configuration asks for none; one that was never needed is closed."""
        if spec.breaker is None:
            return None
        return self._breakers[spec.name].state if spec.name in self._breakers else "closed"

    def forget_results(self, server: str) -> None:
        """Another build of a server may answer differently."""
        if server in self._caches:
            self._caches[server].clear()

    def clear_caches(self, pattern: str | None) -> int:
        """Forget the answers of `SERVER.TOOL`s, or of whole `SERVER`s, that a pattern matches; all without one."""
        from fnmatch import fnmatchcase

        def wanted(server: str, tool: str) -> bool:
            return pattern is None or fnmatchcase(server, pattern) or fnmatchcase(f"{server}.{tool}", pattern)

        return sum(cache.clear(partial(wanted, server)) for server, cache in self._caches.items())

    def rebuild(self) -> None:
        """The configuration changed: the next lease gets its policies."""
        self._built.clear()
        self._caches.clear()
        self._breakers.clear()

    def _own(self, slot: Slot) -> Next:
        name = slot.spec.name
        chain = self._built.get(name)
        if chain is None:
            chain = self._built[name] = self._build(slot.spec)
        return chain

    def _build(self, spec: ServerSpec) -> Next:
        """Innermost first."""
        chain: Next = retrying(checking(invoke), spec.retry or RetrySpec(attempts=1), self._emit, self._clock)
        if spec.breaker is not None:
            chain = breaking(chain, spec, self._clock, self._breakers)
        if spec.cache is not None:
            chain = caching(chain, spec, self._clock, self._caches)
        if spec.rate_limit is not None:
            chain = limiting(chain, spec, self._clock)
        if spec.allow_tools is not None or spec.deny_tools or spec.read_only:
            chain = filtering(chain)
        return validating(chain)

    def _fallback(self, primary: Next, others: tuple[str, ...]) -> Next:
        async def link(call: ToolCall) -> ToolResult:
            try:
                return await primary(call)
            except _DEGRADING as error:
                failure: McpctlError = error
            for name in others:
                slot = self._slot_of(name)
                self._emit(FellBack(server=call.slot.spec.name, to=name, reason=failure.message))
                slot.lease(call.handlers)
                try:
                    return await self._own(slot)(replace(call, slot=slot, declared=None, failed=None))
                except _DEGRADING as error:
                    error.related = (*error.related, failure)
                    failure = error
                except UsageError:
                    continue  # it has no such tool, or must not call it: what failed before says more
                finally:
                    slot.release(call.handlers)
            raise failure

        return link

    def _recorded(self, chain: Next) -> Next:
        async def link(call: ToolCall) -> ToolResult:
            began = self._clock()
            result: ToolResult | None = None
            failure: str | None = None
            try:
                result = await chain(call)
            except McpctlError as error:
                failure = error.code
                error.server = error.server or call.slot.spec.name
                raise
            except asyncio.CancelledError:
                failure = "cancelled"
                raise
            else:
                return result
            finally:
                self._emit(_finished(call, result, failure, self._clock() - began))

        return link


def _finished(call: ToolCall, result: ToolResult | None, failure: str | None, seconds: float) -> CallFinished:
    return CallFinished(
        server=(result.served_by if result is not None else None) or call.slot.spec.name,
        tool=call.tool,
        arguments=call.arguments,
        ok=result is not None and not result.is_error,
        seconds=seconds,
        error=failure or ("is_error" if result is not None and result.is_error else None),
        attempts=call.attempts if result is None else result.attempts,
        cached=result is not None and result.cached,
        bytes_in=len(result.raw) if result is not None else 0,
    )
