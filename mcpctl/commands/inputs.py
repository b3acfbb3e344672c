"""Values that a configuration asks its user for (`${input:id}`), asked on the terminal when a server starts."""

from __future__ import annotations

from collections.abc import Callable

from mcpctl.errors import InterruptError
from mcpctl.model.settings import InputSpec
from mcpctl.model.world import World
from mcpctl.policy.sanitise import sanitise_line


def asker(world: World) -> Callable[[InputSpec], str] | None:
    """None where nobody sits in front of a terminal: then a missing input is an error that names its option."""
    if not (world.stdin_tty and world.stderr_tty):
        return None
    return lambda wanted: _ask(wanted, world)


def _ask(wanted: InputSpec, world: World) -> str:
    about = sanitise_line(wanted.description or wanted.id)
    choices = f" ({', '.join(sanitise_line(option) for option in wanted.options)})" if wanted.options else ""
    default = f" [{sanitise_line(wanted.default)}]" if wanted.default and not wanted.password else ""
    while True:
        world.stderr.write(f"{about}{choices}{default}: ".encode())
        world.stderr.flush()
        text = _hidden(world) if wanted.password else _line(world)
        value = text or wanted.default or ""
        if not wanted.options or value in wanted.options:
            return value


def _line(world: World) -> str:
    line = world.stdin.readline()
    if not line:
        raise InterruptError("the input ended before `${input:…}` was answered", code="interrupted.input")
    return line.decode("utf-8", "replace").strip()


def _hidden(world: World) -> str:
    """A line that the terminal does not show."""
    import termios

    descriptor = world.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    silent = [*before]
    silent[3] = before[3] & ~termios.ECHO
    termios.tcsetattr(descriptor, termios.TCSAFLUSH, silent)
    try:
        return _line(world)
    finally:
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)
        world.stderr.write(b"\n")
