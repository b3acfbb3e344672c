"""Variables of mcpctl's notation in the notation of a host; what a host cannot say is told, never guessed or filled in."""

from __future__ import annotations

from collections.abc import Callable

from mcpctl.config.hosts.facts import HostFacts
from mcpctl.config.hosts.references import Reference, references, write
from mcpctl.model.value import NamedTuple

Tell = Callable[[str], None]


class Translated(NamedTuple):
    text: str
    whole: bool
    """Whether every variable in it means the same there."""


def translated(text: str, host: HostFacts, tell: Tell) -> Translated:
    """A text with its variables as the host writes them."""
    pieces: list[str] = []
    at, whole = 0, True
    for reference in references(text):
        written = _written(reference, host, tell)
        if written is None:
            whole = False
            continue
        pieces += [text[at : reference.start], written]
        at = reference.end
    return Translated("".join((*pieces, text[at:])), whole)


def _written(reference: Reference, host: HostFacts, tell: Tell) -> str | None:
    """How the host writes a variable; nothing where it has no way, or where it is no variable of ours."""
    if reference.form in {"bare", "percent"}:
        return reference.text
    if reference.form in host.variables and not _needs_another_form(reference, host):
        return reference.text
    if reference.form == "input":
        return _from_input(reference, host, tell)
    if not reference.is_environment:
        tell(f"{host.title} does not know `{reference.text}`")
        return None
    written = write(reference.variable, reference.default, host.variables)
    if written is None:
        tell(f"{host.title} expands no variables, and `{reference.variable}` is one")
        return None
    if reference.default is not None and ":-" not in written:
        tell(f"{host.title} knows no defaults: without `{reference.variable}` there is no value")
    return written


def _needs_another_form(reference: Reference, host: HostFacts) -> bool:
    return reference.form == "braces-default" and "braces-default" not in host.variables


def _from_input(reference: Reference, host: HostFacts, tell: Tell) -> str | None:
    """Nobody else asks: a variable of the environment takes the input's place."""
    name = "".join(each if each.isalnum() else "_" for each in reference.name).upper()
    written = write(name, None, host.variables)
    if written is None:
        tell(f"{host.title} asks for no inputs and expands no variables, so `{reference.name}` has no value")
        return None
    tell(f"{host.title} asks for no inputs: set the variable `{name}` instead")
    return written


def alone(text: str) -> str | None:
    """The name of the variable where a text is nothing but one."""
    found = list(references(text))
    if len(found) == 1 and found[0].text == text and found[0].is_environment and found[0].default is None:
        return found[0].variable
    return None
