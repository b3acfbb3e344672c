"""Which host a file is for: by its path, else by what stands in it. The choice is a guess and callers say so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from mcpctl.config.documents import Syntax
from mcpctl.config.hosts.facts import GENERIC, HostFacts
from mcpctl.config.hosts.table import rows
from mcpctl.model.keypath import value_at


def by_path(path: str) -> HostFacts | None:
    """The host whose file this is, going by the end of its path."""
    plain = path.replace("\\", "/")
    name = plain.rpartition("/")[2]
    exact, patterns = _index()
    for ending, host in exact.get(name, ()):
        if plain == ending or plain.endswith("/" + ending):
            return _refined(rows()[host], plain)
    for pattern, host in patterns:
        if fnmatchcase(plain, pattern) or fnmatchcase(plain, "*/" + pattern):
            return rows()[host]
    return None


def _refined(host: HostFacts, path: str) -> HostFacts:
    """A plugin's `.mcp.json` follows other rules than a project's."""
    if host.plugin_host and any(f"/{folder}/" in f"/{path}" for folder in ("plugins", "external_plugins")):
        return rows()[host.plugin_host]
    return host


def of_plugin(host: HostFacts, value: Any, data: bytes, real: str | None) -> HostFacts:
    """The host whose rules a file follows, once its content is known and what stands beside it."""
    return rows()[host.plugin_host] if host.plugin_host and _is_plugin(value, data, real) else host


def _is_plugin(value: Any, data: bytes, real: str | None) -> bool:
    """Whether servers in an `.mcp.json` are those of a plugin, which may stand there without a root key."""
    if not isinstance(value, dict):
        return False
    if b"${user_config." in data or b"${CLAUDE_PLUGIN_" in data:
        return True
    if real is None or "mcpServers" in value:
        return False
    from pathlib import Path

    return (Path(real).parent / ".claude-plugin").is_dir()


@cache
def _index() -> tuple[dict[str, list[tuple[str, str]]], list[tuple[str, str]]]:
    """Endings by file name, the longest first, and patterns with wildcards."""
    exact: dict[str, list[tuple[str, str]]] = {}
    patterns: list[tuple[str, str]] = []
    for host in rows().values():
        for ending in endings(host):
            if "*" in ending:
                patterns.append((ending, host.id))
            else:
                exact.setdefault(ending.rpartition("/")[2], []).append((ending, host.id))
    for found in exact.values():
        found.sort(key=lambda each: -len(each[0]))
    return exact, patterns


def endings(host: HostFacts) -> Iterator[str]:
    """The paths of a host's files without the part that differs between machines."""
    yield from host.project
    for path in host.user:
        yield path.partition("/")[2] if path[0] in "~{" else path


def by_content(value: Any, syntax: Syntax) -> HostFacts:
    """The host that a parsed file looks like."""
    return rows()[_guess(value, syntax) if isinstance(value, dict) else GENERIC]


def _guess(value: dict[str, Any], syntax: Syntax) -> str:
    if syntax == "yaml":
        return "goose" if "extensions" in value else "continue"
    if syntax == "toml":
        known = ("model", "approval_policy", "sandbox_mode", "projects", "model_provider", "mcp_servers")
        own = "servers" in value or "profiles" in value
        return "codex" if not own and any(key in value for key in known) else "mcpctl"
    return next((host for host, fits in _SIGNS if fits(value)), GENERIC)


def _is_vscode_settings(value: dict[str, Any]) -> bool:
    table = value.get("mcp")
    return isinstance(table, dict) and "servers" in table and "$schema" not in value


def _is_opencode(value: dict[str, Any]) -> bool:
    return isinstance(value.get("mcp"), dict) and "mcpServers" not in value


_SIGNS: tuple[tuple[str, Callable[[dict[str, Any]], bool]], ...] = (
    ("registry", lambda value: is_manifest(value, "registry")),
    ("mcpb", lambda value: is_manifest(value, "mcpb")),
    ("agent-plugin", lambda value: "agent-plugins.org/schemas/" in str(value.get("$schema"))),
    ("zed", lambda value: "context_servers" in value),
    ("claude-desktop", lambda value: "globalShortcut" in value),
    ("vscode-settings", _is_vscode_settings),
    ("opencode", _is_opencode),
    ("vscode", lambda value: "mcpServers" not in value and ("servers" in value or "inputs" in value)),
    ("mcporter", lambda value: "imports" in value and isinstance(value.get("mcpServers"), dict)),
    ("claude-code", lambda value: isinstance(value.get("projects"), dict) and "mcpServers" in value),
)
"""What only files of one host have, the surest first."""


def is_manifest(value: Any, kind: str) -> bool:
    """Whether a file with a common name, such as `manifest.json`, is one of ours."""
    if not isinstance(value, dict):
        return False
    if kind == "registry":
        schema = str(value.get("$schema", ""))
        named = "/" in str(value.get("name", "")) and ("packages" in value or "remotes" in value)
        return "server.schema.json" in schema or named
    if kind == "mcpb":
        return ("manifest_version" in value or "dxt_version" in value) and isinstance(
            value.get("server"), dict
        )
    return True


def belongs(host: HostFacts, value: Any) -> bool:
    """Whether the content bears out what an ambiguous name suggests."""
    if host.manifest in {"registry", "mcpb"}:
        return is_manifest(value, host.manifest)
    if host.own_table:
        return value_at(value, host.own_table) is not None
    return not host.is_generic


def syntax_of(path: str, host: HostFacts | None) -> Syntax:
    """How a file is to be read: by its ending, and by what its host makes of JSON."""
    lowered = path.lower()
    if lowered.endswith(".toml"):
        return "toml"
    if lowered.endswith((".yaml", ".yml")):
        return "yaml"
    if lowered.endswith(".jsonc"):
        return "jsonc"
    if lowered.endswith(".json5"):
        return "json5"
    if host is None:
        return "jsonc"
    return "json" if host.syntax in {"toml", "yaml"} else host.syntax
