"""Bytes -> Settings: the only reader of configuration files and of the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # every module of this room passes here, and most need no settings
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mcpctl.model.settings import Settings
    from mcpctl.model.world import World


def load(
    world: World,
    *,
    paths: Sequence[str | Path] = (),
    profile: str | None = None,
    inputs: Mapping[str, str] | None = None,
) -> Settings:
    """Find the configuration, merge its layers, and decide what counts. No file at all is an empty configuration.

    Raises `ConfigError` for the first fault, with every other one in `related`.
    """
    from mcpctl.config.discovery import discover
    from mcpctl.config.layers import read_layer
    from mcpctl.config.resolve import resolve
    from mcpctl.config.together import raise_all

    found = discover(world, paths)
    layers = [read_layer(path, name) for path, name in found.files]
    raise_all([error for layer in layers for error in layer.errors])
    return resolve(layers, found, world, profile=profile, inputs=inputs or {})
