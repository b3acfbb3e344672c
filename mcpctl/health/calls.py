"""The declared calls of a server, once as canaries and many times as a soak, and how long each took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from mcpctl.errors import McpctlError, ProtocolError, UsageError
from mcpctl.health.blame import blamed
from mcpctl.health.expectations import broken
from mcpctl.health.findings import found
from mcpctl.model.health import Check
from mcpctl.model.health_spec import CanarySpec, HealthSpec
from mcpctl.model.protocol import JsonObject, ToolResult
from mcpctl.session import SILENT, Session
from mcpctl.session.answers import tool_from
from mcpctl.session.schemas import UnusableSchema
from mcpctl.session.slot import Slot
from mcpctl.session.toolcall import ToolCall, invoke


class Calls:
    """Calls past the policies: a probe wants the server's own answer, and no breaker or cache before it."""

    def __init__(
        self, slot: Slot, plan: HealthSpec, clock: Callable[[], float], tools: Sequence[JsonObject]
    ) -> None:
        self._slot = slot
        self._plan = plan
        self._clock = clock
        self._tools = {tool["name"]: tool for tool in reversed(tools)}
        self._canaries = list(zip(_steps(plan.canaries), plan.canaries, strict=True))
        self.samples: list[float] = []
        """Seconds of each answer."""
        self.failed = False

    async def canaries(self) -> list[Check]:
        if not self._plan.canaries:
            said = "no canary is declared"
            hint = "declare a read-only call: `[servers.NAME.health] canary = {tool = …}`"
            return [Check(name="canary", status="skipped", message=said, hint=hint)]
        checks: list[Check] = []
        for step, canary in self._canaries:
            check = await self._checked(step, canary)
            checks.append(check)
            self.failed = self.failed or check.status == "failed"
            if check.code == "H406":
                break  # nobody is left to call
        return checks

    async def soak(self, session: Session) -> list[Check]:
        """The same again and again; without canaries a sign of life is what is asked for."""
        began = self._clock()
        wrong: Counter[str] = Counter()
        rounds = 0
        for _ in range(self._plan.soak):
            rounds += 1
            check = await self._round(session)
            if check is not None:
                wrong[check.message or ""] += 1
                if check.code in ("H207", "H406"):
                    break
        took = (self._clock() - began) * 1000
        if not wrong:
            return [Check(name="soak", status="ok", duration_ms=took, message=f"{rounds} rounds")]
        message, _ = wrong.most_common(1)[0]
        said = f"{wrong.total()} of {rounds} rounds went wrong: {message}"
        return [found("H401", "soak", said, duration_ms=took)]

    async def _round(self, session: Session) -> Check | None:
        if not self._plan.canaries:
            return await self._sign_of_life(session)
        for step, canary in self._canaries:
            check = await self._checked(step, canary)
            if check.status == "failed":
                return check
        return None

    async def _sign_of_life(self, session: Session) -> Check | None:
        live = self._slot.live
        handshake = live is None or live.identity is None or live.identity.era == "handshake"
        began = self._clock()
        try:
            await session.request("ping" if handshake else "server/discover", timeout=self._plan.timeout)
        except McpctlError as error:
            return blamed(error, "soak", kind="ping")
        self.samples.append(self._clock() - began)
        return None

    async def _checked(self, step: str, canary: CanarySpec) -> Check:
        if self._slot.live is None and self._slot.keeper is None and self._slot.last_error is not None:
            return found("H406", step, self._slot.last_error.message)
        began = self._clock()
        try:
            result = await self._result(canary)
        except McpctlError as error:
            took = (self._clock() - began) * 1000
            if isinstance(error, ProtocolError) and error.rpc_code is not None:
                return found("H403", step, error.message, hint=error.hint, duration_ms=took)
            return blamed(error, step, kind="canary", duration_ms=took)
        seconds = self._clock() - began
        self.samples.append(seconds)
        return _judged(canary, result, step, seconds * 1000)

    async def _result(self, canary: CanarySpec) -> ToolResult:
        name = canary.tool
        declared = self._tools.get(name)
        if declared is None:
            raise UsageError(f"there is no tool `{name}`", hint=f"see `mcpctl tools {self._slot.spec.name}`")
        tool = tool_from(declared)
        arguments = dict(canary.arguments)
        try:
            faults = self._slot.checker.faults((name, "input"), tool.input_schema, arguments)
        except UnusableSchema:
            faults = ()  # told by the level before
        if faults:
            raise UsageError(f"the arguments do not fit `{name}`: {faults[0]}")
        call = ToolCall(
            slot=self._slot,
            handlers=SILENT,
            tool=name,
            arguments=arguments,
            timeout=canary.timeout or self._plan.timeout,
            declared=tool,
        )
        return await invoke(call)


def _steps(canaries: Sequence[CanarySpec]) -> list[str]:
    """Names that reports go by: the second canary of a tool gets a number."""
    seen: Counter[str] = Counter()
    steps = []
    for canary in canaries:
        seen[canary.tool] += 1
        number = seen[canary.tool]
        steps.append(f"canary {canary.tool}" if number == 1 else f"canary {canary.tool}#{number}")
    return steps


def _judged(canary: CanarySpec, result: ToolResult, step: str, took: float) -> Check:
    if result.is_error != canary.expect.is_error:
        from mcpctl.health.expectations import text_of

        words = text_of(result).strip().partition("\n")[0][:200]
        said = f"the tool says that it failed: {words}" if result.is_error else "the tool did not fail"
        return found("H402", step, said, duration_ms=took)
    fault = broken(canary.expect, result)
    if fault is not None:
        return found("H401", step, fault, duration_ms=took)
    if result.schema_faults:
        return found("H405", step, result.schema_faults[0], duration_ms=took)
    return Check(name=step, status="ok", duration_ms=took)
