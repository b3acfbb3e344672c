"""Libraries, proxies and gateways that read lists of servers, and the two kinds of manifests that describe one."""

from __future__ import annotations

from mcpctl.config.hosts.facts import Field, HostFacts

_STDIO = (
    Field("command", on="stdio"),
    Field("args", shape="texts", on="stdio"),
    Field("env", shape="texts map", on="stdio"),
)

FASTMCP = HostFacts(
    id="fastmcp",
    title="FastMCP",
    source="fastmcp 4.1.6, mcp_config.py",
    checked="2026-09-15",
    certainty="source",
    project=("fastmcp-client.json",),
    fields=(
        Field("type", "transport", choices=("stdio", "http", "streamable-http", "sse")),
        Field("type_alias", "type", choices=("stdio", "http", "streamable-http", "sse")),
        *_STDIO,
        Field("cwd", on="stdio"),
        Field("keep_alive", shape="flag", on="stdio"),
        Field("timeout", shape="number", unit="ms", low=0),
        Field("description"),
        Field("icon"),
        Field("url", on="remote"),
        Field("headers", shape="texts map", on="remote"),
        Field("auth", shape="any", on="remote"),
        Field("sse_read_timeout", shape="any", on="remote"),
        Field("tools", shape="any"),
        Field("include_tags", shape="texts"),
        Field("exclude_tags", shape="texts"),
    ),
    type_words=(("stdio", "stdio"), ("http", "http"), ("streamable-http", "http"), ("sse", "sse")),
    url_alone="by path",
    both="stdio",
    bad_entry="file refused",
)

FASTMCP_MANIFEST = HostFacts(
    id="fastmcp-server",
    title="FastMCP",
    source="fastmcp-slim, mcp_server_config v1",
    checked="2026-09-15",
    certainty="source",
    project=("fastmcp.json", "*.fastmcp.json"),
    roots=(),
)

MCPORTER = HostFacts(
    id="mcporter",
    title="mcporter",
    source="mcporter 0.12.3, config-schema.ts",
    checked="2026-09-15",
    certainty="source",
    project=("config/mcporter.json", "mcporter.json", "mcporter.jsonc"),
    user=("~/.mcporter/mcporter.json", "~/.mcporter/mcporter.jsonc"),
    syntax="jsonc",
    fields=(
        Field("command", shape="text or texts", on="stdio"),
        Field("executable", on="stdio"),
        Field("args", shape="texts", on="stdio"),
        Field("env", shape="texts map", on="stdio"),
        Field("cwd", on="stdio"),
        Field("url", "baseUrl", on="remote"),
        Field("plain_url", "url", on="remote"),
        Field("server_url", "serverUrl", on="remote"),
        Field("snake_url", "base_url", on="remote"),
        Field("snake_server_url", "server_url", on="remote"),
        Field("headers", shape="texts map", on="remote"),
        Field("type", "transport"),
        Field("type_alias", "type"),
        Field("bearer_token", "bearerToken", on="remote"),
        Field("bearer_env", "bearerTokenEnv", on="remote"),
        Field("lifecycle", shape="any"),
        Field("allow_tools", "allowedTools", shape="texts"),
        Field("deny_tools", "blockedTools", shape="texts"),
        Field("refresh", shape="any"),
        Field("auth"),
        Field("token_cache", "tokenCacheDir"),
        Field("oauth_client_id", "oauthClientId", on="remote"),
        Field("oauth_client_secret", "oauthClientSecret", on="remote"),
        Field("oauth_redirect", "oauthRedirectUrl", on="remote"),
        Field("oauth_scope", "oauthScope", on="remote"),
        Field("oauth_command", "oauthCommand", shape="object", on="remote"),
        Field("client_name", "clientName"),
        Field("description"),
        Field("logging", shape="any"),
    ),
    one_tool_list=True,
    url_alone="http",
    both="stdio",
    variables=frozenset({"braces", "braces-default", "dollar-env"}),
    bad_entry="file refused",
)

MCP_HUB = HostFacts(
    id="mcp-hub",
    title="mcp-hub",
    source="mcp-hub 4.2.1 and its documentation",
    checked="2026-09-15",
    project=("mcphub/servers.json", ".mcphub/servers.json"),
    user=("~/.config/mcphub/servers.json",),
    syntax="json5",
    roots=(("mcpServers",), ("servers",)),
    fields=(
        *_STDIO,
        Field("cwd", on="stdio"),
        Field("url", on="remote"),
        Field("headers", shape="texts map", on="remote"),
        Field("disabled", shape="flag"),
        Field("disabled_tools", shape="texts"),
        Field("disabled_resources", shape="texts"),
        Field("disabled_prompts", shape="texts"),
        Field("dev", shape="object"),
        Field("type"),
        Field("name"),
        Field("description"),
        Field("auto_approve", "autoApprove", shape="any"),
        Field("custom_instructions", shape="any"),
        Field("config_source", shape="any"),
    ),
    type_words=(("stdio", "stdio"), ("http", "http"), ("streamable-http", "http"), ("sse", "sse")),
    both="error",
    variables=frozenset({"braces", "env-colon", "command", "folder", "input", "bare"}),
    bad_entry="file refused",
)

MCP_PROXY = HostFacts(
    id="mcp-proxy",
    title="mcp-proxy",
    source="mcp-proxy 0.13.0, config_loader.py",
    checked="2026-09-15",
    certainty="source",
    project=("named_servers.json", "mcp-proxy.json"),
    root_required=True,
    fields=(*_STDIO, Field("enabled", shape="flag")),
    ignored=(
        ("disabled", "it reads `enabled`, though its own README shows `disabled`"),
        ("timeout", "it has no timeout"),
        ("transportType", "it starts processes only"),
        ("type", "it starts processes only"),
        ("cwd", "servers start where the proxy was started"),
    ),
    transports=("stdio",),
    url_alone="broken",
    bad_entry="skipped",
)

_CHILDREN = (*_STDIO, Field("type", choices=("stdio",)), Field("name"))

MCPGATEWAY = HostFacts(
    id="mcpgateway",
    title="MCPgateway",
    source="TomCat2357/MCPgateway, children configuration",
    checked="2026-09-15",
    certainty="source",
    project=("children_config.json", "children_config.example.json"),
    roots=(("mcpServers",), ("mcp_servers",)),
    listed_too=(("mcp_servers",),),
    fields=_CHILDREN,
    ignored=(
        ("cwd", "children start where the gateway was started"),
        ("disabled", "every child in the file is offered"),
        ("enabled", "every child in the file is offered"),
        ("timeout", "a child has 30 seconds to start, always"),
    ),
    transports=("stdio",),
    url_alone="broken",
    bad_entry="fails at start",
)

MCPGATEWAY_TOML = HostFacts(
    id="mcpgateway-toml",
    title="MCPgateway",
    source="TomCat2357/MCPgateway, children configuration",
    checked="2026-09-15",
    certainty="source",
    project=("children_config.toml", "children_config.example.toml"),
    syntax="toml",
    roots=(("mcp_servers",), ("mcpServers",)),
    listed_too=(("mcp_servers",),),
    fields=_CHILDREN,
    ignored=MCPGATEWAY.ignored,
    transports=("stdio",),
    url_alone="broken",
    bad_entry="fails at start",
)

MCPGATEWAY_ABSTRACT = HostFacts(
    id="mcpgateway-abstract",
    title="MCPgateway",
    source="TomCat2357/MCPgateway, abstracts of children",
    checked="2026-09-15",
    certainty="source",
    project=("children_abstract.json", "children_abstract.example.json"),
    roots=(),
    manifest="abstract",
)

REGISTRY = HostFacts(
    id="registry",
    title="the MCP registry",
    source="schemas 2025-07-09 to 2025-12-11 of static.modelcontextprotocol.io",
    checked="2026-09-15",
    certainty="source",
    project=("server.json",),
    roots=(("remotes",),),
    listed=True,
    transports=("http", "sse", "stdio"),
    type_words=(("streamable-http", "http"), ("sse", "sse"), ("stdio", "stdio")),
    variables=frozenset({"template"}),
    manifest="registry",
)

MCPB = HostFacts(
    id="mcpb",
    title="MCPB",
    source="anthropics/mcpb 2.1.2, manifest schemas 0.1 to 0.4",
    checked="2026-09-15",
    certainty="source",
    project=("mcpb/manifest.json", "manifest.json", "dxt/manifest.json"),
    roots=(),
    fields=_STDIO,
    transports=("stdio",),
    variables=frozenset({"bundle"}),
    manifest="mcpb",
)

ROWS = (
    FASTMCP, FASTMCP_MANIFEST, MCPORTER, MCP_HUB, MCP_PROXY, MCPGATEWAY, MCPGATEWAY_TOML, MCPGATEWAY_ABSTRACT,
    REGISTRY, MCPB,
)  # fmt: skip
