"""A stdio server under load, at the speed of C: a piece of good answers is decoded in one go and filled up with one write.

Anything else in a piece (a notification, an error, a broken line) sends that piece, and only that one, through the
careful way.
"""

from __future__ import annotations

import asyncio
from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from time import monotonic_ns

import msgspec

from mcpctl.errors import ConnectError, DeadlineError
from mcpctl.loadtest.answers import Answer, read_lines
from mcpctl.loadtest.lane import Lane, Surroundings
from mcpctl.loadtest.ledger import Shot
from mcpctl.loadtest.pipe import Pipe
from mcpctl.loadtest.plan import Target
from mcpctl.loadtest.requests import LineRequest
from mcpctl.transports import process as processes
from mcpctl.wire import jsonrpc, salvage
from mcpctl.wire.jsonrpc import Envelope, RequestId


class PipeLane(Lane):
    __slots__ = ("_greeting", "_pipe", "_queue", "_requests", "_unsent")

    def __init__(self, target: Target, requests: Mapping[int, LineRequest], around: Surroundings) -> None:
        """`requests` by the place of their operation in the plan."""
        super().__init__(target, around)
        self._requests = requests
        self._pipe: Pipe | None = None
        self._queue: list[bytes] = []
        self._unsent: list[Shot] = []
        self._greeting: asyncio.Future[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._pipe.process.pid if self._pipe is not None else None

    def issue(self, operation: int, count: int, due: int) -> None:
        numbers = self.numbers
        first = numbers.next
        numbers.next = first + count
        shot = Shot(self.ledger.books[operation], due, count)
        if count == 1:
            self.pending[first] = shot
        else:
            self.pending.update(dict.fromkeys(range(first, first + count), shot))
        self.room -= count
        self._unsent.append(shot)
        self._queue.append(self._requests[operation].burst(first, count))

    def flush(self) -> None:
        queue, pipe = self._queue, self._pipe
        if not queue or pipe is None:
            return
        data = queue[0] if len(queue) == 1 else b"".join(queue)
        queue.clear()
        now = monotonic_ns()
        written = self.ledger.written
        for shot in self._unsent:
            written(shot, now)
        self._unsent.clear()
        pipe.write(data)

    def abandoned(self, number: RequestId, shot: Shot) -> None:
        del shot
        about = {"requestId": number, "reason": "no answer in time"}
        self._queue.append(jsonrpc.encode_notification("notifications/cancelled", about) + b"\n")

    async def open(self) -> None:
        target = self.target
        assert target.command is not None
        process = processes.start(
            target.command,
            target.args,
            env=target.env,
            cwd=target.cwd,
            limits=target.limits,
            server=target.name,
        )
        self._pipe = Pipe(process, lines=self._greeted, ended=self._lose, limit=self.limit)
        method = "initialize" if target.era == "handshake" else "server/discover"
        try:
            async with asyncio.timeout(target.start_timeout):
                await self._greet(self._pipe, method)
        except TimeoutError as error:
            raise DeadlineError(
                f"`{target.name}` did not answer `{method}` within {target.start_timeout:g} s",
                step="start",
                limit=target.start_timeout,
                server=target.name,
            ) from error
        if target.era == "handshake":
            self._pipe.write(jsonrpc.encode_notification("notifications/initialized") + b"\n")
        self._pipe.listen(self._answers)
        self.greeted = monotonic_ns()
        self.ready = True

    async def close(self) -> None:
        self.ready = False
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            await pipe.end()

    async def _greet(self, pipe: Pipe, method: str) -> None:
        self._greeting = asyncio.get_running_loop().create_future()
        message = jsonrpc.encode_request(0, method, dict(self.target.initialize))
        pipe.write(message + b"\n")
        try:
            envelope = jsonrpc.decode(await self._greeting)
        finally:
            self._greeting = None
        jsonrpc.result_of(envelope, server=self.target.name)

    def _greeted(self, lines: bytes, now: int) -> None:
        del now
        for line in lines.removeprefix(BOM_UTF8).split(b"\n"):
            greeting = self._greeting
            if _answers_greeting(line) and greeting is not None and not greeting.done():
                greeting.set_result(line)

    def _lose(self, words: str) -> None:
        message = f"`{self.target.name}` {words}"
        if self._greeting is not None and not self._greeting.done():
            self._greeting.set_exception(ConnectError(message, code="connect.lost", server=self.target.name))
        elif self.ready or self.pending:
            self.ready = False
            self._queue.clear()
            self._unsent.clear()
            self.driver.lost(self, message)
            self.fail_all("connection_lost", message, monotonic_ns())

    def _answers(self, lines: bytes, now: int) -> None:
        try:
            answers = read_lines(lines)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self._carefully(lines, now)
            return
        pop = self.pending.pop
        shots = [pop(answer.id, None) for answer in answers]
        answered = self.ledger.answered
        if None in shots or [answer for answer in answers if answer.result.isError]:
            self._again(shots, answers, lines, now)
            return
        last: Shot | None = shots[0]
        run = 0
        for shot in shots:
            if shot is last:
                run += 1
            else:
                assert last is not None
                answered(last, now, run)
                last, run = shot, 1
        if last is not None:
            answered(last, now, run)
            if self.sampler is not None:
                self.sampler.seen(last.book.tally.name, run, lines)
        self.driver.completed(self, len(shots), now)

    def _again(self, shots: list[Shot | None], answers: Sequence[Answer], lines: bytes, now: int) -> None:
        """Put back what was taken out of the table, and look at the piece line by line."""
        for shot, answer in zip(shots, answers, strict=True):
            if shot is not None:
                self.pending[answer.id] = shot
        self._carefully(lines, now)

    def _carefully(self, lines: bytes, now: int) -> None:
        before = len(self.pending)
        for line in lines.split(b"\n"):
            if line:
                self._line(line, now)
        ended = before - len(self.pending)
        if self._queue and not self._unsent:
            self.flush()
        if ended:
            self.driver.completed(self, ended, now)

    def _line(self, line: bytes, now: int) -> None:
        try:
            envelope = jsonrpc.decode(line)
        except Exception:  # whatever a server sends ends here
            self._malformed(line, now)
            return
        if envelope.method is not None:
            self._asked(envelope)
            return
        shot = self.pending.pop(envelope.id, None) if envelope.id is not None else None
        if shot is None:
            self.stray(envelope.id, self.ledger.books[0])
        else:
            self.settle(shot, envelope, now)

    def _malformed(self, line: bytes, now: int) -> None:
        found = salvage.examine(line)
        if found.parts:
            for part in found.parts:
                if part[:1] == b"{" and part != line:
                    self._line(part, now)
            return
        if found.foreign or not found.answer:
            return
        words = f"a message cannot be read: {found.why}"
        number = found.id if found.id in self.pending else self._only()
        shot = self.pending.pop(number, None) if number is not None else None
        if shot is None:
            self.ledger.strayed(self.ledger.books[0], "malformed", words)
        else:
            self.ledger.failed(shot, "malformed", words, now=now)

    def _only(self) -> RequestId | None:
        return next(iter(self.pending)) if len(self.pending) == 1 else None

    def _asked(self, envelope: Envelope) -> None:
        """A question of the server: a load generator pings back and declines the rest."""
        if envelope.id is None:
            return
        if envelope.method == "ping":
            reply = jsonrpc.encode_result(envelope.id, {})
        else:
            words = "a load generator answers no questions"
            reply = jsonrpc.encode_error(envelope.id, jsonrpc.METHOD_NOT_FOUND, words)
        self._queue.append(reply + b"\n")


def _answers_greeting(line: bytes) -> bool:
    try:
        envelope = jsonrpc.decode(line)
    except Exception:  # banners come before the first answer
        return False
    # Some servers make a text of every id; what that means for a load is told by its answers.
    return envelope.id in {0, "0"} and envelope.method is None
