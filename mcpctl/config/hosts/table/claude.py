"""Claude Code, its plugins, and Claude Desktop."""

from __future__ import annotations

from mcpctl.config.hosts.facts import Field, HostFacts, Kind

_STDIO = (
    Field("command", on="stdio"),
    Field("args", shape="texts", on="stdio"),
    Field("env", shape="texts map", on="stdio"),
)

_CODE_FIELDS = (
    Field("type", choices=("stdio", "http", "streamable-http", "sse", "ws")),
    *_STDIO,
    Field("url", on="remote"),
    Field("headers", shape="texts map", on="remote"),
    Field("headers_helper", "headersHelper", on="remote"),
    Field("timeout", shape="whole", unit="ms", low=1),
    Field("always_load", "alwaysLoad", shape="flag"),
    Field("role"),
    Field("oauth", shape="object", on="remote"),
    Field("tools", shape="any", on="remote"),
    Field("tool_permissions", "toolPermissions", shape="any", on="remote"),
)

_CODE_IGNORED = (
    ("cwd", "servers start in the project's folder"),
    ("disabled", "use `/mcp` or `disabledMcpjsonServers` in the settings"),
    ("enabled", "use `/mcp` or `enabledMcpjsonServers` in the settings"),
    ("envFile", "it reads no file of variables"),
    ("autoApprove", "permissions are in the settings"),
    ("alwaysAllow", "permissions are in the settings"),
    ("disabledTools", "permissions are in the settings"),
)

_CODE_OAUTH = (
    Field("client_id", "clientId"),
    Field("redirect_port", "callbackPort", shape="whole"),
    Field("scopes"),
)

_CODE_SOURCE = "schema and loader in the linux-x64 binary of Claude Code 2.1.197"

_TYPE_WORDS: tuple[tuple[str, Kind], ...] = (
    ("stdio", "stdio"),
    ("http", "http"),
    ("streamable-http", "http"),
    ("sse", "sse"),
    ("ws", "ws"),
)

_RESERVED = ("workspace", "claude-in-chrome", "computer-use", "Claude Preview", "Claude Browser")

CLAUDE_CODE = HostFacts(
    id="claude-code",
    plugin_host="claude-plugin",
    title="Claude Code",
    source=_CODE_SOURCE,
    checked="2026-09-15",
    certainty="source",
    project=(".mcp.json",),
    user=("~/.claude.json",),
    roots=(("mcpServers",), ("projects", "*", "mcpServers")),
    root_required=True,
    fields=_CODE_FIELDS,
    ignored=_CODE_IGNORED,
    oauth=_CODE_OAUTH,
    transports=("stdio", "http", "sse", "ws"),
    type_words=_TYPE_WORDS,
    url_alone="broken",
    both="type",
    schemes=("http", "https", "ws", "wss"),
    goes_by_word=True,
    variables=frozenset({"braces", "braces-default", "plugin"}),
    folder_variable="${CLAUDE_PROJECT_DIR:-.}",
    bad_entry="skipped",
    name_pattern=r"[A-Za-z0-9_\-]+",
    reserved_names=_RESERVED,
    tool_name_overhead=7,
)

CLAUDE_PLUGIN = HostFacts(
    id="claude-plugin",
    told_by_folder=True,
    title="Claude Code",
    source=_CODE_SOURCE,
    checked="2026-09-15",
    certainty="source",
    bare_ok=True,
    fields=_CODE_FIELDS,
    ignored=_CODE_IGNORED,
    oauth=_CODE_OAUTH,
    transports=("stdio", "http", "sse", "ws"),
    type_words=_TYPE_WORDS,
    url_alone="broken",
    both="type",
    schemes=("http", "https", "ws", "wss"),
    goes_by_word=True,
    variables=frozenset({"braces", "braces-default", "plugin", "bundle"}),
    bad_entry="skipped",
    name_pattern=r"[A-Za-z0-9_\-]+",
    tool_name_overhead=7,
)

CLAUDE_PLUGIN_MANIFEST = CLAUDE_PLUGIN._replace(
    id="claude-plugin-manifest",
    project=(".claude-plugin/plugin.json",),
    bare_ok=False,
    servers_elsewhere=True,
    told_by_folder=False,
)

CLAUDE_DESKTOP = HostFacts(
    id="claude-desktop",
    personal=True,
    title="Claude Desktop",
    source="user guides and reports; the application is closed",
    checked="2026-09-15",
    user=(
        "~/Library/Application Support/Claude/claude_desktop_config.json",
        "~/.config/Claude/claude_desktop_config.json",
        "{appdata}/Claude/claude_desktop_config.json",
    ),
    project=("claude_desktop_config.json", "claude_desktop_config.example.json"),
    fields=_STDIO,
    ignored=(
        ("cwd", "servers start in `/` or in the application's folder"),
        ("disabled", "remove the entry to switch it off"),
        ("enabled", "remove the entry to switch it off"),
        ("autoApprove", "permissions are asked for in the application"),
        ("alwaysAllow", "permissions are asked for in the application"),
        ("envFile", "it reads no file of variables"),
    ),
    transports=("stdio",),
    both="stdio",
    url_alone="broken",
    remote_elsewhere="under Settings → Connectors",
    strict_json=True,
    instead_of_variables="it expands no variables: start a small script that sets them",
    project_folder=False,
    bad_entry="error shown",
    name_pattern=r"[^\x00-\x1f]+",
)

ROWS = (CLAUDE_CODE, CLAUDE_PLUGIN, CLAUDE_PLUGIN_MANIFEST, CLAUDE_DESKTOP)
