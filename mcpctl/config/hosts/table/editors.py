"""Editors: VS Code, Cursor, Windsurf, Zed, Junie, Kiro."""

from __future__ import annotations

from mcpctl.config.hosts.facts import Field, HostFacts

_STDIO = (
    Field("command", on="stdio"),
    Field("args", shape="texts", on="stdio"),
    Field("env", shape="texts map", on="stdio"),
)

_VSCODE_FIELDS = (
    Field("type", choices=("stdio", "http", "sse")),
    Field("command", on="stdio"),
    Field("args", shape="texts", on="stdio"),
    Field("env", shape="scalars map", on="stdio"),
    Field("env_file", "envFile", on="stdio"),
    Field("cwd", on="stdio"),
    Field("sandbox_env", "sandboxEnabled", shape="flag", on="stdio"),
    Field("sandbox", shape="object", on="stdio"),
    Field("url", on="remote"),
    Field("headers", shape="texts map", on="remote"),
    Field("oauth", shape="object", on="remote"),
    Field("dev", shape="object"),
    Field("gallery", shape="any"),
    Field("version"),
)

_VSCODE = frozenset({"env-colon", "input", "folder", "config", "command"})

VSCODE = HostFacts(
    id="vscode",
    title="VS Code",
    source="microsoft/vscode, mcpConfiguration.ts, and its documentation",
    checked="2026-09-15",
    certainty="source",
    project=(".vscode/mcp.json",),
    user=(
        "~/Library/Application Support/Code/User/mcp.json",
        "~/.config/Code/User/mcp.json",
        "{appdata}/Code/User/mcp.json",
        "~/Library/Application Support/Code - Insiders/User/mcp.json",
        "~/.config/Code - Insiders/User/mcp.json",
        "{appdata}/Code - Insiders/User/mcp.json",
    ),
    syntax="jsonc",
    roots=(("servers",),),
    asks_inputs=True,
    beside_servers=("sandbox",),
    fields=_VSCODE_FIELDS,
    suffices=frozenset({"gallery"}),
    ignored=(
        ("disabled", "servers are switched off in the extensions view"),
        ("enabled", "servers are switched off in the extensions view"),
        ("autoApprove", "approvals are kept by the editor"),
        ("alwaysAllow", "approvals are kept by the editor"),
        ("timeout", "it has no timeout of its own"),
    ),
    transports=("stdio", "http", "sse"),
    type_words=(("stdio", "stdio"), ("http", "http"), ("sse", "sse")),
    url_alone="http",
    both="stdio",
    schemes=("http", "https", "unix", "pipe"),
    variables=_VSCODE,
    bad_entry="error shown",
)

VSCODE_SETTINGS = HostFacts(
    id="vscode-settings",
    title="VS Code",
    source="documentation of VS Code 1.99 to 1.101, which kept servers in the settings",
    checked="2026-09-15",
    project=(".vscode/settings.json", "settings.code-workspace"),
    user=(
        "~/Library/Application Support/Code/User/settings.json",
        "~/.config/Code/User/settings.json",
        "{appdata}/Code/User/settings.json",
    ),
    syntax="jsonc",
    roots=(("mcp", "servers"),),
    fields=_VSCODE_FIELDS,
    type_words=(("stdio", "stdio"), ("http", "http"), ("sse", "sse")),
    schemes=("http", "https", "unix", "pipe"),
    variables=_VSCODE,
    bad_entry="error shown",
)

CURSOR = HostFacts(
    id="cursor",
    title="Cursor",
    source="its documentation and the adapters of others; the application is closed",
    checked="2026-09-15",
    project=(".cursor/mcp.json",),
    user=("~/.cursor/mcp.json",),
    fields=(
        *_STDIO,
        Field("type", choices=("stdio", "http", "sse", "streamable-http", "streamableHttp")),
        Field("env_file", "envFile", on="stdio"),
        Field("url", on="remote"),
        Field("headers", shape="texts map", on="remote"),
        Field("auth", shape="object", on="remote"),
    ),
    oauth=(
        Field("client_id", "CLIENT_ID"),
        Field("client_secret", "CLIENT_SECRET"),
        Field("scopes", shape="texts"),
    ),
    ignored=(
        ("disabled", "servers are switched off in the settings"),
        ("enabled", "servers are switched off in the settings"),
        ("autoApprove", "approvals are in the settings"),
        ("alwaysAllow", "approvals are in the settings"),
        ("timeout", "it has no timeout of its own"),
    ),
    type_words=(
        ("stdio", "stdio"), ("http", "http"), ("streamable-http", "http"), ("streamableHttp", "http"), ("sse", "sse"),
    ),
    url_alone="http",
    both="stdio",
    variables=frozenset({"env-colon", "folder"}),
    bad_entry="error shown",
)  # fmt: skip

WINDSURF = HostFacts(
    id="windsurf",
    personal=True,
    title="Windsurf",
    source="the adapters of others, which contradict each other on `url`",
    checked="2026-09-15",
    certainty="observed",
    user=("~/.codeium/windsurf/mcp_config.json",),
    project=(".codeium/windsurf/mcp_config.json",),
    fields=(
        *_STDIO,
        Field("url", "serverUrl", on="remote"),
        Field("plain_url", "url", on="remote"),
        Field("headers", shape="texts map", on="remote"),
        Field("disabled", shape="flag"),
        Field("deny_tools", "disabledTools", shape="texts"),
        Field("type"),
    ),
    type_words=(("stdio", "stdio"), ("http", "http"), ("streamable-http", "http"), ("sse", "sse")),
    variables=frozenset({"env-colon"}),
    project_folder=False,
    bad_entry="error shown",
)

ZED = HostFacts(
    id="zed",
    title="Zed",
    source="zed-industries/zed, context_server settings",
    checked="2026-09-15",
    certainty="source",
    project=(".zed/settings.json",),
    user=(
        "~/.config/zed/settings.json",
        "~/Library/Application Support/Zed/settings.json",
        "{appdata}/Zed/settings.json",
    ),
    syntax="jsonc",
    roots=(("context_servers",),),
    fields=(
        *_STDIO,
        Field("timeout", shape="number", unit="s", low=0),
        Field("enabled", shape="flag"),
        Field("remote", shape="flag"),
        Field("url", on="remote"),
        Field("headers", shape="texts map", on="remote"),
        Field("oauth", shape="object", on="remote"),
        Field("settings", shape="object"),
        Field("source"),
    ),
    oauth=(Field("client_id"), Field("client_secret")),
    overrides=frozenset({"enabled", "settings", "source"}),
    brings_servers=True,
    legacy_command=True,
    transports=("stdio", "http"),
    url_alone="http",
    both="stdio",
    bad_entry="error shown",
)

JUNIE = HostFacts(
    id="junie",
    title="Junie",
    source="documentation of JetBrains and files in public repositories",
    checked="2026-09-15",
    certainty="observed",
    project=(".junie/mcp/mcp.json",),
    user=("~/.junie/mcp/mcp.json",),
    fields=(
        *_STDIO,
        Field("type"),
        Field("url", on="remote"),
        Field("headers", shape="texts map", on="remote"),
        Field("disabled", shape="flag"),
    ),
    type_words=(("stdio", "stdio"), ("http", "http"), ("streamable-http", "http"), ("sse", "sse")),
    bad_entry="error shown",
)

KIRO = HostFacts(
    id="kiro",
    title="Kiro",
    source="its documentation; report 5659 on the folder that servers start in",
    checked="2026-09-15",
    project=(".kiro/settings/mcp.json",),
    user=("~/.kiro/settings/mcp.json",),
    fields=(
        *_STDIO,
        Field("url", on="remote"),
        Field("headers", shape="texts map", on="remote"),
        Field("disabled", shape="flag"),
        Field("auto_approve", "autoApprove", shape="texts"),
        Field("deny_tools", "disabledTools", shape="texts"),
        Field("type"),
        Field("timeout", shape="number"),
    ),
    type_words=(("stdio", "stdio"), ("http", "http"), ("streamable-http", "http"), ("sse", "sse")),
    variables=frozenset({"braces"}),
    project_folder=False,
    bad_entry="error shown",
)

ROWS = (VSCODE, VSCODE_SETTINGS, CURSOR, WINDSURF, ZED, JUNIE, KIRO)
