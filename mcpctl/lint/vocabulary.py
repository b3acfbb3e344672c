"""Words that people write in servers' entries whatever the host: names of other hosts, and notes for people."""

from __future__ import annotations

ALIASES = {
    "environment": "env", "envs": "env", "envVars": "env", "env_vars": "env", "environmentVariables": "env",
    "cmd": "command", "arguments": "args", "argument": "args", "arg": "args", "params": "args", "parameters": "args",
    "serverUrl": "url", "httpUrl": "url", "baseUrl": "url", "base_url": "url", "server_url": "url", "uri": "url",
    "endpoint": "url", "URL": "url", "Url": "url", "http_headers": "headers", "httpHeaders": "headers", "header": "headers",
    "workingDir": "cwd", "workingDirectory": "cwd", "working_dir": "cwd", "working_directory": "cwd", "workdir": "cwd",
    "transport": "type", "transportType": "type", "transport_type": "type",
    "startup_timeout_sec": "start_timeout", "tool_timeout_sec": "call_timeout",
    "includeTools": "allow_tools", "enabledTools": "allow_tools", "enabled_tools": "allow_tools", "allowedTools": "allow_tools",
    "excludeTools": "deny_tools", "disabledTools": "deny_tools", "disabled_tools": "deny_tools", "blockedTools": "deny_tools",
    "bearer_token_env_var": "bearer_env", "bearerTokenEnv": "bearer_env", "env_http_headers": "header_env",
    "env_file": "env_file", "envFile": "env_file", "autoApprove": "auto_approve", "alwaysAllow": "always_allow",
}  # fmt: skip
"""Keys of other hosts, and what mcpctl calls the same thing."""

METADATA = frozenset(
    {
        "description",
        "name",
        "title",
        "comment",
        "_comment",
        "$comment",
        "//",
        "note",
        "notes",
        "_note",
        "displayName",
        "icon",
    }
    | {
        "homepage",
        "repository",
        "version",
        "author",
        "category",
        "tags",
        "documentation",
        "docs",
        "license",
        "_description",
    }
    | {
        "capabilities",
        "enabledTools",
        "iconUrl",
        "instructions",
        "metadata",
        "_meta",
        "gallery",
        "provider",
        "logo",
    }
)
"""Keys that are there for people."""
