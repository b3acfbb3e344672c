"""The whole configuration after all layers were merged, and where each value came from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Protocol

from mcpctl.model.keypath import KeyPath as KeyPath  # noqa: PLC0414 - for those who want it with the settings
from mcpctl.model.server import ServerSpec
from mcpctl.model.value import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Lines and columns count from 1."""

    file: str
    line: int | None = None
    column: int | None = None
    layer: str = "base"


class Provenance(Protocol):
    """Finds the place of a value when somebody asks: positions cost a second parse, most runs need none."""

    def locate(self, path: KeyPath) -> Origin | None: ...


class Nowhere:
    """The provenance of settings that no file describes."""

    def locate(self, path: KeyPath) -> Origin | None:
        del path
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file that discovery looked at."""

    path: str
    layer: Literal["base", "profile", "overlay", "user", "flag"] = "base"
    status: Literal["used", "absent", "shadowed"]
    format: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSpec:
    """A value that VS Code asks its user for, as `${input:id}`."""

    id: str
    description: str | None = None
    password: bool = False
    default: str | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something in a file that mcpctl reads past, and why; it never repeats a value."""

    message: str
    server: str | None = None
    """The server that was left out because of it."""
    file: str | None = None
    path: KeyPath = ()
    """In the words of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    servers: Mapping[str, ServerSpec] = field(default_factory=dict)
    features: Mapping[str, bool] = field(default_factory=dict)
    inputs: Mapping[str, InputSpec] = field(default_factory=dict)
    profile: str | None = None
    sources: tuple[Source, ...] = ()
    base: Path | None = None
    """The file that won discovery; its folder is what relative paths mean."""
    provenance: Provenance = field(default_factory=Nowhere)
    given_inputs: Mapping[str, str] = field(default_factory=dict)
    """Values of `--input id=…`."""
    notes: tuple[Note, ...] = ()
    folder: Path | None = None
    """The project's: where its servers run unless they say otherwise, and what `${workspaceFolder}` means."""
