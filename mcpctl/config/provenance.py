"""Where a value was written: found out by a second, slower reading of the files when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mcpctl.config.layers import Layer
from mcpctl.model.keypath import KeyPath, value_at
from mcpctl.model.settings import Origin


class LayeredProvenance:
    """Looks through the layers from the top; a table counts where it was begun, a value where it was said last."""

    def __init__(self, layers: Sequence[Layer], *, profile: str | None, flags: Mapping[KeyPath, str]) -> None:
        self._layers = tuple(layers)
        self._profile = profile
        self._flags = dict(flags)
        """Paths that the environment decided, and the variable."""

    def locate(self, path: KeyPath) -> Origin | None:
        if path in self._flags:
            return Origin(file=f"${self._flags[path]}", layer="flag")
        for each in _alternatives(path):
            found = None
            for origin, is_table in self._places(each):
                found = origin
                if not is_table:
                    break
            if found:
                return found
        return None

    def _places(self, path: KeyPath) -> Iterator[tuple[Origin, bool]]:
        """Every place of a path from the top layer down, and whether a table stands there."""
        for layer in reversed(self._layers):
            yield from self._in_layer(layer, path)

    def _in_layer(self, layer: Layer, path: KeyPath) -> Iterator[tuple[Origin, bool]]:
        """In the profile first, then below it."""
        if layer.reading is not None:
            yield from _in_host(layer, path)
            return
        if self._profile is not None:
            yield from _at(layer, (*layer.prefix, "profiles", self._profile, *path), "profile")
        yield from _at(layer, (*layer.prefix, *path), layer.name)


def _alternatives(path: KeyPath) -> Iterator[KeyPath]:
    """What is not said for a server may be said for all of them."""
    yield path
    if len(path) > 2 and path[0] == "servers":
        yield ("defaults", *path[2:])


def _in_host(layer: Layer, path: KeyPath) -> Iterator[tuple[Origin, bool]]:
    reading = layer.reading
    assert reading is not None
    if len(path) < 2 or path[0] != "servers" or path[1] not in reading.places:
        return
    name = str(path[1])
    entry = reading.places[name]
    if len(path) == 2:
        yield from _at(layer, entry, layer.name)
        return
    keys = reading.keys[name]
    key = keys.get(str(path[2]))
    if key is None:
        return
    # Arguments that came with the command stand where the whole command does.
    inside = () if path[2] == "args" and key == keys.get("command") else path[3:]
    yield from _at(layer, (*entry, *key, *inside), layer.name)


def _at(layer: Layer, path: KeyPath, name: str) -> Iterator[tuple[Origin, bool]]:
    document = layer.document
    span = document.key_span(path) or document.span(path)
    if span is None:
        return
    origin = Origin(file=layer.file, line=span.line, column=span.column, layer=name)
    yield origin, isinstance(value_at(document.value, path), dict)
