"""One file as a layer of the configuration: its servers and settings in the words of our own format."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcpctl.config.bounded import read_bounded
from mcpctl.config.discovery import LayerName
from mcpctl.config.documents import Syntax, UnreadableError, load_value, parse
from mcpctl.errors import ConfigError, McpctlError
from mcpctl.model.settings import KeyPath

if TYPE_CHECKING:
    from mcpctl.config.documents.document import Document
    from mcpctl.config.hosts.reader import Reading

_SYNTAXES: dict[str, Syntax] = {
    ".toml": "toml",
    ".json": "jsonc",
    ".jsonc": "jsonc",
    ".json5": "json5",
    ".yaml": "yaml",
    ".yml": "yaml",
}
"""Lenient about comments in JSON: whether a host minds them is for `validate` to say."""

_OWN_ROOTS = frozenset({"profiles", "defaults", "features"})
_PATHS = ("command", "cwd", "env_file", "ca_file", "client_cert", "client_key")
"""Keys whose relative paths are meant from the folder of the file."""


@dataclass(kw_only=True)
class Layer:
    file: str
    name: LayerName
    syntax: Syntax
    data: bytes
    format: str = "mcpctl"
    """`mcpctl`, or the id of a host."""
    prefix: KeyPath = ()
    """Where our own format begins inside the file."""
    root: dict[str, Any] = field(default_factory=dict)
    folder: Path | None = None
    """What relative paths in it mean; nothing for a file that no project has."""
    reading: Reading | None = None
    """What was made of another host's file."""
    errors: list[McpctlError] = field(default_factory=list)

    @cached_property
    def document(self) -> Document:
        return parse(self.data, self.syntax, self.file)


def read_layer(path: Path, name: LayerName) -> Layer:
    """Read a file. What is wrong with it is in `errors`; only a file that cannot be opened raises."""
    data = _read(path)
    layer = Layer(file=str(path), name=name, data=data, syntax=_syntax(path, data))
    value = _value(layer)
    if layer.errors:
        return layer
    if path.name == "pyproject.toml":
        layer.prefix = ("tool", "mcpctl")
        for part in layer.prefix:
            value = value.get(part, {}) if isinstance(value, dict) else {}
    elif not _is_plainly_ours(path, name, value):
        _read_host(layer, value)
        return layer
    _take_root(layer, value)
    return layer


def _read(path: Path) -> bytes:
    try:
        return read_bounded(path)
    except OSError as error:
        reason = (error.strerror or "it cannot be opened").lower()
        message = f"the configuration `{path}` cannot be read: {reason}"
        raise ConfigError(message, code="config.unreadable", file=str(path)) from error


def _syntax(path: Path, data: bytes) -> Syntax:
    known = _SYNTAXES.get(path.suffix.lower())
    return known or ("jsonc" if data.lstrip()[:1] in (b"{", b"") else "toml")


def _value(layer: Layer) -> Any:
    try:
        return load_value(layer.data, layer.syntax)
    except UnreadableError:
        from mcpctl.config.complaints import syntax_errors

        layer.errors += syntax_errors(layer.document)
        return layer.document.value


def _is_plainly_ours(path: Path, name: LayerName, value: Any) -> bool:
    """Whether there is no need to look for a host whose file this might be."""
    if name in ("user", "overlay") or path.name in ("mcpctl.toml", "mcpctl.json"):
        return True
    is_toml = path.suffix == ".toml" and isinstance(value, dict)
    return is_toml and "servers" in value and "mcp_servers" not in value


def _take_root(layer: Layer, value: Any) -> None:
    from mcpctl.config.converters import SurpriseError
    from mcpctl.config.shape import check_root

    try:
        check_root(value)
    except SurpriseError as surprise:
        from mcpctl.config.complaints import shape_errors

        layer.errors += shape_errors(layer.document, layer.prefix, surprise)
        return
    layer.root = value
    layer.folder = Path(layer.file).parent
    for root in (value, *value.get("profiles", {}).values()):
        for server in (*root.get("servers", {}).values(), root.get("defaults", {})):
            anchor(server, layer.folder)


def anchor(server: dict[str, Any], folder: Path) -> None:
    """Make relative paths absolute. What begins with a variable or `~` is decided when that is known."""
    for key in _PATHS:
        path = server.get(key)
        if not isinstance(path, str) or path.startswith(("/", "~", "$")) or not path:
            continue
        if key != "command" or "/" in path:
            server[key] = str(folder / path)


def _read_host(layer: Layer, value: Any) -> None:
    from mcpctl.config.hosts import choose
    from mcpctl.config.hosts.reader import read

    host = choose.by_path(layer.file)
    if host is None or not choose.belongs(host, value):
        host = choose.by_content(value, layer.syntax)
    if host.id.startswith("mcpctl") or (host.id == "vscode" and isinstance(value, dict) and _is_own(value)):
        _take_root(layer, value)
        return
    layer.format = host.id
    layer.reading = read(host, value, layer.file)
    if layer.reading.faults:
        from mcpctl.config.complaints import host_errors

        layer.errors += host_errors(layer.document, layer.reading.faults)
    layer.root = {"servers": layer.reading.servers, "inputs": layer.reading.inputs}
    layer.folder = _project_folder(Path(layer.file), host.project)
    if layer.folder:
        for server in layer.reading.servers.values():
            anchor(server, layer.folder)


def _is_own(value: dict[str, Any]) -> bool:
    """JSON with `servers` may be VS Code's or ours: some keys are only ours."""
    from mcpctl.config.hosts.table import rows
    from mcpctl.config.shape import SERVER

    if not _OWN_ROOTS.isdisjoint(value):
        return True
    others = {known.path[0] for host in ("vscode", "generic") for known in rows()[host].fields}
    servers = value.get("servers")
    entries = servers.values() if isinstance(servers, dict) else ()
    return any(isinstance(entry, dict) and not others.issuperset(SERVER.keys() & entry) for entry in entries)


def _project_folder(path: Path, endings: tuple[str, ...]) -> Path | None:
    """The folder that a host's file is at home in, which is not always its own: `.vscode/mcp.json`."""
    for ending in endings:
        parts = ending.split("/")
        if path.parts[-len(parts) :] == tuple(parts):
            return path.parents[len(parts) - 1]
    return None
