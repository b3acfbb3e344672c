"""Assistants inside editors and chat applications: Cline, Roo Code, Continue, LM Studio, Goose, Amazon Q."""

from __future__ import annotations

from mcpctl.config.hosts.facts import Field, HostFacts

_STDIO = (
    Field("command", on="stdio"),
    Field("args", shape="texts", on="stdio"),
    Field("env", shape="texts map", on="stdio"),
)

CLINE = HostFacts(
    id="cline",
    personal=True,
    title="Cline",
    source="cline/cline, schemas of its MCP hub",
    checked="2026-09-15",
    certainty="source",
    project=("cline_mcp_settings.json",),
    user=(
        "~/.config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json",
        "~/Library/Application Support/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json",
        "{appdata}/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json",
        "~/.cline/data/settings/cline_mcp_settings.json",
    ),
    fields=(
        Field("type", choices=("stdio", "sse", "streamableHttp")),
        *_STDIO,
        Field("cwd", on="stdio"),
        Field("url", on="remote"),
        Field("headers", shape="texts map", on="remote"),
        Field("disabled", shape="flag"),
        Field("auto_approve", "autoApprove", shape="texts"),
        Field("always_allow", "alwaysAllow", shape="texts"),
        Field("timeout", shape="number", unit="s", low=1),
        Field("transport_word", "transportType"),
        Field("oauth", shape="object", on="remote"),
    ),
    type_words=(("stdio", "stdio"), ("streamableHttp", "http"), ("sse", "sse")),
    url_alone="sse",
    goes_by_word=True,
    both="stdio",
    bad_entry="error shown",
)

ROO = HostFacts(
    id="roo",
    title="Roo Code",
    source="RooCodeInc/Roo-Code, McpHub.ts",
    checked="2026-09-15",
    certainty="source",
    project=(".roo/mcp.json",),
    user=(
        "~/.config/Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json",
        "~/Library/Application Support/Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json",
        "{appdata}/Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json",
    ),
    fields=(
        Field("type", choices=("stdio", "sse", "streamable-http")),
        Field("command", on="stdio"),
        Field("args", shape="texts", on="stdio"),
        Field("env", shape="texts map", on="stdio"),
        Field("cwd", on="stdio"),
        Field("url", on="remote"),
        Field("headers", shape="texts map", on="remote"),
        Field("disabled", shape="flag"),
        Field("timeout", shape="number", unit="s", low=1, high=3600),
        Field("always_allow", "alwaysAllow", shape="texts"),
        Field("watch_paths", "watchPaths", shape="texts"),
        Field("deny_tools", "disabledTools", shape="texts"),
    ),
    type_words=(("stdio", "stdio"), ("streamable-http", "http"), ("sse", "sse")),
    url_alone="error",
    both="error",
    goes_by_word=True,
    strict_transport=True,
    variables=frozenset({"env-colon", "folder"}),
    bad_entry="error shown",
)

CONTINUE = HostFacts(
    id="continue",
    title="Continue",
    source="@continuedev/config-yaml 1.42.0",
    checked="2026-09-15",
    certainty="source",
    project=(".continue/mcpServers/*.yaml", ".continue/mcpServers/*.yml", ".continue/config.yaml"),
    user=("~/.continue/config.yaml",),
    syntax="yaml",
    listed=True,
    fields=(
        Field("name"),
        *_STDIO,
        Field("cwd", on="stdio"),
        Field("type", choices=("stdio", "sse", "streamable-http")),
        Field("url", on="remote"),
        Field("api_key", "apiKey", on="remote"),
        Field("headers", "requestOptions.headers", shape="texts map", on="remote"),
        Field("request_options", "requestOptions", shape="object", on="remote"),
        Field("timeout", "connectionTimeout", shape="number", unit="ms", low=1),
        Field("source_file", "sourceFile"),
        Field("favicon", "faviconUrl"),
    ),
    required=("name",),
    type_words=(("stdio", "stdio"), ("streamable-http", "http"), ("sse", "sse")),
    url_alone="http",
    variables=frozenset({"continue"}),
    bad_entry="error shown",
)

LM_STUDIO = HostFacts(
    id="lm-studio",
    personal=True,
    title="LM Studio",
    source="its documentation, which says that it follows Cursor",
    checked="2026-09-15",
    project=(".lmstudio/mcp.json",),
    user=("~/.lmstudio/mcp.json", "~/.cache/lm-studio/mcp.json"),
    fields=(
        *_STDIO,
        Field("url", on="remote"),
        Field("headers", shape="texts map", on="remote"),
        Field("timeout", shape="number", unit="ms", low=1),
        Field("type"),
    ),
    type_words=(("stdio", "stdio"), ("http", "http"), ("streamable-http", "http"), ("sse", "sse")),
    certainty="observed",
    project_folder=False,
    bad_entry="error shown",
)

_GOOSE_REFUSED = frozenset(
    {
        "PATH",
        "PATHEXT",
        "SYSTEMROOT",
        "WINDIR",
        "LD_LIBRARY_PATH",
        "LD_PRELOAD",
        "LD_AUDIT",
        "LD_DEBUG",
        "LD_BIND_NOW",
    }
    | {"LD_ASSUME_KERNEL", "DYLD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES", "DYLD_FRAMEWORK_PATH", "PYTHONPATH"}
    | {"PYTHONHOME", "NODE_OPTIONS", "RUBYOPT", "GEM_PATH", "GEM_HOME", "CLASSPATH", "GO111MODULE", "GOROOT"}
    | {
        "APPINIT_DLLS",
        "SESSIONNAME",
        "COMSPEC",
        "TEMP",
        "TMP",
        "LOCALAPPDATA",
        "USERPROFILE",
        "HOMEDRIVE",
        "HOMEPATH",
    }
)

GOOSE = HostFacts(
    id="goose",
    title="Goose",
    source="block/goose, extension.rs",
    checked="2026-09-15",
    certainty="source",
    project=(".goose/config.yaml",),
    user=("~/.config/goose/config.yaml", "{appdata}/Block/goose/config/config.yaml"),
    syntax="yaml",
    roots=(("extensions",),),
    repeats_names=True,
    brings_servers=True,
    fields=(
        Field(
            "type",
            choices=("stdio", "streamable_http", "builtin", "platform", "frontend", "inline_python", "sse"),
        ),
        Field("name"),
        Field("command", "cmd", on="stdio"),
        Field("args", shape="texts", on="stdio"),
        Field("env", "envs", shape="texts map"),
        Field("env_from", "env_keys", shape="texts"),
        Field("url", "uri", on="remote"),
        Field("headers", shape="texts map", on="remote"),
        Field("timeout", shape="number", unit="s", low=1),
        Field("enabled", shape="flag"),
        Field("bundled", shape="any"),
        Field("allow_tools", "available_tools", shape="texts"),
        Field("description", shape="any"),
        Field("display_name", shape="any"),
        Field("cwd", on="stdio"),
        Field("socket"),
        Field("tools", shape="any"),
        Field("code"),
        Field("dependencies", shape="any"),
        Field("instructions", shape="any"),
    ),
    type_required=True,
    transports=("stdio", "http"),
    type_words=(("stdio", "stdio"), ("streamable_http", "http")),
    url_alone="error",
    goes_by_word=True,
    instead_of_variables="name it in `env_keys` and keep the value in the keyring",
    refused_env=_GOOSE_REFUSED,
    bad_entry="skipped",
)

AMAZON_Q = HostFacts(
    id="amazon-q",
    title="Amazon Q",
    source="aws/amazon-q-developer-cli, agent configuration",
    checked="2026-09-15",
    certainty="source",
    project=(".amazonq/mcp.json", ".amazonq/cli-agents/*.json"),
    user=("~/.aws/amazonq/mcp.json", "~/.aws/amazonq/agents/*.json"),
    fields=(
        *_STDIO,
        Field("type", choices=("stdio", "http")),
        Field("url", on="remote"),
        Field("headers", shape="texts map", on="remote"),
        Field("timeout", shape="whole", unit="ms", low=1),
        Field("disabled", shape="flag"),
        Field("oauth_scopes", "oauthScopes", shape="texts", on="remote"),
        Field("deny_tools", "disabledTools", shape="texts"),
    ),
    transports=("stdio", "http"),
    type_words=(("stdio", "stdio"), ("http", "http")),
    url_alone="http",
    variables=frozenset({"braces", "env-colon"}),
    bad_entry="error shown",
)

ROWS = (CLINE, ROO, CONTINUE, LM_STUDIO, GOOSE, AMAZON_Q)
