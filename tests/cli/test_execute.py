"""Whatever a command does, it ends with the right exit code and in words."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mcpctl.errors import ConnectError, UsageError
from mcpctl.model.events import Announced, CallFinished, Noticed, Progressed, Retried
from tests.cli.probe import ProbeOptions, ProbeReport, probe, ran, result
from tests.support import world


def test_a_command_gets_its_options_and_the_global_ones(tmp_path: Path) -> None:
    def look(options: ProbeOptions, ctx: object) -> ProbeReport:
        assert options == ProbeOptions(words=("a", "b"), mark="x")
        assert (ctx.options.timeout, ctx.options.verbose, ctx.options.config) == (2.0, 2, ("c.toml",))
        return ProbeReport()

    outcome = ran(look, ["a", "--timeout", "2s", "b", "-vv", "-mx", "--config", "c.toml"], tmp_path)
    assert outcome == (0, "done\n", "")


def test_a_command_may_be_asynchronous(tmp_path: Path) -> None:
    async def work(options: ProbeOptions, ctx: object) -> ProbeReport:
        await asyncio.sleep(0)
        return ProbeReport(text="later", exit_code=1)

    assert ran(work, [], tmp_path) == (1, "later\n", "")


def test_a_synchronous_beginning_runs_before_the_loop_does(tmp_path: Path) -> None:
    def work(options: ProbeOptions, ctx: object) -> object:
        with pytest.raises(RuntimeError):
            asyncio.get_running_loop()

        async def rest() -> ProbeReport:
            return ProbeReport()

        return rest()

    assert ran(work, [], tmp_path).code == 0


def test_an_error_is_a_sentence_a_place_and_a_hint(tmp_path: Path) -> None:
    def fail(options: object, ctx: object) -> ProbeReport:
        raise ConnectError(
            "`files` exited with status 3",
            hint="run `mcpctl logs files`",
            file="mcpctl.toml",
            line=4,
            stderr_tail=["no module", "named x\x1b[2J"],
        )

    assert ran(fail, [], tmp_path) == (
        4,
        "",
        (
            "error: `files` exited with status 3\n"
            "  --> mcpctl.toml:4\n"
            "  | no module\n"
            "  | named x\\x1b[2J\n"
            "  = run `mcpctl logs files`\n"
        ),
    )


def test_errors_beside_an_answer_come_after_it(tmp_path: Path) -> None:
    report = ProbeReport(exit_code=1, errors=(UsageError("one of two failed"),))
    assert ran(lambda _, __: report, [], tmp_path) == (1, "done\n", "error: one of two failed\n")


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_bug_is_one_sentence_and_a_traceback_only_on_request(asynchronous: bool, tmp_path: Path) -> None:
    def break_now(options: object, ctx: object) -> ProbeReport:
        raise ZeroDivisionError("division\nby zero")

    async def break_later(options: object, ctx: object) -> ProbeReport:
        return break_now(options, ctx)

    command = break_later if asynchronous else break_now
    outcome = ran(command, [], tmp_path)
    assert outcome.code == 70
    assert outcome.err.splitlines()[0] == "error: unexpected ZeroDivisionError: division by zero"
    assert "Traceback" not in outcome.err
    outcome = ran(command, ["--debug"], tmp_path)
    assert "break_now" in outcome.err
    assert "Traceback" in outcome.err


def test_an_error_of_ours_is_found_inside_a_group(tmp_path: Path) -> None:
    async def fail(options: object, ctx: object) -> ProbeReport:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_raise(ConnectError("gone", code="connect.lost")))
            tasks.create_task(asyncio.sleep(60))
        return ProbeReport()

    outcome = ran(fail, ["--json"], tmp_path)
    assert (outcome.code, outcome.envelope["errors"][0]["code"]) == (4, "connect.lost")


@pytest.mark.parametrize("asynchronous", [False, True])
def test_the_whole_command_has_a_deadline(asynchronous: bool, tmp_path: Path) -> None:
    import time

    def wait(options: object, ctx: object) -> ProbeReport:
        time.sleep(60)
        return ProbeReport()

    async def wait_later(options: object, ctx: object) -> ProbeReport:
        await asyncio.sleep(60)
        return ProbeReport()

    outcome = ran(wait_later if asynchronous else wait, ["--json", "--timeout", "20ms"], tmp_path)
    error = outcome.envelope["errors"][0]
    assert (outcome.code, error["code"]) == (6, "deadline.probe")
    assert error["message"] == "`probe` took longer than `--timeout` allows, 20ms"


def test_what_was_found_until_the_deadline_is_shown(tmp_path: Path) -> None:
    async def measure(options: object, ctx: object) -> ProbeReport:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return ProbeReport(text="half of it")
        return ProbeReport()

    outcome = ran(measure, ["--timeout", "20ms"], tmp_path)
    assert (outcome.code, outcome.out) == (6, "half of it\n")
    outcome = ran(measure, ["--timeout", "20ms", "--json"], tmp_path)
    assert outcome.envelope["data"] == {"text": "half of it"}
    assert (outcome.envelope["status"], outcome.envelope["exit_code"]) == ("error", 6)


def test_a_cancellation_that_nobody_asked_for_is_a_bug(tmp_path: Path) -> None:
    async def fail(options: object, ctx: object) -> ProbeReport:
        raise asyncio.CancelledError

    assert ran(fail, [], tmp_path).code == 70


def test_the_answer_is_shown_before_servers_are_closed_and_however_they_end(tmp_path: Path) -> None:
    async def work(options: object, ctx: object) -> ProbeReport:
        ctx._sessions = Sessions()
        return ProbeReport()

    class Sessions:
        async def aclose(self) -> None:
            assert here.stdout.getvalue() == b"done\n"
            raise OSError("refuses to die")

    here = world(tmp_path)
    assert result(["probe"], here, **probe(work)) == (0, "done\n", "")


def test_talk_is_on_stderr_and_can_be_silenced(tmp_path: Path) -> None:
    def talk(options: object, ctx: object) -> ProbeReport:
        ctx.emit(Noticed(message="something", hint="do this"))
        ctx.emit(Retried(server="files", attempt=2, reason="it was busy", delay=0.25))
        ctx.emit(Progressed(progress=1, total=2))
        ctx.emit(CallFinished(server="files", tool="read", arguments={"path": "x"}, ok=True, seconds=0.5))
        return ProbeReport()

    notes = "note: something\n  = do this\nnote: `files`: trying again in 250ms: it was busy\n"
    assert ran(talk, [], tmp_path) == (0, "done\n", notes)
    assert ran(talk, ["-q"], tmp_path) == (0, "done\n", "")
    assert ran(talk, ["-v"], tmp_path).err == f"{notes}info: `files`: `read` answered in 500ms\n"


def test_another_format_is_an_entry_of_the_view(tmp_path: Path) -> None:
    assert ran(lambda _, __: ProbeReport(), ["--format", "loud"], tmp_path).out == "DONE\n"
    assert ran(lambda _, __: ProbeReport(), ["--format", "human"], tmp_path).out == "done\n"
    refused = ran(lambda _, __: ProbeReport(), ["--format", "pdf"], tmp_path)
    assert refused.err == "error: unknown format `pdf`\n  = use `human` or `json` or `loud`\n"


class Gone:
    """A stream whose reader has left, or whose disk is full."""

    def __init__(self, error: OSError) -> None:
        self.error = error

    def write(self, data: bytes) -> int:
        raise self.error

    def flush(self) -> None:
        return

    def getvalue(self) -> bytes:
        return b""


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_a_reader_that_left_is_no_failure(arguments: list[str], tmp_path: Path) -> None:
    from dataclasses import replace

    here = replace(world(tmp_path), stdout=Gone(BrokenPipeError()))
    assert result(["probe", *arguments], here, **probe(lambda _, __: ProbeReport(exit_code=1))) == (0, "", "")


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_stream_ends_when_its_reader_leaves(asynchronous: bool, tmp_path: Path) -> None:
    from dataclasses import replace

    def announce(options: object, ctx: object) -> ProbeReport:
        while True:
            ctx.emit(Announced(kind="tools"))

    async def announce_later(options: object, ctx: object) -> ProbeReport:
        while True:
            ctx.emit(Announced(kind="tools"))
            await asyncio.sleep(0)

    here = replace(world(tmp_path), stdout=Gone(BrokenPipeError()))
    command = announce_later if asynchronous else announce
    verbs = probe(command, streams={Announced: lambda event: event.kind})
    assert result(["probe"], here, **verbs) == (0, "", "")


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_an_answer_that_cannot_be_written_is_a_failure(arguments: list[str], tmp_path: Path) -> None:
    from dataclasses import replace

    here = replace(world(tmp_path), stdout=Gone(OSError(28, "No space left on device")))
    outcome = result(["probe", *arguments], here, **probe(lambda _, __: ProbeReport()))
    assert outcome == (74, "", "error: cannot write the answer: No space left on device\n")


def test_an_input_that_is_not_a_pair_is_refused(tmp_path: Path) -> None:
    outcome = ran(lambda _, ctx: ctx.settings, ["--input", "token"], tmp_path)
    assert (outcome.code, outcome.err.splitlines()[0]) == (2, "error: `--input` wants `ID=VALUE`")


async def _raise(error: Exception) -> None:
    raise error
