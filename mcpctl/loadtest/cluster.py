"""Generators on a cluster of dask.distributed: a scheduler that runs somewhere, or one made for the occasion (`local`).

The engine runs as a coroutine on each worker's own event loop; workers need mcpctl installed and one thread each. What
they measure comes back each second over the scheduler, and in full at the end.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any
from uuid import uuid4

from mcpctl.errors import BugError, ConnectError, McpctlError, UsageError
from mcpctl.loadtest.engine import Ended, Engine, Progress
from mcpctl.loadtest.messages import Beat, beat_from, beat_line, error_from, error_line, line, result_line
from mcpctl.loadtest.plan import Plan, plan_from, plan_to_json, shard_of
from mcpctl.loadtest.results import Run, merged
from mcpctl.loadtest.stored import run_from_json

LOCAL = "local"

_NOTICE = 0.5
"""Seconds between the word to begin and the beginning: enough to cross a network."""

_PARTING = 3.0
"""Seconds that workers have to hand over what they measured once they were told to stop."""

_CONNECT = 5.0
"""Seconds to reach a scheduler and to see its first worker."""

_ROLL_CALL = 1.0
"""Seconds between two looks at who is still there."""


@asynccontextmanager
async def joined(address: str) -> AsyncIterator[Cluster]:
    """Raises `UsageError` without the extra, `ConnectError` without a scheduler or workers."""
    distributed = _distributed()
    if address == LOCAL:
        made = distributed.LocalCluster(threads_per_worker=1, asynchronous=True, dashboard_address=None)
        async with made as cluster, distributed.Client(cluster, asynchronous=True) as client:
            yield await _counted(client, address)
        return
    try:
        client = await distributed.Client(address, asynchronous=True, timeout=_CONNECT)
    except (OSError, TimeoutError, ValueError) as error:
        raise ConnectError(
            f"there is no scheduler at `{address}`",
            code="connect.cluster",
            hint="start one with `dask scheduler`, or use `--cluster local`",
        ) from error
    async with client:
        yield await _counted(client, address)


class Cluster:
    """All workers that were there when it was joined."""

    def __init__(self, client: Any, addresses: list[str]) -> None:
        self.count = len(addresses)
        self._tools = _distributed()
        self._client = client
        self._addresses = addresses
        self._name = ""
        self._futures: list[Any] = []
        self._ready: set[int] = set()
        self._gone: set[int] = set()
        self._on_beat: Callable[[int, Beat], None] = _unheard

    async def run(self, plan: Plan, on_beat: Callable[[int, Beat], None]) -> Run:
        self._name = f"mcpctl-{uuid4().hex}"
        self._on_beat = on_beat
        self._ready, self._gone = set(), set()
        self._client.subscribe_topic(self._name, self._hear)
        self._futures = [
            self._client.submit(
                generate,
                plan_to_json(shard_of(plan, number, self.count)),
                self._name,
                number,
                workers=[address],
                allow_other_workers=False,
                pure=False,
                retries=0,
            )
            for number, address in enumerate(self._addresses)
        ]
        await self._until(lambda: len(self._ready) + self._done() >= self.count)
        at = plan.start_at if plan.start_at is not None else time.time() + _NOTICE
        await self._tools.Variable(_begin(self._name)).set(at)
        await self._until(lambda: bool(self._gone) or self._done() >= self.count)
        return await self.stop()

    async def stop(self, ended: Ended = "interrupted") -> Run:
        await self._tools.Event(_stop(self._name)).set()
        await self._tools.Variable(_begin(self._name)).set(0.0)
        deadline = time.monotonic() + _PARTING
        await self._until(lambda: self._done() >= self.count - len(self._gone) or time.monotonic() > deadline)
        self._client.unsubscribe_topic(self._name)
        whole = await self._collected()
        if whole.ended == "interrupted":
            whole.ended = ended
        return whole

    async def _until(self, settled: Callable[[], bool]) -> None:
        looked = time.monotonic()
        while not settled():
            await asyncio.sleep(0.02)
            if time.monotonic() - looked > _ROLL_CALL:
                looked = time.monotonic()
                present = await _workers(self._client)
                self._gone |= {
                    number for number, address in enumerate(self._addresses) if address not in present
                }

    def _done(self) -> int:
        return sum(future.status in {"finished", "error", "cancelled", "lost"} for future in self._futures)

    async def _collected(self) -> Run:
        runs: list[Run] = []
        dead: list[str] = []
        failure: McpctlError | None = None
        for number, future in enumerate(self._futures):
            address = self._addresses[number]
            if future.status != "finished":
                dead.append(f"worker {address}")
                await future.cancel()
                continue
            answer = json.loads(await future)
            if answer["type"] == "result":
                runs.append(run_from_json(answer["run"]))
            else:
                failure = error_from(answer)
                dead.append(f"worker {address} ({failure.message})")
        if not runs:
            raise failure or ConnectError("no worker of the cluster answered", code="connect.cluster")
        whole = merged(runs)
        whole.dead += dead
        return whole

    def _hear(self, event: tuple[float, Any]) -> None:
        message = json.loads(event[1]["line"])
        number = event[1]["number"]
        if message["type"] == "ready":
            self._ready.add(number)
        else:
            self._on_beat(number, beat_from(message))


async def generate(plan: Any, name: str, number: int) -> str:
    """Runs on a worker, on its event loop; the last message as text."""
    distributed = _distributed()
    worker = distributed.get_worker()

    def say(text: bytes) -> None:
        worker.log_event(name, {"number": number, "line": text.decode()})

    def heard(progress: Progress) -> None:
        say(beat_line(progress))

    async def gate() -> float:
        say(line("ready"))
        begin: float = await distributed.Variable(_begin(name)).get()
        return begin

    engine = Engine(plan_from(plan), heard=heard, gate=gate)

    async def stop_when_told() -> None:
        await distributed.Event(_stop(name)).wait()
        engine.stop()

    stopping = asyncio.ensure_future(stop_when_told())
    try:
        return result_line(await engine.run()).decode()
    except McpctlError as error:
        return error_line(error).decode()
    except Exception as error:  # the other side must hear of it in any case
        return error_line(BugError(f"a generator failed with {type(error).__name__}: {error}")).decode()
    finally:
        stopping.cancel()
        await engine.aclose()


def _distributed() -> Any:
    try:
        return import_module("distributed")
    except ImportError as error:
        raise UsageError(
            "`--cluster` needs the package `distributed`",
            code="usage.extra",
            hint="install it: `pip install 'mcpctl-toolkit[cluster]'`",
        ) from error


async def _counted(client: Any, address: str) -> Cluster:
    try:
        async with asyncio.timeout(_CONNECT):
            await client.wait_for_workers(1)
    except TimeoutError as error:
        raise ConnectError(
            f"the scheduler at `{address}` has no workers",
            code="connect.cluster",
            hint="start some with `dask worker --nthreads 1`",
        ) from error
    return Cluster(client, sorted(await _workers(client)))


async def _workers(client: Any) -> set[str]:
    identity = await client.scheduler.identity(n_workers=-1)
    return set(identity["workers"])


def _begin(name: str) -> str:
    return f"{name}-begin"


def _stop(name: str) -> str:
    return f"{name}-stop"


def _unheard(number: int, beat: Beat) -> None:
    del number, beat
