"""mcpctl's own format in its three places, and the list that nobody signed: `mcp.json` without a host."""

from __future__ import annotations

from typing import Any

from mcpctl.config.hosts.facts import Field, HostFacts

_FIELDS = (
    Field("type", "transport", choices=("stdio", "http", "sse")),
    Field("command", on="stdio"),
    Field("args", shape="texts", on="stdio"),
    Field("env", shape="texts map", on="stdio"),
    Field("env_file", on="stdio"),
    Field("env_from", shape="texts", on="stdio"),
    Field("inherit_env", shape="any", on="stdio"),
    Field("cwd", on="stdio"),
    Field("url", on="remote"),
    Field("headers", shape="texts map", on="remote"),
    Field("header_env", shape="texts map", on="remote"),
    Field("bearer_env", on="remote"),
    Field("oauth", shape="object", on="remote"),
    Field("ca_file", on="remote"),
    Field("client_cert", on="remote"),
    Field("client_key", on="remote"),
    Field("description"),
    Field("enabled", shape="flag"),
    Field("feature"),
    Field("tags", shape="texts"),
    Field("layer"),
    Field("capabilities", shape="texts"),
    Field("required_env", shape="texts"),
    Field("start_timeout", shape="any"),
    Field("call_timeout", shape="any"),
    Field("idle_timeout", shape="any"),
    Field("lifecycle", choices=("lazy", "eager", "keep-alive")),
    Field("reload", choices=("swap", "restart")),
    Field("watch", shape="texts"),
    Field("allow_tools", shape="texts"),
    Field("deny_tools", shape="texts"),
    Field("read_only", shape="flag"),
    Field("fallback", shape="texts"),
    Field("retry", shape="any"),
    Field("breaker", shape="any"),
    Field("rate_limit", shape="any"),
    Field("cache", shape="any"),
    Field("health", shape="any"),
    Field("truncate", shape="any"),
    Field("tool_truncate", "tools", shape="any"),
    Field("limits", shape="any"),
    Field("extra", shape="any"),
)

_VARIABLES = frozenset({"braces", "braces-default", "env-colon", "input", "keyring"})

_ABOUT: dict[str, Any] = {
    "source": "this package",
    "checked": "2026-11-20",
    "certainty": "source",
    "fields": _FIELDS,
    "closed": True,
    "type_words": (("stdio", "stdio"), ("http", "http"), ("sse", "sse")),
    "both": "error",
    "variables": _VARIABLES,
    "bad_entry": "file refused",
    "expands_tilde": True,
}

MCPCTL = HostFacts(
    id="mcpctl",
    title="mcpctl",
    project=("mcpctl.toml", "mcpctl.local.toml", "mcpctl.*.toml"),
    user=("~/.config/mcpctl/config.toml",),
    syntax="toml",
    roots=(("servers",),),
    **_ABOUT,
)

MCPCTL_JSON = HostFacts(
    id="mcpctl-json",
    title="mcpctl",
    project=("mcpctl.json",),
    syntax="jsonc",
    roots=(("servers",),),
    **_ABOUT,
)

PYPROJECT = HostFacts(
    id="pyproject",
    title="mcpctl",
    project=("pyproject.toml",),
    syntax="toml",
    roots=(("tool", "mcpctl", "servers"),),
    **_ABOUT,
)

GENERIC = HostFacts(
    id="generic",
    title="an MCP host",
    source="what the hosts of this table have in common",
    checked="2026-09-15",
    certainty="observed",
    project=("mcp.json", "mcp_config.json", "mcp-servers.json", "mcp_servers.json", "*.mcp.json"),
    syntax="json",
    roots=(("mcpServers",), ("servers",), ("mcp_servers",)),
    fields=(
        Field("type"),
        Field("transport_word", "transport"),
        Field("command", on="stdio"),
        Field("args", shape="texts", on="stdio"),
        Field("env", shape="scalars map", on="stdio"),
        Field("cwd", on="stdio"),
        Field("env_file", "envFile", on="stdio"),
        Field("url", on="remote"),
        Field("server_url", "serverUrl", on="remote"),
        Field("plain_url", "httpUrl", on="remote"),
        Field("headers", shape="texts map", on="remote"),
        Field("timeout", shape="any"),
        Field("disabled", shape="flag"),
        Field("enabled", shape="flag"),
        Field("auto_approve", "autoApprove", shape="any"),
        Field("always_allow", "alwaysAllow", shape="any"),
        Field("headers_helper", "headersHelper", on="remote"),
        Field("description"),
    ),
    type_words=(
        ("stdio", "stdio"), ("local", "stdio"), ("http", "http"), ("streamable-http", "http"),
        ("streamableHttp", "http"), ("streamable_http", "http"), ("remote", "http"), ("sse", "sse"), ("ws", "ws"),
    ),
    transports=("stdio", "http", "sse", "ws"),
    schemes=("http", "https", "ws", "wss"),
    variables=frozenset({"braces", "braces-default", "env-colon", "input", "folder", "plugin", "bundle", "bare"}),
)  # fmt: skip

ROWS = (MCPCTL, MCPCTL_JSON, PYPROJECT, GENERIC)
