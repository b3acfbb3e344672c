"""Runs one command and shows how it went. The one place that turns errors into exit codes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from mcpctl.cli.stopping import Stopped, alarm, listening, out_of_time, stop
from mcpctl.cli.understanding import Invocation
from mcpctl.commands.context import Context
from mcpctl.errors import BugError, DeadlineError, McpctlError, OutputError, ReaderGoneError
from mcpctl.model.events import Event, Noticed
from mcpctl.model.options import GlobalOptions
from mcpctl.model.report import Report
from mcpctl.model.world import World
from mcpctl.policy.redaction import Redactor
from mcpctl.render.renderer import Renderer
from mcpctl.render.safe import Cleaner
from mcpctl.render.view import View

if TYPE_CHECKING:
    from mcpctl.control.host import Host, Perform
    from mcpctl.render.journal import Journal


def execute(
    invocation: Invocation,
    world: World,
    *,
    hands_over: bool = False,
    perform: Perform | None = None,
    waited: float = 0.0,
) -> int:
    """Never raises, never leaves the process but where nothing else would end it.

    Only with `hands_over` it raises: `HandOver`, before anything was started or shown. `waited` seconds of the
    command's time have gone already, for a supervisor that did not take it.
    """
    redactor = Redactor()
    renderer = Renderer(
        world, invocation.everywhere, command=invocation.words, redactor=redactor, may_page=True
    )
    try:
        with listening(stop):
            return Execution(
                invocation, world, renderer, redactor, hands_over=hands_over, perform=perform
            ).run(waited)
    except Stopped as stopped:
        return show_error(renderer, stopped.reason)
    except Exception as error:
        return show_error(renderer, as_ours(error))


def refuse(error: McpctlError, world: World, everywhere: GlobalOptions, words: Sequence[str]) -> int:
    """Show an error that came before there was anything to run."""
    return show_error(Renderer(world, everywhere, command=words, redactor=Redactor()), error)


def show_error(renderer: Renderer, error: McpctlError) -> int:
    if isinstance(error, ReaderGoneError):
        return error.exit_code
    try:
        renderer.error(error)
    except ReaderGoneError:
        return error.exit_code
    except OutputError as lost:
        renderer.error(lost)
        return lost.exit_code
    return error.exit_code


def as_ours(error: BaseException) -> McpctlError:
    """What the user gets to see of any exception at all."""
    if isinstance(error, McpctlError):
        return error
    if isinstance(error, BaseExceptionGroup):
        known, _ = error.split(McpctlError)
        if known is not None:
            return _leaves(known)[0]
    text = " ".join(str(error).split())
    bug = BugError(
        f"unexpected {type(error).__name__}" + (f": {text}" if text else ""),
        hint="run it again with `--debug` and report what it prints",
    )
    bug.__cause__ = error
    return bug


def _leaves(group: BaseExceptionGroup[McpctlError]) -> list[McpctlError]:
    leaves: list[McpctlError] = []
    for error in group.exceptions:
        leaves += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return leaves


class Execution:
    """One command from its options to what it shows, in a process of its own or inside a supervisor (`host`)."""

    def __init__(
        self,
        invocation: Invocation,
        world: World,
        renderer: Renderer,
        redactor: Redactor,
        *,
        host: Host | None = None,
        hands_over: bool = False,
        perform: Perform | None = None,
    ) -> None:
        self.end: Callable[[McpctlError], None] = _raise_stopped
        """Ends the command from outside; whoever drives it says how."""
        self._invocation = invocation
        self._renderer = renderer
        self._view: View[Any] | None = None
        self._log, self._trace = (
            self._journal(path, option, world, redactor)
            for path, option in (
                (invocation.everywhere.log_file, "--log-file"),
                (invocation.everywhere.trace, "--trace"),
            )
        )
        self._context = Context(
            world,
            options=invocation.everywhere,
            redactor=redactor,
            emit=self.emit,
            tap=None if self._trace is None else self._trace.message,
            host=host,
            perform=perform,
            hands_over=hands_over,
        )

    def run(self, waited: float) -> int:
        try:
            return self._run(self._deadline(waited))
        finally:
            self.close()

    def close(self) -> None:
        for journal in (self._log, self._trace):
            if journal is not None:
                journal.close()

    def begin(self) -> Any:
        """The report, or something to wait for that becomes one."""
        verb = self._invocation.verb
        self._view = verb.load_view()
        return verb.load_command()(self._invocation.options, self._context)

    def _deadline(self, waited: float) -> DeadlineError | None:
        """What to say when the time is over. Raises it at once where it is over already."""
        limit = self._invocation.everywhere.timeout
        if limit is None:
            return None
        late = out_of_time(limit, self._invocation.words)
        late.limit -= waited
        if late.limit > 0:
            return late
        from mcpctl.commands.own_place import place
        from mcpctl.control.server import nobody_took_it

        why = nobody_took_it(place(self._context.world, self._invocation.everywhere))
        late.related = (why,) if why.kind == "supervisor_silent" else ()
        raise late

    def _run(self, late: DeadlineError | None) -> int:
        with alarm(late):
            outcome = self.begin()
        if not hasattr(outcome, "__await__"):
            return self.present(outcome, None)
        from mcpctl.cli.drive import Drive

        drive = Drive(present=self.present, close=self._context.aclose, abandon=self._context.abandon)
        self.end = drive.stop
        return drive.run(outcome, late)

    def present(self, outcome: Report | BaseException | None, reason: McpctlError | None) -> int:
        """Partial answers are shown too: whoever stops a load test wants what it has found."""
        self._renderer.expects_interrupt = self._context.endless
        try:
            if isinstance(outcome, Report) and not isinstance(reason, ReaderGoneError):
                code = outcome.exit_code if reason is None else reason.exit_code
                assert self._view is not None
                errors = () if reason is None else (reason,)
                self._renderer.report(outcome, self._view, exit_code=code, errors=errors)
                return code
            error = reason or outcome
            assert isinstance(error, BaseException)
        except Exception as failure:
            error = failure
        return show_error(self._renderer, as_ours(error))

    def emit(self, event: Event) -> None:
        if self._log is not None:
            self._log.event(event)
        try:
            self._renderer.event(event, self._view)
        except OutputError as error:
            self.end(error)

    def _journal(self, path: str | None, option: str, world: World, redactor: Redactor) -> Journal | None:
        if path is None:
            return None
        from mcpctl.render.journal import Journal

        return Journal(
            str(world.cwd / path),
            option,
            clean=Cleaner(redactor, patterns=True),
            now=world.now,
            complain=lambda message: self._renderer.event(Noticed(message=message), None),
        )


def _raise_stopped(reason: McpctlError) -> None:
    raise Stopped(reason)
