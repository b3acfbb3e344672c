"""Shows how a command went: its report, its error, its events, in the one format that was asked for.

stdout gets the answer and nothing else, stderr the talk. Nothing here decides an exit code.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mcpctl.errors import InterruptError, McpctlError, OutputError
from mcpctl.model.events import Event, Progressed, Waited
from mcpctl.model.options import GlobalOptions
from mcpctl.model.report import Report
from mcpctl.model.value import replace
from mcpctl.model.world import World
from mcpctl.policy.redaction import Redactor
from mcpctl.render.blocks import Block, Line
from mcpctl.render.safe import Cleaner
from mcpctl.render.screen import Screen, wants_colour, write_file
from mcpctl.render.view import View

ERASE = b"\r\x1b[K"
"""Back to the beginning of the line that progress was drawn on, and clear it."""
ERASE_MORE = b"\r\x1b[%dA\x1b[J"
"""The same for so many lines above as well."""


class Renderer:
    def __init__(
        self,
        world: World,
        options: GlobalOptions,
        *,
        command: Sequence[str],
        redactor: Redactor,
        may_page: bool = False,
    ) -> None:
        """`may_page` where this process has the terminal to itself."""
        self.expects_interrupt = False
        """Whether the command is one that only an interrupt ends."""
        self._may_page = may_page
        self._options = options
        self._command = tuple(command)
        self._answer = Cleaner(redactor, patterns=False)
        self._careful = Cleaner(redactor, patterns=True)
        self._world = world
        self._drawn = 0
        self._out, self._err = (
            Screen(
                stream,
                terminal=terminal,
                columns=world.columns,
                colour=wants_colour(world.env, no_color=options.no_color, terminal=terminal),
            )
            for stream, terminal in ((world.stdout, world.stdout_tty), (world.stderr, world.stderr_tty))
        )

    def report(
        self, report: Report, view: View[Any], *, exit_code: int, errors: Sequence[McpctlError] = ()
    ) -> None:
        """`errors` are those of the run besides the report's own, such as an interruption."""
        self._erase()
        for path, text in view.files(report):
            write_file(self._world.cwd / path, self._answer.text(text))
        faults = (*report.errors, *errors)
        if self._options.wants_json:
            status = "error" if errors else "failed" if exit_code else "ok"
            self._envelope(status, exit_code, view.data(report), faults)
            return
        if errors:  # a format that tells how it ended must tell the truth
            report = replace(report, exit_code=exit_code, errors=faults)
        form = self._options.format
        if form is not None and form in view.formats:
            self._out.write(self._out.encode(self._answer.text(view.formats[form](report))))
        else:
            self._answered(view.human(report), paged=view.paged)
            self._talk(view.talk(report))
            if not self._options.quiet:
                self._talk(view.notes(report))
        for fault in faults:
            self._complain(fault)

    def error(self, error: McpctlError) -> None:
        self._erase()
        if self._options.debug:
            self._traceback(error)
        if self._options.wants_json and not isinstance(error, OutputError):
            self._envelope("error", error.exit_code, {}, (error,))
        else:
            self._complain(error)

    def event(self, event: Event, view: View[Any] | None) -> None:
        if view is not None and type(event) in view.streams:
            self._stream(event, view)
        elif view is not None and type(event) in view.drawn:
            self._draw_lines(view.drawn[type(event)](event, self._err.width))
        elif isinstance(event, Progressed | Waited):
            self._draw(event)
        else:
            from mcpctl.render.talk import talk

            self._talk(talk(event, verbose=self._options.verbose, quiet=self._options.quiet))

    def _envelope(
        self, status: str, exit_code: int, data: dict[str, Any], errors: Sequence[McpctlError]
    ) -> None:
        from mcpctl.render.envelope import envelope, faults, in_pieces

        answer = envelope(
            self._command,
            status=status,
            exit_code=exit_code,
            data=self._answer.value(data),
            errors=self._careful.value(faults(errors)),
        )
        for piece in in_pieces(answer):
            self._out.write(self._out.encode(piece))

    def _stream(self, event: Event, view: View[Any]) -> None:
        self._erase()
        if not self._options.wants_json:
            if type(event) not in view.whispers:
                self._show((view.streams[type(event)](event),))
            elif not self._options.quiet or view.grave(event):
                self._talk((view.streams[type(event)](event),))
            return
        from mcpctl.render.envelope import describe, encode

        self._out.write(self._out.encode(encode(self._answer.value(describe(event))) + "\n"))

    def _answered(self, blocks: Iterable[Block], *, paged: bool) -> None:
        if not (paged and self._may_page and self._out.terminal):
            self._show(blocks)
            return
        from mcpctl.render.layout import laid_out
        from mcpctl.render.pager import page

        answer = b"".join(laid_out(blocks, self._out, self._answer))
        if not page(answer, self._world):
            self._out.write(answer)

    def _show(self, blocks: Iterable[Block]) -> None:
        from mcpctl.render.layout import laid_out

        for chunk in laid_out(blocks, self._out, self._answer):
            self._out.write(chunk)

    def _talk(self, blocks: Iterable[Block]) -> None:
        from mcpctl.render.layout import laid_out

        self._erase()
        for chunk in laid_out(blocks, self._err, self._careful):
            self._whisper(chunk)

    def _complain(self, error: McpctlError) -> None:
        from mcpctl.render.faults import fault, stopped

        if self.expects_interrupt and isinstance(error, InterruptError):
            self._talk(() if self._options.quiet else stopped())
        else:
            self._talk(fault(error))

    def _traceback(self, error: McpctlError) -> None:
        import traceback

        text = "".join(traceback.format_exception(error))
        self._whisper(self._err.encode(self._careful.text(text)))

    def _draw(self, event: Progressed | Waited) -> None:
        if self._err.width is not None:
            from mcpctl.render.talk import progress

            self._draw_lines((progress(event, width=self._err.width),))

    def _draw_lines(self, lines: Sequence[str]) -> None:
        """Over what was drawn before; where nothing can be drawn over, the lines are told."""
        width = self._err.width
        if self._options.quiet or not lines:
            return
        if width is None:
            self._talk(Line((line,)) for line in lines)
            return
        from mcpctl.render.width import elide

        shown = [self._err.encode(elide(self._careful.line(line), width - 1)) for line in lines]
        self._whisper(self._eraser() + b"\n".join(shown))
        self._drawn = len(shown)

    def _erase(self) -> None:
        if self._drawn:
            self._whisper(self._eraser())
            self._drawn = 0

    def _eraser(self) -> bytes:
        return ERASE_MORE % (self._drawn - 1) if self._drawn > 1 else ERASE

    def _whisper(self, data: bytes) -> None:
        """Talk that nobody can hear is no reason to fail."""
        try:
            self._err.write(data)
        except OutputError:
            return
