"""The policies of one server, as one chain in front of every tool call.

fallback > validation > allow, deny, read-only > rate limit > cache > breaker > retry > the call. A link stands in the
chain only where the configuration asks for it; validation always does. Policies decide, this module waits and raises.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from mcpctl.errors import AuthError, ConnectError, DeadlineError, McpctlError, ProtocolError, UsageError
from mcpctl.model.events import CallFinished, Emit, FellBack, Retried
from mcpctl.model.protocol import ToolResult
from mcpctl.model.server import RetrySpec, ServerSpec
from mcpctl.session.schemas import Fault, UnusableSchema
from mcpctl.session.slot import Slot
from mcpctl.session.toolcall import ToolCall, invoke

if TYPE_CHECKING:
    from mcpctl.policy.cache import ResultCache

Next = Callable[[ToolCall], Awaitable[ToolResult]]

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

    def of(self, slot: Slot, fallback: tuple[str, ...]) -> Next:
        """The whole chain, record included. Who stands in is the caller's to say: `@CAPABILITY` adds others."""
        own = self._own(slot)
        whole = self._fallback(own, fallback) if fallback else own
        return self._recorded(whole)

    def forget_results(self, server: str) -> None:
        """Another build of a server may answer differently."""
        if server in self._caches:
            self._caches[server].clear()

    def rebuild(self) -> None:
        """The configuration changed: the next lease gets its policies."""
        self._built.clear()
        self._caches.clear()

    def _own(self, slot: Slot) -> Next:
        name = slot.spec.name
        chain = self._built.get(name)
        if chain is None:
            chain = self._built[name] = self._build(slot.spec)
        return chain

    def _build(self, spec: ServerSpec) -> Next:
        """Innermost first."""
        chain: Next = _retry(invoke, spec.retry or RetrySpec(attempts=1), self._emit, self._clock)
        if spec.breaker is not None:
            chain = _breaker(chain, spec, self._clock)
        if spec.cache is not None:
            chain = _cache(chain, spec, self._clock, self._caches)
        if spec.rate_limit is not None:
            chain = _rate_limit(chain, spec, self._clock)
        if spec.allow_tools is not None or spec.deny_tools or spec.read_only:
            chain = _tool_filter(chain)
        return _validation(chain)

    def _fallback(self, primary: Next, others: tuple[str, ...]) -> Next:
        async def link(call: ToolCall) -> ToolResult:
            try:
                return await primary(call)
            except _DEGRADING as error:
                failure: McpctlError = error
            for name in others:
                slot = self._slot_of(name)
                self._emit(FellBack(server=call.slot.spec.name, to=name, reason=failure.message))
                try:
                    return await self._own(slot)(replace(call, slot=slot, declared=None))
                except _DEGRADING as error:
                    error.related = (*error.related, failure)
                    failure = error
                except UsageError:
                    continue  # it has no such tool, or must not call it: what failed before says more
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


def _validation(chain: Next) -> Next:
    async def link(call: ToolCall) -> ToolResult:
        if not call.validate:
            return await chain(call)
        declared = call.declared = await call.slot.tool(call.tool, call.handlers)
        try:
            faults = call.slot.checker.faults((call.tool, "input"), declared.input_schema, call.arguments)
        except UnusableSchema:
            faults = ()  # the server's own mistake; `health` and `audit` name it, the server may still answer
        if faults:
            raise _refused(call, faults)
        return await chain(call)

    return link


def _refused(call: ToolCall, faults: tuple[Fault, ...]) -> UsageError:
    return UsageError(
        f"the arguments do not fit tool `{call.tool}`: {faults[0]}",
        code="usage.arguments",
        server=call.slot.spec.name,
        hint=f"see its arguments: `mcpctl tools {call.slot.spec.name} {call.tool}`",
        related=[UsageError(str(fault), code="usage.arguments") for fault in faults[1:]],
    )


def _tool_filter(chain: Next) -> Next:
    from mcpctl.policy.toolfilter import decide

    async def link(call: ToolCall) -> ToolResult:
        spec = call.slot.spec
        if call.declared is None and spec.read_only:
            call.declared = await call.slot.tool(call.tool, call.handlers)
        decision = decide(spec, call.tool, call.declared)
        if not decision.allowed:
            raise UsageError(
                f"the configuration of `{spec.name}` forbids tool `{call.tool}`: {decision.rule}",
                code="usage.denied",
                hint="change `allow_tools`, `deny_tools` or `read_only` of this server",
                server=spec.name,
            )
        return await chain(call)

    return link


def _rate_limit(chain: Next, spec: ServerSpec, clock: Callable[[], float]) -> Next:
    from mcpctl.policy.rate import RateLimiter

    assert spec.rate_limit is not None
    limiter = RateLimiter(spec.rate_limit, clock)

    async def link(call: ToolCall) -> ToolResult:
        decision = limiter.acquire(call.tool)
        if not decision.allowed:
            raise _held_back(
                "rate_limited", f"the rate limit of `{spec.name}` is used up", decision.retry_after, spec
            )
        if decision.wait:
            await asyncio.sleep(decision.wait)
        return await chain(call)

    return link


def _cache(
    chain: Next,
    spec: ServerSpec,
    clock: Callable[[], float],
    caches: dict[str, ResultCache[ToolResult]],
) -> Next:
    from mcpctl.policy.cache import ResultCache, key_of

    assert spec.cache is not None
    cache = caches[spec.name] = ResultCache(spec.cache, clock)

    async def link(call: ToolCall) -> ToolResult:
        if not call.use_cache or cache.lifetime(call.tool) is None:
            return await chain(call)
        key = key_of(spec.name, call.tool, call.arguments)
        kept = cache.get(key)
        if kept is not None:
            return replace(kept, cached=True, attempts=0, duration=0.0)
        epoch = cache.epoch
        result = await chain(call)
        if not result.is_error:
            cache.put(key, result, size=len(result.raw), epoch=epoch)
        return result

    return link


def _breaker(chain: Next, spec: ServerSpec, clock: Callable[[], float]) -> Next:
    from mcpctl.policy.breaker import Breaker, is_outage

    assert spec.breaker is not None
    breaker = Breaker(spec.breaker, clock)

    async def link(call: ToolCall) -> ToolResult:
        decision = breaker.admit()
        if not decision.allowed:
            said = f"`{spec.name}` failed too often and is left alone for a while"
            raise _held_back("breaker_open", said, decision.retry_after, spec)
        try:
            result = await chain(call)
        except McpctlError as error:
            if is_outage(error):
                breaker.failed(decision.ticket)
            else:
                breaker.succeeded(decision.ticket)
            raise
        except BaseException:
            breaker.abandoned(decision.ticket)
            raise
        breaker.succeeded(decision.ticket)
        return result

    return link


def _retry(chain: Next, spec: RetrySpec, emit: Emit, clock: Callable[[], float]) -> Next:
    from mcpctl.policy.backoff import pause_before_retry

    async def link(call: ToolCall) -> ToolResult:
        allowed = spec if call.retries is None else replace(spec, attempts=call.retries + 1)
        began, before = clock(), call.attempts
        while True:
            try:
                return await chain(call)
            except McpctlError as error:
                pause = pause_before_retry(
                    error,
                    allowed,
                    attempt=call.attempts - before,
                    idempotent=call.declared is not None and call.declared.idempotent,
                    random=random.random,
                    remaining=None if call.within is None else call.within - (clock() - began),
                )
                if pause is None:
                    raise
                emit(
                    Retried(
                        server=call.slot.spec.name, attempt=call.attempts, reason=error.message, delay=pause
                    )
                )
                await asyncio.sleep(pause)

    return link


def _held_back(code: str, message: str, retry_after: float | None, spec: ServerSpec) -> ConnectError:
    after = f"; next try in {retry_after:.3g} s" if retry_after is not None else ""
    return ConnectError(
        message + after, code=f"policy.{code}", kind=code, retry_after=retry_after, server=spec.name
    )
