"""One stream of a session, over however many connections its host takes to hear it."""

from __future__ import annotations

from mcpctl.gateway.answers import Answer
from mcpctl.gateway.replay import EventId, Kept, Replay


class Stream:
    def __init__(self, number: int, replay: Replay) -> None:
        """Nobody hears it until it is given an `answer`."""
        self.number = number
        self.sent = 0
        """The number of the last event that went to a host who was there."""
        self._count = 0
        self._replay = replay
        self._answer: Answer | None = None

    @property
    def open(self) -> bool:
        """Whether somebody hears it."""
        return self._answer is not None and self._answer.reply.open

    @property
    def begun(self) -> bool:
        return self._answer is not None and self._answer.reply.begun

    @property
    def start(self) -> EventId:
        """Stands before what nobody has heard yet."""
        return EventId(self.number, self.sent)

    def connect(self, answer: Answer) -> None:
        """Let it be heard here from now on, and nowhere else."""
        before, self._answer = self._answer, answer
        if before is not None and before.reply.open:
            before.close()
        answer.reply.gone = (
            answer.abandon
        )  # which does not mean that the host wants no answer, says the protocol

    def resume(self, answer: Answer, after: EventId) -> bool:
        """Say what was missed first. False, and nothing is changed, where an answer would miss some of it."""
        missed = self._replay.after(after)
        if self.number and not whole(after, missed, upto=self._count):
            return False
        self.connect(answer)
        answer.open()
        for each in missed:
            answer.send(each.message, str(each.identity))
        self.sent = self._count
        return True

    def send(self, message: bytes, *, last: bool = False) -> None:
        if not self.open and not self.begun and self.number:
            return  # a host that left before the first event cannot come back for it
        self._count += 1
        identity = EventId(self.number, self._count)
        self._replay.keep(identity, message, last=last)
        if self._answer is not None and self.open:
            self._answer.send(message, str(identity))
            self.sent = self._count

    def finish(self, message: bytes) -> None:
        if self.begun:
            self.send(message, last=True)
            self.close()
        elif self._answer is not None:
            self._answer.finish(message)

    def close(self) -> None:
        answer, self._answer = self._answer, None
        if answer is not None:
            answer.close()


def whole(after: EventId, missed: list[Kept], *, upto: int | None = None) -> bool:
    """Whether these are all events of a stream behind one, up to another or to any."""
    last = after.number + len(missed) if upto is None else upto
    return [each.identity.number for each in missed] == list(range(after.number + 1, last + 1))
