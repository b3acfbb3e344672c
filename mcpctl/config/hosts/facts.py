"""What is known about a host's configuration: one row per host, kept as data with where it comes from and when.

A row says what the host does, not what would be sensible. Rules, schemas, conversion and `config view` read the same
rows, so a fact that changes is changed once.
"""

from __future__ import annotations

from typing import Literal

from mcpctl.config.documents import Syntax
from mcpctl.model.keypath import KeyPath
from mcpctl.model.value import NamedTuple

Kind = Literal["stdio", "http", "sse", "ws"]
"""What a server is reached over."""

Shape = Literal[
    "text", "texts", "text or texts", "texts map", "scalars map", "flag", "whole", "number", "object", "flag or object",
    "objects", "any",
]  # fmt: skip
"""`texts` is a list of texts, `texts map` an object of them; a `scalars map` may hold numbers, booleans and null too."""

Certainty = Literal["source", "documented", "observed"]
"""Read in the host's own code, promised by its documentation, or told by others: that is how loud findings may be."""

On = Literal["any", "stdio", "remote"]

URL_NAMES = ("url", "plain_url", "sse_url", "server_url", "snake_url", "snake_server_url")
"""What mcpctl calls an address in hosts that take it under several names; the first one counts."""


class Field(NamedTuple):
    """One key of a server's entry."""

    name: str
    """What mcpctl calls it, whatever the host does."""
    key: str = ""
    """What the host calls it; the same where nothing is given. Dots lead into objects."""
    shape: Shape = "text"
    on: On = "any"
    unit: Literal["", "ms", "s"] = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    note: str = ""

    @property
    def path(self) -> tuple[str, ...]:
        return tuple((self.key or self.name).split("."))


class HostFacts(NamedTuple):
    id: str
    title: str
    source: str
    """Where the facts come from."""
    checked: str
    """When somebody looked last."""
    certainty: Certainty = "documented"

    project: tuple[str, ...] = ()
    """Ends of paths of files that belong to a project and are shared through its repository."""
    user: tuple[str, ...] = ()
    """Paths of files of one person; `~` is the home folder, `{appdata}` what Windows uses."""
    syntax: Syntax = "json"
    roots: tuple[KeyPath, ...] = (("mcpServers",),)
    """Where the servers are; the first one is written, `()` is the file itself. `*` stands for every key."""
    listed: bool = False
    """Servers are a list with names, not an object."""
    bare_ok: bool = False
    """Whether servers may stand at the root of the file, without the root key."""
    servers_elsewhere: bool = False
    """Whether the path of another file may stand in place of the servers."""
    root_required: bool = False
    """Whether the host refuses a file without servers."""

    fields: tuple[Field, ...] = ()
    ignored: tuple[tuple[str, str], ...] = ()
    """Keys that the host reads past, though people write them, and what that means."""
    refused: tuple[tuple[str, str], ...] = ()
    """Keys that make the entry invalid, and what to write instead."""
    closed: bool = False
    """Whether the format is mcpctl's own: a key that is not in `fields` makes the entry invalid."""
    required: tuple[str, ...] = ()
    """Fields that every entry must have, beside a command or an address."""
    strict_keys: bool = False
    """Whether a key that is not in `fields` makes the entry invalid, though the format is not mcpctl's own."""
    every_tool: str = ""
    """What stands for all tools in `allow_tools`, where each entry is to have that list."""
    schema_named: str = ""
    """What a file must give as its `$schema`."""
    strict_transport: bool = False
    """Whether a field of the other transport makes the entry invalid."""

    transports: tuple[Kind, ...] = ("stdio", "http", "sse")
    type_words: tuple[tuple[str, Kind], ...] = ()
    """Words for the transport, the preferred one first for each kind; empty where the host reads none."""
    type_required: bool = False
    url_alone: Literal["http", "sse", "by path", "broken", "error"] = "http"
    """What an address without a word for the transport is taken for; `broken` is a stdio server without a command."""
    both: Literal["stdio", "remote", "error", "type"] = "stdio"
    """Which one counts where an entry has a command and an address."""
    schemes: tuple[str, ...] = ("http", "https")

    variables: frozenset[str] = frozenset()
    """Notations of variables that are expanded; see `references`."""
    instead_of_variables: str = "let the server read it from its own environment"
    expands_tilde: bool = False
    splits_commands: bool = False
    """Whether a command with spaces is taken apart."""
    project_folder: bool = True
    """Whether servers are started in the folder of the project, or in `cwd`."""

    bad_entry: Literal["skipped", "file refused", "fails at start", "error shown"] = "skipped"
    """What happens to a server that is not valid."""
    name_pattern: str = r"[^\x00-\x1f]+"
    reserved_names: tuple[str, ...] = ()
    tool_name_limit: int = 64
    tool_name_overhead: int = 2
    """Characters that the host puts around the names of server and tool."""
    refused_env: frozenset[str] = frozenset()
    """Variables that the host does not pass on."""
    manifest: Literal["", "registry", "mcpb", "abstract"] = ""
    """Not a list of servers, but a description: it has its own rules."""
    personal: bool = False
    """Whether the file is one person's, even where it was found in a repository."""

    def unit_of(self, name: str) -> str:
        """`ms`, `s` or nothing for a field that is a time."""
        return next((each.unit for each in self.fields if each.name == name), "")

    def range_of(self, name: str) -> tuple[float | None, float | None]:
        return next(((each.low, each.high) for each in self.fields if each.name == name), (None, None))

    @property
    def is_strict(self) -> bool:
        """Whether it is known that the host takes nothing but strict JSON."""
        return self.certainty == "source" or self.id == "claude-desktop"

    @property
    def confident(self) -> bool:
        """Whether a finding may say what the host does, rather than what it seems to do."""
        return self.certainty != "observed"
