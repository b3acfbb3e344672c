"""What only shows when several files are looked at together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mcpctl.lint.finding import Finding
from mcpctl.lint.registry import Example, rule
from mcpctl.lint.subject import Outline
from mcpctl.model.keypath import KeyPath
from mcpctl.model.value import NamedTuple


@rule(
    "MCP410",
    "shadowed-server",
    severity="warning",
    scope="set",
    bad=Example(
        '{ "mcpServers": { "files": { "command": "files-server" } } }',
        whole=True,
        also=(("home/.claude.json", '{ "mcpServers": { "files": { "command": "other-server" } } }'),),
    ),
    good=Example(
        '{ "mcpServers": { "files": { "command": "files-server" } } }',
        whole=True,
        also=(("home/.claude.json", '{ "mcpServers": { "notes": { "command": "notes-server" } } }'),),
    ),
)
def shadowed_server(outlines: Sequence[Outline]) -> Iterator[tuple[Outline, Finding]]:
    """Two files of one host define a server of the same name.

    Only one of them runs: in Claude Code the project's own list before the shared file before the user's, elsewhere
    the project before the user.
    """
    if all(outline.situation == "project" for outline in outlines):
        return
    seen: dict[tuple[str, str], list[_Place]] = {}
    for outline in outlines:
        if outline.host.manifest or outline.host.is_generic:
            continue
        for name, at, is_value in outline.names:
            place = _Place(_rank(outline, at), outline, at, is_value)
            seen.setdefault((outline.host.title, name), []).append(place)
    for (title, name), places in seen.items():
        if (
            len(places) < 2
            or len({_folder(place.outline) for place in places if place.outline.situation == "project"}) > 1
        ):
            continue
        ordered = sorted(places, key=lambda place: place.rank)
        winner = ordered[0]
        for place in ordered[1:]:
            if place.rank > winner.rank and place.outline is not winner.outline:
                yield (
                    place.outline,
                    Finding(
                        at=place.at,
                        part="value" if place.is_value else "key",
                        server=name,
                        message=f"{title} takes `{name}` from `{winner.outline.file}` and never looks at this one",
                        hint="rename one of the two, or remove it",
                    ),
                )


class _Place(NamedTuple):
    rank: int
    outline: Outline
    at: KeyPath
    is_value: bool


def _rank(outline: Outline, at: KeyPath) -> int:
    """The lower one wins."""
    if any("*" in root and at[:1] == root[:1] for root in outline.host.roots):
        return 0  # a list for one project in the user's own file
    return 1 if outline.situation == "project" else 2


def _folder(outline: Outline) -> str:
    """The project that a file belongs to: what stands in front of the part that its host knows."""
    path = outline.real.replace("\\", "/")
    for ending in sorted(outline.host.project, key=len, reverse=True):
        if path.endswith(ending):
            return path.removesuffix(ending)
    return path.rpartition("/")[0]
