"""Names in errors: the server that is to blame, and the nearest ones to a name that it does not know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mcpctl.errors import McpctlError, UsageError


@contextmanager
def blaming(server: str) -> Iterator[None]:
    """Errors that pass here name their server."""
    try:
        yield
    except McpctlError as error:
        error.server = error.server or server
        raise


def unknown(name: str, known: list[str], *, server: str, kind: str = "tool") -> UsageError:
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=3, cutoff=0.5)
    listed = " or ".join(f"`{each}`" for each in near)
    return UsageError(
        f"server `{server}` has no {kind} `{name}`",
        code=f"usage.unknown_{kind}",
        hint=f"did you mean {listed}?" if near else f"see what there is: `mcpctl {kind}s {server}`",
        server=server,
    )
