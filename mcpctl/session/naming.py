"""Names that a server does not know: said once, with the nearest ones that it does."""

from __future__ import annotations

from mcpctl.errors import UsageError


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
