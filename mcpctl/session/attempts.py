"""One piece of work tried as often as its retries allow: counted, announced and waited for in one place.

Whether there is another attempt, and when, is the policy's to say.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from mcpctl.errors import McpctlError
from mcpctl.model.events import Emit, Retried
from mcpctl.model.server import RetrySpec

Done = TypeVar("Done")


class Attempts:
    def __init__(
        self,
        allowed: RetrySpec,
        *,
        server: str,
        emit: Emit,
        clock: Callable[[], float],
        within: float | None,
    ) -> None:
        """`within` so many seconds from now everything has to be over."""
        self._allowed = allowed
        self._server = server
        self._emit = emit
        self._clock = clock
        self._within = within
        self._began = clock()
        self.failed = 0

    @property
    def left(self) -> int:
        """Retries that may still be made."""
        return self._allowed.attempts - 1 - self.failed

    async def of(
        self, step: Callable[[], Awaitable[Done]], *, repeatable: Callable[[], bool] = lambda: True
    ) -> Done:
        """`repeatable` tells of the attempt that has just failed whether it did nothing that must not happen twice."""
        while True:
            try:
                return await step()
            except McpctlError as error:
                pause = self._pause(error, repeatable=repeatable())
                if pause is None:
                    raise
                self.failed += 1
                reason = error.message
            self._emit(Retried(server=self._server, attempt=self.failed, reason=reason, delay=pause))
            await asyncio.sleep(pause)

    def _pause(self, error: McpctlError, *, repeatable: bool) -> float | None:
        if self.left < 1:
            return None
        from mcpctl.policy.backoff import pause_before_retry

        return pause_before_retry(
            error,
            self._allowed,
            attempt=self.failed + 1,
            idempotent=repeatable,
            random=random.random,
            remaining=None if self._within is None else self._within - (self._clock() - self._began),
        )
