"""Keeps one server running: one task owns it, takes orders one after the other, and acts as the machine decides.

Calls wait here while there is nothing to call, and are told why once waiting makes no sense.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context
from typing import Final

from mcpctl.errors import ConnectError, DeadlineError, McpctlError
from mcpctl.model.duration import format_duration
from mcpctl.model.events import Emit, Noticed
from mcpctl.model.protocol import Listing
from mcpctl.model.world import World
from mcpctl.policy.hysteresis import HealthState, HysteresisSpec
from mcpctl.policy.intensity import ELSEWHERE
from mcpctl.session.connection import Connection
from mcpctl.session.slot import Slot
from mcpctl.supervisor.charge import Charge
from mcpctl.supervisor.greeting import BROAD
from mcpctl.supervisor.machine import Machine
from mcpctl.supervisor.orders import Kind, Order, Orders
from mcpctl.supervisor.reloading import Reload
from mcpctl.wire.peer import renewed

HOLD_LIMIT: Final = 60.0
"""Seconds that a call waits for a server that is being restarted; as long as a call may take."""

RESTART_DRAIN: Final = 10.0
"""Seconds that calls in flight have when a person asks for a restart or a stop."""

LONG_ENOUGH: Final = 10
"""Good calls in a row after which no more of them can change what is thought of a server."""


class Keeper(Charge):
    def __init__(
        self,
        slot: Slot,
        world: World,
        *,
        emit: Emit,
        machine: Machine | None = None,
        processes_changed: Callable[[], None] = lambda: None,
        renewed: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`renewed` is told the name of a server that another build took over."""
        super().__init__(
            slot,
            world,
            machine or Machine(world.clock, world.now, intensity=None if slot.spec.command else ELSEWHERE),
            emit=emit,
            processes_changed=processes_changed,
            renewed=renewed,
        )
        self._health = HealthState(HysteresisSpec(), world.clock)
        self._orders = Orders()
        self._change = asyncio.Event()
        self._waiters = 0
        self._well = 0
        self._barred = False
        self._closed = False
        self._timer: asyncio.TimerHandle | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._acting: asyncio.Task[None] | None = None
        self._reload = Reload(self)
        slot.keeper = self
        slot.lease(BROAD)
        # Whoever makes it is not whom it works for: what happens later is not told to that one.
        self._owner = asyncio.create_task(self._own(), name=f"keep {slot.spec.name}", context=Context())

    @property
    def alone(self) -> bool:
        """Whether a second process would be in the way of the first."""
        return self._reload.alone

    # -- for callers -----------------------------------------------------------------------------------------------

    async def connection(self) -> Connection:
        """The connection to call, as soon as there is one."""
        failures = self.failed_starts
        self._waiters += 1
        try:
            async with asyncio.timeout(HOLD_LIMIT):
                return await self._ready(failures)
        except TimeoutError as error:
            raise DeadlineError(
                f"`{self.name}` was not ready within {HOLD_LIMIT:g} s: {self.machine.reason or self.machine.state}",
                step="start",
                limit=HOLD_LIMIT,
                server=self.name,
                hint=f"see why: `mcpctl logs {self.name}`",
            ) from error
        finally:
            self._waiters -= 1

    async def rest(self) -> None:
        """End the server; the next call starts it."""
        await self.ask("rest", "somebody begins anew with it")

    def released(self) -> None:
        """Somebody has let go of it: the time that nobody uses it begins."""
        self._await_idleness()

    def observed(self, *, ok: bool, code: str | None) -> None:
        """How a call went. A server that lives but does not answer properly is degraded."""
        sick = not ok and code is not None and code.startswith(("deadline.", "protocol.malformed"))
        self._well = 0 if sick else self._well + 1
        if self._well > LONG_ENOUGH:  # nearly every call there ever is
            return
        change = self._health.observe("degraded" if sick else "healthy", reason=code or "")
        if change is None:
            return
        before = self.machine.state
        if change.after == "degraded":
            self.machine.degraded(f"its last calls failed with `{code}`")
        else:
            self.machine.recovered()
        if self.machine.state != before:
            self.tell(before)

    # -- orders ----------------------------------------------------------------------------------------------------

    async def ask(self, kind: Kind, reason: str) -> None:
        """Have an order carried out, and wait for that. A stop and a restart take the place of all that was ordered."""
        order = Order(kind=kind, reason=reason)
        if kind not in ("stop", "restart"):
            order = self._orders.post(order)
        else:
            self._orders.overrule(order)
            if self._acting is not None:
                self._acting.cancel()
        await asyncio.shield(order.done)

    def reload_soon(self, reason: str) -> asyncio.Future[None]:
        """At most one reload waits, however often this is said while one goes on."""
        return self._orders.post(Order(kind="reload", reason=reason)).done

    async def aclose(self) -> None:
        """End the server in bounded time, with all its older builds."""
        for timer in (self._timer, self._idle):
            if timer is not None:
                timer.cancel()
        self._closed = True
        self._orders.close()
        self._owner.cancel()
        self.wake_waiters()
        await asyncio.gather(self._owner, return_exceptions=True)
        await self.end_all()

    # -- the owner -------------------------------------------------------------------------------------------------

    async def _own(self) -> None:
        actions = {
            "start": self._start,
            "stop": self._stop,
            "rest": self._stop,
            "restart": self._restart,
            "reload": self._reloaded,
            "lost": self._lost,
        }
        try:
            while True:
                order = await self._orders.next()
                self._acting = asyncio.create_task(
                    actions[order.kind](order), name=f"{order.kind} {self.name}"
                )
                try:
                    await asyncio.wait({self._acting})
                finally:
                    order.settle()
                self._finish(self._acting)
        finally:
            if self._acting is not None:
                self._acting.cancel()
                await asyncio.gather(self._acting, return_exceptions=True)

    def _finish(self, acting: asyncio.Task[None]) -> None:
        self._acting = None
        self.slot.held = False
        if not acting.cancelled() and (error := acting.exception()) is not None:
            self.emit(Noticed(server=self.name, message=f"`{self.name}` could not be kept: {error}"))
        self.wake_waiters()

    async def _start(self, order: Order) -> None:
        self._barred = False
        if self.machine.state == "failed":
            self.machine.cleared()
        if self.slot.live is None:
            await self.bring_up(order.reason)

    async def _stop(self, order: Order) -> None:
        self._cancel_timer()
        self._barred = self._barred or order.kind == "stop"
        self.awaiting_fix = False
        before = self.machine.state
        if self.current is not None:
            self.slot.held = True
            self.machine.draining(order.reason)
            before = self.tell(before)
            await self.close_current(RESTART_DRAIN)
        self.machine.stopped(order.reason)
        self.tell(before)

    async def _restart(self, order: Order) -> None:
        self.machine.cleared()
        self._cancel_timer()
        self._barred = False
        await self._reload.gently(order.reason, drain=RESTART_DRAIN, of_code=False)

    async def _reloaded(self, order: Order) -> None:
        if self._barred:
            return
        self.machine.cleared()
        self._cancel_timer()
        if self.slot.live is None:
            await self.bring_up(order.reason)
        else:
            await self._reload.run(order.reason)

    async def _lost(self, order: Order) -> None:
        if order.connection is not self.current or self.current is None:
            return
        connection, self.current = self.current, None
        await self.bury(connection)
        assert order.error is not None
        self.died(order.error, needed=bool(self._waiters) or self.slot.spec.lifecycle != "lazy")

    # -- for those acts --------------------------------------------------------------------------------------------

    def lost(self, connection: Connection, error: McpctlError) -> None:
        self._orders.urge(Order(kind="lost", reason=error.message, connection=connection, error=error))

    def start_after(self, pause: float, reason: str) -> None:
        again = Order(kind="start", reason=reason)
        self._timer = asyncio.get_running_loop().call_later(pause, self._orders.post, again)

    def install(self, connection: Connection, listing: Listing | None = None) -> None:
        self._health.clear()
        self._well = 0
        super().install(connection, listing)
        self._await_idleness()

    def wake_waiters(self) -> None:
        self._change.set()

    # -- details ---------------------------------------------------------------------------------------------------

    async def _ready(self, failures: int) -> Connection:
        while True:
            live = self.slot.live
            if live is not None and not self.slot.held:
                return live
            self._refuse_if_hopeless(failures)
            state = self.machine.state
            if state == "stopped" or (state == "backoff" and not self.slot.spec.command):
                self._orders.post(Order(kind="start", reason="somebody calls it"))
            self._change.clear()
            await self._change.wait()

    def _refuse_if_hopeless(self, failures: int) -> None:
        state = self.machine.state
        if self._closed:
            raise ConnectError(
                f"`{self.name}` is kept no longer", code="connect.stopped", kind="stopped", server=self.name
            )
        if state == "stopped" and self._barred:
            raise ConnectError(
                f"`{self.name}` was stopped: {self.machine.reason}",
                code="connect.stopped",
                kind="stopped",
                hint=f"start it again: `mcpctl restart {self.name}`",
                server=self.name,
            )
        if self.awaiting_fix or not (state == "failed" or self.failed_starts > failures):
            return
        last = self.slot.last_error
        if last is None:
            raise ConnectError(
                f"`{self.name}` failed: {self.machine.reason}", code="connect.failed", server=self.name
            )
        raise renewed(last)

    def _await_idleness(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        limit = self.slot.spec.idle_timeout
        if limit is not None and self.current is not None:
            self._idle = asyncio.get_running_loop().call_later(limit, self._rest_if_idle, limit)

    def _rest_if_idle(self, limit: float) -> None:
        """The keeper holds a lease itself; whoever has another one starts this anew by giving it back."""
        if self.slot.leases <= 1 and not self._waiters and self.machine.serves:
            self._orders.post(Order(kind="rest", reason=f"nobody has called it for {format_duration(limit)}"))

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
