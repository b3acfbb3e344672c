"""The links of the policy chain: each wraps the next, asks its policy, and does the waiting and raising itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from mcpctl.errors import ConnectError, McpctlError
from mcpctl.model.events import Emit
from mcpctl.model.protocol import ToolResult
from mcpctl.model.server import RetrySpec, ServerSpec
from mcpctl.model.value import replace
from mcpctl.session.attempts import Attempts
from mcpctl.session.schemas import UnusableSchema
from mcpctl.session.toolcall import ToolCall

if TYPE_CHECKING:
    from mcpctl.policy.breaker import Breaker
    from mcpctl.policy.cache import ResultCache

Next = Callable[[ToolCall], Awaitable[ToolResult]]


def validating(chain: Next) -> Next:
    """Refuse what does not fit before it costs anything; a tool that nobody has listed yet is left to `checking`."""

    async def link(call: ToolCall) -> ToolResult:
        if call.validate and call.slot.knows(call.tool):
            await _check(call)
        return await chain(call)

    return link


def checking(chain: Next) -> Next:
    """The last look before the call is sent. It may start the server, so it stands behind the breaker and retries."""

    async def link(call: ToolCall) -> ToolResult:
        call.attempts += 1
        call.raise_failure()
        if call.validate and call.declared is None:
            await _check(call)
        return await chain(call)

    return link


async def _check(call: ToolCall) -> None:
    declared = call.declared = await call.slot.tool(call.tool, call.handlers)
    try:
        faults = call.slot.checker.faults((call.tool, "input"), declared.input_schema, call.arguments)
    except UnusableSchema:
        return  # the server's own mistake, which `health` names; it may still answer
    if faults:
        from mcpctl.session.refusals import misfit

        raise misfit(call.tool, faults, server=call.slot.spec.name)


def filtering(chain: Next) -> Next:
    from mcpctl.policy.toolfilter import decide

    async def link(call: ToolCall) -> ToolResult:
        spec = call.slot.spec
        if call.declared is None and spec.read_only:
            call.raise_failure()
            call.declared = await call.slot.tool(call.tool, call.handlers)
        decision = decide(spec, call.tool, call.declared)
        if not decision.allowed:
            from mcpctl.session.refusals import forbidden

            raise forbidden(call.tool, decision.rule, server=spec.name)
        return await chain(call)

    return link


def limiting(chain: Next, spec: ServerSpec, clock: Callable[[], float]) -> Next:
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


def caching(
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


def breaking(chain: Next, spec: ServerSpec, clock: Callable[[], float], breakers: dict[str, Breaker]) -> Next:
    from mcpctl.policy.breaker import Breaker, is_outage

    assert spec.breaker is not None
    breaker = breakers[spec.name] = Breaker(spec.breaker, clock)

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


def retrying(chain: Next, spec: RetrySpec, emit: Emit, clock: Callable[[], float]) -> Next:
    async def link(call: ToolCall) -> ToolResult:
        allowed = spec if call.retries is None else replace(spec, attempts=call.retries + 1)
        attempts = Attempts(allowed, server=call.slot.spec.name, emit=emit, clock=clock, within=call.within)
        return await attempts.of(
            lambda: chain(call),
            repeatable=lambda: not call.sent or (call.declared is not None and call.declared.idempotent),
        )

    return link


def _held_back(code: str, message: str, retry_after: float | None, spec: ServerSpec) -> ConnectError:
    after = f"; next try in {retry_after:.3g} s" if retry_after is not None else ""
    return ConnectError(
        message + after, code=f"policy.{code}", kind=code, retry_after=retry_after, server=spec.name
    )
