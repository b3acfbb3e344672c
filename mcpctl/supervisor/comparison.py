"""What differs: between two builds of a server, and between two configurations. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from mcpctl.model.protocol import JsonObject
from mcpctl.model.running import ToolChanges
from mcpctl.model.server import ServerSpec
from mcpctl.model.value import dataclass

PROCESS_FIELDS: Final = frozenset(
    {
        *("transport", "command", "args", "env", "env_file", "env_from", "inherit_env", "cwd"),
        *("url", "headers", "header_env", "bearer_env", "oauth", "ca_file", "client_cert", "client_key"),
        *("required_env", "limits"),
    }
)
"""Fields that a running server cannot take over; all others are applied in place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigChanges:
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    adjusted: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.adjusted)


def compare_servers(before: Mapping[str, ServerSpec], after: Mapping[str, ServerSpec]) -> ConfigChanges:
    """A server that was switched off or on is one that left or came."""
    old = {name: spec for name, spec in before.items() if spec.enabled}
    new = {name: spec for name, spec in after.items() if spec.enabled}
    common = [name for name in new if name in old and new[name] != old[name]]
    changed = tuple(name for name in common if _needs_process(old[name], new[name]))
    return ConfigChanges(
        added=tuple(name for name in new if name not in old),
        removed=tuple(name for name in old if name not in new),
        changed=changed,
        adjusted=tuple(name for name in common if name not in changed),
    )


def _needs_process(old: ServerSpec, new: ServerSpec) -> bool:
    return any(getattr(old, name) != getattr(new, name) for name in PROCESS_FIELDS)


def compare_tools(before: Iterable[JsonObject], after: Iterable[JsonObject]) -> ToolChanges:
    old = {tool["name"]: tool for tool in before}
    new = {tool["name"]: tool for tool in after}
    changed = {
        name: tuple(
            sorted(key for key in tool.keys() | old[name].keys() if tool.get(key) != old[name].get(key))
        )
        for name, tool in new.items()
        if name in old and tool != old[name]
    }
    return ToolChanges(
        added=tuple(name for name in new if name not in old),
        removed=tuple(name for name in old if name not in new),
        changed=changed,
    )
