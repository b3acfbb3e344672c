"""Tells a program or an address of the user's that the state of a server changed.

At most once a minute for each server: what happens meanwhile is kept, and the latest of it told when the minute is
over. Nothing here can hold up a look at a server, or fail it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from mcpctl.errors import McpctlError
from mcpctl.health import program, web
from mcpctl.health.custom import small_environment
from mcpctl.model.health import Alerted, HealthChanged
from mcpctl.model.server import RetrySpec
from mcpctl.model.value import dataclass
from mcpctl.policy.backoff import delay
from mcpctl.policy.redaction import Redactor

APART = 60.0
"""Seconds between two messages about one server."""

LIMIT = 10.0
"""Seconds that a program or an address may take."""

ATTEMPTS = RetrySpec(attempts=3, initial=1.0, maximum=8.0)
"""Of a webhook."""

FAREWELL = 2.0
"""Seconds that messages on their way get at the end."""

OVERLONG = 4096
"""Characters of a reason in an environment, which the system bounds too."""

Change = HealthChanged | Alerted


@dataclass(frozen=True, slots=True, kw_only=True)
class Receivers:
    command: tuple[str, ...] = ()
    webhook: str | None = None
    env: Mapping[str, str]
    cwd: str


class Notifier:
    def __init__(
        self,
        receivers: Receivers,
        redactor: Redactor,
        *,
        complain: Callable[[str], None],
        random: Callable[[], float],
    ) -> None:
        self._receivers = receivers
        self._redactor = redactor
        self._complain = complain
        self._random = random
        self._told_at: dict[str, float] = {}
        self._waiting: dict[str, Change] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def tell(self, change: Change) -> None:
        """Returns at once."""
        if not (self._receivers.command or self._receivers.webhook) or _is_no_news(change):
            return
        server = change.server or ""
        loop = asyncio.get_running_loop()
        if server in self._waiting:
            # An alert must not make forget that a server is well again, or is not.
            if isinstance(change, HealthChanged) or isinstance(self._waiting[server], Alerted):
                self._waiting[server] = change
            return
        pause = self._told_at.get(server, -APART) + APART - loop.time()
        if pause <= 0:
            self._send(server, change)
        else:
            self._waiting[server] = change
            loop.call_later(pause, self._late, server)

    async def aclose(self, limit: float = FAREWELL) -> None:
        """Let what is on its way arrive, but not for long."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=limit)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _late(self, server: str) -> None:
        change = self._waiting.pop(server, None)
        if change is not None:
            self._send(server, change)

    def _send(self, server: str, change: Change) -> None:
        self._told_at[server] = asyncio.get_running_loop().time()
        body = self._redactor.clean_json(_body(change))
        if self._receivers.command:
            self._start(self._run(body))
        if self._receivers.webhook is not None:
            self._start(self._post(self._receivers.webhook, body))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, body: dict[str, Any]) -> None:
        words = self._receivers.command
        env = {**small_environment(self._receivers.env), **_variables(body)}
        given = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        try:
            done = await program.run(words, env=env, cwd=self._receivers.cwd, limit=LIMIT, given=given)
        except McpctlError as error:
            self._complain(f"`--on-change` could not run: {error.message}")
            return
        if done.status is None:
            self._complain(f"`{words[0]}` of `--on-change` did not end within {LIMIT:g} s")
        elif done.status != 0:
            words_of_it = f": {done.last_words}" if done.last_words else ""
            self._complain(f"`{words[0]}` of `--on-change` exited with {done.status}{words_of_it}")

    async def _post(self, url: str, body: dict[str, Any]) -> None:
        text = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        why = ""
        for attempt in range(1, ATTEMPTS.attempts + 1):
            try:
                status = await web.fetch(url, env=self._receivers.env, limit=LIMIT, method="POST", body=text)
            except McpctlError as error:
                why = error.message
            else:
                why = f"it answered with status {status}"
                if status < 400 or (status < 500 and status not in (408, 429)):
                    break
            if attempt < ATTEMPTS.attempts:
                await asyncio.sleep(delay(ATTEMPTS, attempt, self._random))
        else:
            self._complain(f"the webhook was not reached in {ATTEMPTS.attempts} attempts: {why}")
            return
        if status >= 300:
            self._complain(f"the webhook refused: {why}")


def _is_no_news(change: Change) -> bool:
    """A server that is well when it is first seen is what everybody hopes for."""
    return isinstance(change, HealthChanged) and change.before is None and change.after == "healthy"


def _body(change: Change) -> dict[str, Any]:
    if isinstance(change, Alerted):
        return {
            "type": "alert",
            "server": change.server,
            "tool": change.tool,
            "at": change.at,
            "severity": change.severity,
            "rule": change.rule,
            "reason": change.message,
            "value": change.value,
            "limit": change.limit,
        }
    return {
        "type": "health_changed",
        "server": change.server,
        "at": change.at,
        "from": change.before,
        "to": change.after,
        "reason": change.reason,
    }


def _variables(body: Mapping[str, Any]) -> dict[str, str]:
    names = {"MCPCTL_SERVER": "server", "MCPCTL_FROM": "from", "MCPCTL_TO": "to", "MCPCTL_REASON": "reason"}
    return {
        variable: str(body.get(key) or "").replace("\0", "")[:OVERLONG] for variable, key in names.items()
    }
