"""Requests and answers, deadlines and ends."""

from __future__ import annotations

import asyncio

import pytest

from mcpctl.errors import BugError, ConnectError, DeadlineError, McpctlError
from mcpctl.wire.jsonrpc import Envelope
from mcpctl.wire.peer import _EXPIRED
from tests.support import run
from tests.wire.scenes import Wire, failure, started


def test_answers_find_their_requests_in_any_order() -> None:
    async def scene() -> None:
        wire = Wire()
        first, second = await started(wire, 2)
        wire.peer.receive(b'{"jsonrpc":"2.0","id":2,"result":{"n":2}}')
        wire.peer.receive(b'{"jsonrpc":"2.0","id":1,"result":{"n":1}}')
        assert [await first, await second] == [b'{"n":1}', b'{"n":2}']
        assert wire.peer.in_flight == 0
        assert wire.facts.messages_in == 2

    run(scene())


@pytest.mark.parametrize("echoed", [b'"1"', b"1"])
def test_an_id_that_comes_back_as_text_counts(echoed: bytes) -> None:
    async def scene() -> None:
        wire = Wire()
        (call,) = await started(wire)
        wire.peer.receive(b'{"jsonrpc":"2.0","id":' + echoed + b',"result":{}}')
        assert await call == b"{}"

    run(scene())


def test_an_id_of_our_own_choice_counts_even_as_a_number() -> None:
    async def scene() -> None:
        wire = Wire()
        (call,) = await started(wire, request_id="7")
        assert wire.said()[0]["id"] == "7"
        wire.peer.receive(b'{"jsonrpc":"2.0","id":7,"result":{}}')
        assert await call == b"{}"

    run(scene())


def test_an_id_is_not_used_twice_at_once() -> None:
    async def scene() -> None:
        wire = Wire()
        await started(wire, request_id="listen")
        with pytest.raises(BugError):
            await wire.call(request_id="listen")

    run(scene())


def test_a_deadline_names_its_step_and_cancels_at_the_server() -> None:
    async def scene() -> None:
        wire = Wire(clue="look at the log")
        slow, fast = wire.call(timeout=5), wire.call(timeout=0.01, step="list")
        error = await failure(fast)
        assert isinstance(error, DeadlineError)
        assert (error.code, error.limit, error.hint) == ("deadline.list", 0.01, "look at the log")
        assert wire.abandoned == [(2, "no answer within 0.01 s", True)]
        wire.peer.receive(b'{"jsonrpc":"2.0","id":2,"result":{}}')
        assert wire.facts.unmatched == 1
        wire.peer.receive(b'{"jsonrpc":"2.0","id":1,"result":{}}')
        assert await slow == b"{}"

    run(scene())


def test_a_call_is_cancelled_at_the_server_though_its_deadline_and_its_caller_end_it_at_once() -> None:
    async def scene() -> None:
        wire = Wire()
        (call,) = await started(wire)
        wire.peer.fail(1, _EXPIRED)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert wire.abandoned == [(1, "the caller gave up", True)]

    run(scene())


def test_each_of_many_deadlines_is_kept() -> None:
    async def scene() -> None:
        wire = Wire()
        calls = [wire.call(timeout=0.001 * (number % 40)) for number in range(200)]
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        assert all(isinstance(outcome, DeadlineError) for outcome in outcomes)

    run(scene())


@pytest.mark.parametrize("cancellable", [True, False])
def test_a_cancelled_caller_abandons_its_request(*, cancellable: bool) -> None:
    async def scene() -> None:
        wire = Wire()
        (call,) = await started(wire, cancellable=cancellable)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert wire.abandoned == [(1, "the caller gave up", cancellable)]
        assert wire.peer.in_flight == 0

    run(scene())


def test_an_answer_that_comes_with_the_cancellation_does_no_harm() -> None:
    async def scene() -> None:
        wire = Wire()
        (call,) = await started(wire)
        call.cancel()
        wire.peer.receive(b'{"jsonrpc":"2.0","id":1,"result":{}}')
        with pytest.raises(asyncio.CancelledError):
            await call
        assert wire.abandoned == []

    run(scene())


def test_the_end_of_the_server_ends_every_wait_and_refuses_what_comes_later() -> None:
    async def scene() -> None:
        wire = Wire()
        calls = await started(wire, 3)
        gone = ConnectError("the server exited with code 3", exit_status=3, server="files")
        wire.peer.fail_all(gone)
        errors = [await failure(call) for call in [*calls, wire.call()]]
        assert all(isinstance(error, ConnectError) and error.exit_status == 3 for error in errors)
        assert len({id(error) for error in errors}) == 4
        with pytest.raises(ConnectError):
            wire.peer.notify("x", None)

    run(scene())


def test_a_callback_gets_the_envelope_or_the_error() -> None:
    async def scene() -> None:
        wire = Wire()
        got: list[Envelope | McpctlError] = []
        for identity in (1, 2):
            wire.peer.submit(b"x", identity, got.append)
        wire.peer.receive(b'{"jsonrpc":"2.0","id":1,"result":{}}')
        wire.peer.fail_all(ConnectError("gone"))
        assert [type(answer) for answer in got] == [Envelope, ConnectError]

    run(scene())
