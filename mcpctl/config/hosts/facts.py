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

GENERIC = "generic"
"""The id of the row for files that nobody signed."""


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
    listed_too: tuple[KeyPath, ...] = ()
    """Roots where they may be a list as well."""
    repeats_names: bool = False
    """Whether an entry has its name inside too, though servers are an object."""
    bare_ok: bool = False
    """Whether servers may stand at the root of the file, without the root key."""
    servers_elsewhere: bool = False
    """Whether the path of another file may stand in place of the servers."""
    root_required: bool = False
    """Whether the host refuses a file without servers."""
    asks_inputs: bool = False
    """Whether the file defines `inputs`, which the host asks its user for."""
    beside_servers: tuple[str, ...] = ()
    """Objects that may stand beside the servers, where nothing else may."""
    plugin_host: str = ""
    """The host whose rules a file of this name follows in a plugin."""
    told_by_folder: bool = False
    """Whether it is also known by what stands beside the file."""

    fields: tuple[Field, ...] = ()
    ignored: tuple[tuple[str, str], ...] = ()
    """Keys that the host reads past, though people write them, and what that means."""
    refused: tuple[tuple[str, str], ...] = ()
    """Keys that make the entry invalid, and what to write instead."""
    wrong_words: frozenset[str] = frozenset()
    """Other hosts' words that are errors here, because what people say with them is vital."""
    closed: bool = False
    """Whether the format is mcpctl's own: a key that is not in `fields` makes the entry invalid."""
    required: tuple[str, ...] = ()
    """Fields that every entry must have, beside a command or an address."""
    suffices: frozenset[str] = frozenset()
    """Fields with which an entry needs neither a command nor an address."""
    overrides: frozenset[str] = frozenset()
    """An entry with nothing but these keys is about a server that is defined elsewhere."""
    brings_servers: bool = False
    """Whether there are servers of the host's own, which need neither a command nor an address."""
    legacy_command: bool = False
    """Whether a command used to be an object with `path`, `args` and `env`."""
    strict_keys: bool = False
    """Whether a key that is not in `fields` makes the entry invalid, though the format is not mcpctl's own."""
    every_tool: str = ""
    """What stands for all tools in `allow_tools`, where each entry is to have that list."""
    one_tool_list: bool = False
    """Whether an entry has tools to allow or tools to deny, and both make it invalid."""
    oauth: tuple[Field, ...] = ()
    """What the host calls the parts of OAuth; every other part has no place there."""
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
    goes_by_word: bool = False
    """Whether the rest of an entry is read by what its word for the transport says."""
    schemes: tuple[str, ...] = ("http", "https")
    tls_required: bool = False
    """Whether servers beyond this machine must be reached with TLS."""
    remote_elsewhere: str = ""
    """Where people add remote servers, if the file cannot have them."""

    variables: frozenset[str] = frozenset()
    """Notations of variables that are expanded; see `references`."""
    instead_of_variables: str = "let the server read it from its own environment"
    expands_tilde: bool = False
    splits_commands: bool = False
    """Whether a command with spaces is taken apart."""
    project_folder: bool = True
    """Whether servers are started in the folder of the project, or in `cwd`."""
    folder_variable: str = ""
    """What stands for that folder in an entry."""
    inside_plugin: bool = False
    """Whether commands and folders must begin in the plugin that the file belongs to."""

    bad_entry: Literal["skipped", "file refused", "fails at start", "error shown"] = "skipped"
    """What happens to a server that is not valid."""
    name_pattern: str = r"[^\x00-\x1f]+"
    reserved_names: tuple[str, ...] = ()
    tool_name_limit: int = 64
    tool_name_overhead: int = 2
    """Characters that the host puts around the names of server and tool."""
    refused_env: frozenset[str] = frozenset()
    """Variables that the host does not pass on."""
    own_env: frozenset[str] = frozenset()
    """Variables that the host always sets itself."""
    manifest: Literal["", "registry", "mcpb", "abstract"] = ""
    """Not a list of servers, but a description: it has its own rules."""
    personal: bool = False
    """Whether the file is one person's, even where it was found in a repository."""
    strict_json: bool = False
    """Whether it is known to take nothing but strict JSON, though its code is not."""

    def unit_of(self, name: str) -> str:
        """`ms`, `s` or nothing for a field that is a time."""
        return next((each.unit for each in self.fields if each.name == name), "")

    def range_of(self, name: str) -> tuple[float | None, float | None]:
        return next(((each.low, each.high) for each in self.fields if each.name == name), (None, None))

    @property
    def is_strict(self) -> bool:
        """Whether it is known that the host takes nothing but strict JSON."""
        return self.certainty == "source" or self.strict_json

    @property
    def confident(self) -> bool:
        """Whether a finding may say what the host does, rather than what it seems to do."""
        return self.certainty != "observed"

    @property
    def is_generic(self) -> bool:
        """Whether it stands for no host in particular."""
        return self.id == GENERIC

    @property
    def takes_remote(self) -> bool:
        """Whether anything but a process can be a server."""
        return set(self.transports) != {"stdio"}

    @property
    def tells_by_key(self) -> bool:
        """Whether the key of an address says which transport it is for."""
        return any(field.name == "sse_url" for field in self.fields)

    @property
    def own_table(self) -> KeyPath:
        """The table that is mcpctl's own, in a file that it shares with others."""
        return self.roots[0][:-1] if self.closed else ()
