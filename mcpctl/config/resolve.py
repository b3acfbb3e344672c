"""Who wins where the same thing is said twice: the one place where layers, profiles, defaults and flags meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mcpctl.config.converters import SurpriseError
from mcpctl.config.discovery import Found
from mcpctl.config.layers import Layer
from mcpctl.config.provenance import LayeredProvenance
from mcpctl.config.shape import decode_input, decode_server
from mcpctl.config.together import raise_all
from mcpctl.errors import ConfigError, McpctlError
from mcpctl.model.server import ServerSpec
from mcpctl.model.settings import KeyPath, Note, Settings, Source
from mcpctl.model.value import replace
from mcpctl.model.world import World

Raw = dict[str, Any]

_ON = frozenset({"1", "true", "yes", "on"})
_OFF = frozenset({"0", "false", "no", "off"})
_WAYS = {"command": ("url", "transport"), "url": ("command", "args", "transport")}
"""Who says how a server is reached also says how it is not."""


def resolve(
    layers: Sequence[Layer], found: Found, world: World, *, profile: str | None, inputs: Mapping[str, str]
) -> Settings:
    """Merge, in this order, each over what came before:

    1. the user's own file, the base, the overlays beside it, further `--config` files;
       each of them first as it is, then its part of the chosen profile
    2. below every server: `defaults`, merged in the same way
    3. above everything: `MCPCTL_FEATURE_NAME` in the environment
    """
    chosen = _choose_profile(layers, world, profile)
    root: Raw = {}
    for layer in layers:
        root = _merge_roots(root, layer.root)
        if chosen is not None:
            root = _merge_roots(root, layer.root.get("profiles", {}).get(chosen, {}))
    servers: dict[str, Raw] = {
        name: _merge_servers(root.get("defaults", {}), raw) for name, raw in root.get("servers", {}).items()
    }
    features, flags = _features(root.get("features", {}), servers, world)
    provenance = LayeredProvenance(layers, profile=chosen, flags=flags)
    extras = _extras(layers)
    return Settings(
        servers=_decode(servers, extras, features, provenance),
        features=features,
        inputs={name: decode_input(name, raw) for name, raw in root.get("inputs", {}).items()},
        profile=chosen,
        sources=_sources(found, layers),
        base=found.base,
        provenance=provenance,
        given_inputs=dict(inputs),
        notes=_notes(found, layers),
        folder=_folder(found, layers),
    )


def _choose_profile(layers: Sequence[Layer], world: World, given: str | None) -> str | None:
    known = list(dict.fromkeys(name for layer in layers for name in layer.root.get("profiles", {})))
    named = given or world.env.get("MCPCTL_PROFILE") or None
    if named is None:
        ambient = world.env.get("ENVIRONMENT")
        return ambient if ambient in known else None
    if named in known:
        return named
    from difflib import get_close_matches

    near = get_close_matches(named, known, n=1) or known
    hint = (
        f"use one of {', '.join(f'`{name}`' for name in near)}" if near else "write `[profiles.NAME]` first"
    )
    by = "" if given else ", which `$MCPCTL_PROFILE` names"
    raise ConfigError(f"there is no profile `{named}`{by}", code="config.unknown_profile", hint=hint)


def _merge_roots(lower: Raw, upper: Raw) -> Raw:
    merged = _merge(lower, {key: upper[key] for key in ("defaults", "features", "inputs") if key in upper})
    servers = dict(lower.get("servers", {}))
    for name, raw in upper.get("servers", {}).items():
        servers[name] = _merge_servers(servers.get(name, {}), raw)
    merged["servers"] = servers
    return merged


def _merge_servers(lower: Raw, upper: Raw) -> Raw:
    for way, others in _WAYS.items():
        if way in upper and not any(other in upper for other in ("command", "url") if other != way):
            lower = {key: value for key, value in lower.items() if key not in others}
    return _merge(lower, upper)


def _merge(lower: Raw, upper: Raw) -> Raw:
    """Tables are merged, everything else is replaced. Neither side is changed."""
    merged = dict(lower)
    for key, value in upper.items():
        below = merged.get(key)
        merged[key] = _merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _features(
    declared: Mapping[str, bool], servers: Mapping[str, Raw], world: World
) -> tuple[dict[str, bool], dict[KeyPath, str]]:
    """Every flag that is declared or used. One that nobody decided is off."""
    used = {raw["feature"]: False for raw in servers.values() if "feature" in raw}
    features = {**used, **declared}
    flags: dict[KeyPath, str] = {}
    for name in features:
        variable = "MCPCTL_FEATURE_" + "".join(char if char.isalnum() else "_" for char in name.upper())
        word = world.env.get(variable, "").lower()
        if word in _ON | _OFF:
            features[name] = word in _ON
            flags["features", name] = variable
        elif word:
            message = f"`${variable}` is neither on nor off"
            raise ConfigError(
                message, code="config.feature_value", hint=f"set `{variable}=1` or `{variable}=0`"
            )
    return features, flags


def _decode(
    servers: Mapping[str, Raw],
    extras: Mapping[str, tuple[Raw, bool]],
    features: Mapping[str, bool],
    provenance: LayeredProvenance,
) -> dict[str, ServerSpec]:
    specs: dict[str, ServerSpec] = {}
    errors: list[McpctlError] = []
    for name, raw in servers.items():
        extra, foreign = extras.get(name, ({}, False))
        if "feature" in raw and not features[raw["feature"]]:
            raw["enabled"] = False
        try:
            specs[name] = decode_server(name, raw, extra, complete=not foreign)
        except SurpriseError as surprise:
            errors.append(_merged_error(name, surprise, provenance))
    raise_all(errors)
    return specs


def _merged_error(name: str, surprise: SurpriseError, provenance: LayeredProvenance) -> ConfigError:
    """Something that no file has alone."""
    path = ("servers", name, *surprise.path)
    origin = provenance.locate(path) or provenance.locate(path[:2])
    dotted = ".".join(str(part) for part in path)
    return ConfigError(
        f"`{dotted}` {surprise.message}",
        code="config.shape",
        server=name,
        file=origin.file if origin else None,
        line=origin.line if origin else None,
        column=origin.column if origin else None,
    )


def _extras(layers: Sequence[Layer]) -> dict[str, tuple[Raw, bool]]:
    """What other hosts' files said besides, and that the server comes from one."""
    extras: dict[str, tuple[Raw, bool]] = {}
    for layer in layers:
        for name, extra in (layer.reading.extras if layer.reading else {}).items():
            extras[name] = (extra, True)
    return extras


def _sources(found: Found, layers: Sequence[Layer]) -> tuple[Source, ...]:
    formats = {layer.file: layer.format for layer in layers}
    return tuple(replace(source, format=formats.get(source.path)) for source in found.sources)


def _notes(found: Found, layers: Sequence[Layer]) -> tuple[Note, ...]:
    read = [note for layer in layers if layer.reading for note in layer.reading.notes]
    return (*found.notes, *read)


def _folder(found: Found, layers: Sequence[Layer]) -> Path | None:
    """The project's folder: where the base was found, else what the base itself is at home in."""
    at_home = next((layer.folder for layer in layers if layer.file == str(found.base)), None)
    return found.folder or at_home
