"""Schemas of the two manifests that describe one server, for every version that was published.

Written from the published facts; versions differ in few places, which are marked with the version that changed them.
"""

from __future__ import annotations

from typing import Any

JsonSchema = dict[str, Any]

REGISTRY_HOST = "https://static.modelcontextprotocol.io/schemas/"
REGISTRY_VERSIONS = ("2025-07-09", "2025-09-16", "2025-09-29", "2025-10-11", "2025-10-17", "2025-12-11")
MCPB_VERSIONS = ("0.1", "0.2", "0.3", "0.4")

_TEXT: JsonSchema = {"type": "string"}
_FLAG: JsonSchema = {"type": "boolean"}
_TEXTS: JsonSchema = {"type": "array", "items": _TEXT}
_ADDRESS: JsonSchema = {"type": "string", "pattern": r"^[A-Za-z][A-Za-z0-9+.\-]*:"}
_DRAFT = "http://json-schema.org/draft-07/schema#"


def schema_of(kind: str, version: str | None = None) -> JsonSchema:
    """The newest schema of a manifest, or the one of a version."""
    if kind == "registry":
        return registry_schema(version or REGISTRY_VERSIONS[-1])
    if kind == "mcpb":
        return mcpb_schema(version or MCPB_VERSIONS[-1])
    return {"$schema": _DRAFT, "type": "object", "additionalProperties": _TEXT}


def version_of(kind: str, value: Any) -> str | None:
    """Which version a manifest says it keeps to; nothing where it says none that exists."""
    if not isinstance(value, dict):
        return None
    if kind == "registry":
        schema = str(value.get("$schema", ""))
        return next((each for each in REGISTRY_VERSIONS if f"/{each}/" in schema), None)
    if kind == "mcpb":
        said = value.get("manifest_version", value.get("dxt_version"))
        return said if said in MCPB_VERSIONS else None
    return None


def registry_schema(version: str) -> JsonSchema:
    """`server.json` of the MCP registry."""
    since = REGISTRY_VERSIONS.index(version)
    camel = since >= 1

    def name(words: str) -> str:
        head, *tail = words.split("_")
        return head + "".join(word.capitalize() for word in tail) if camel else words

    package_required = [name("registry_type"), "identifier", "transport"]
    if since < 3:
        package_required.append("version")
    properties: JsonSchema = {
        "$schema": _TEXT,
        "name": {
            "type": "string",
            "minLength": 3,
            "maxLength": 200,
            "pattern": r"^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$",
        },
        "description": {"type": "string", "minLength": 1, "maxLength": 100},
        "version": {"type": "string", "maxLength": 255},
        name("website_url"): _ADDRESS,
        "repository": {
            "type": "object",
            "required": ["url", "source"],
            "properties": {"url": _ADDRESS, "source": _TEXT, "id": _TEXT, "subfolder": _TEXT},
        },
        "packages": {"type": "array", "items": {"$ref": "#/definitions/package"}},
        "remotes": {"type": "array", "items": {"$ref": "#/definitions/remote"}},
        "_meta": {"type": "object"},
    }
    if since < 2:
        properties["status"] = {"enum": ["active", "deprecated", "deleted"]}
    if since >= 3:
        properties["title"] = {"type": "string", "minLength": 1, "maxLength": 100}
        properties["icons"] = {"type": "array", "items": _registry_icon()}
    return {
        "$schema": _DRAFT,
        "title": f"server.json of the MCP registry, version {version}",
        "type": "object",
        "required": ["name", "description", "version"],
        "properties": properties,
        "definitions": _registry_definitions(name, package_required, since),
    }


def _registry_definitions(name: Any, package_required: list[str], since: int) -> JsonSchema:
    inputs = {
        "description": _TEXT,
        name("is_required"): _FLAG,
        name("is_secret"): _FLAG,
        "format": {"enum": ["string", "number", "boolean", "filepath"]},
        "value": _TEXT,
        "default": _TEXT,
        "choices": _TEXTS,
        "placeholder": _TEXT,
    }
    variables = {"type": "object", "additionalProperties": {"type": "object", "properties": inputs}}
    with_variables = {**inputs, "variables": variables}
    pair = {"type": "object", "required": ["name"], "properties": {**with_variables, "name": _TEXT}}
    address = (
        {"type": "string", "pattern": r"^https?://[^\s]+$"}
        if since >= 5
        else {"type": "string", "minLength": 1}
    )
    headers = {"type": "array", "items": {"$ref": "#/definitions/pair"}}

    def reached_over(words: list[str]) -> JsonSchema:
        return {
            "type": "object",
            "required": ["type", *(["url"] if "stdio" not in words else [])],
            "properties": {
                "type": {"enum": words},
                "url": address,
                "headers": headers,
                "variables": variables,
            },
        }

    arguments = {"type": "array", "items": {"$ref": "#/definitions/argument"}}
    return {
        "pair": pair,
        "remote": reached_over(["streamable-http", "sse"]),
        "transport": reached_over(["stdio", "streamable-http", "sse"]),
        "argument": _registry_argument(name, with_variables),
        "package": {
            "type": "object",
            "required": package_required,
            "additionalProperties": since >= 3,
            "properties": {
                name("registry_type"): _TEXT,
                name("registry_base_url"): _ADDRESS,
                "identifier": _TEXT,
                "version": {"type": "string", "minLength": 1, "not": {"const": "latest"}},
                name("file_sha256"): {"type": "string", "pattern": "^[a-f0-9]{64}$"},
                name("runtime_hint"): _TEXT,
                "transport": {"$ref": "#/definitions/transport"},
                name("runtime_arguments"): arguments,
                name("package_arguments"): arguments,
                name("environment_variables"): {"type": "array", "items": {"$ref": "#/definitions/pair"}},
            },
        },
    }


def _registry_argument(name: Any, inputs: JsonSchema) -> JsonSchema:
    return {
        "type": "object",
        "required": ["type"],
        "properties": {
            **inputs,
            "type": {"enum": ["positional", "named"]},
            "name": _TEXT,
            name("value_hint"): _TEXT,
            name("is_repeated"): _FLAG,
        },
    }


def _registry_icon() -> JsonSchema:
    return {
        "type": "object",
        "required": ["src"],
        "properties": {
            "src": {"type": "string", "maxLength": 255, "pattern": r"^[A-Za-z][A-Za-z0-9+.\-]*:"},
            "mimeType": {"enum": ["image/png", "image/jpeg", "image/jpg", "image/svg+xml", "image/webp"]},
            "sizes": {"type": "array", "items": {"type": "string", "pattern": r"^(\d+x\d+|any)$"}},
            "theme": {"enum": ["light", "dark"]},
        },
    }


def _closed(properties: JsonSchema, *required: str) -> JsonSchema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": properties,
    }


def mcpb_schema(version: str) -> JsonSchema:
    """`manifest.json` of an MCPB bundle, formerly DXT; every object in it is closed."""
    since = MCPB_VERSIONS.index(version)
    command = {"command": _TEXT, "args": _TEXTS, "env": {"type": "object", "additionalProperties": _TEXT}}
    overrides = {"type": "object", "additionalProperties": _closed(command)}
    kinds = ["python", "node", "binary", *(["uv"] if since >= 3 else [])]
    properties: JsonSchema = {
        "$schema": _TEXT,
        "dxt_version": {"const": version},
        "manifest_version": {"const": version},
        **dict.fromkeys(
            ("name", "display_name", "version", "description", "long_description", "icon", "license"), _TEXT
        ),
        **dict.fromkeys(("homepage", "documentation", "support"), _ADDRESS),
        "author": _closed(
            {"name": _TEXT, "email": {"type": "string", "pattern": "@"}, "url": _ADDRESS}, "name"
        ),
        "repository": _closed({"type": _TEXT, "url": _ADDRESS}, "type", "url"),
        "screenshots": _TEXTS,
        "server": _closed(
            {
                "type": {"enum": kinds},
                "entry_point": _TEXT,
                "mcp_config": _closed({**command, "platform_overrides": overrides}, "command"),
            },
            "type",
            "entry_point",
            "mcp_config",
        ),
        "tools": {"type": "array", "items": _closed({"name": _TEXT, "description": _TEXT}, "name")},
        "tools_generated": _FLAG,
        "prompts": {"type": "array", "items": _bundle_prompt()},
        "prompts_generated": _FLAG,
        "keywords": _TEXTS,
        "compatibility": _bundle_compatibility(),
        "user_config": {"type": "object", "additionalProperties": _bundle_option()},
    }
    if since >= 1:
        properties["privacy_policies"] = {"type": "array", "items": _ADDRESS}
    if since >= 2:
        size = {"type": "string", "pattern": r"^\d+x\d+$"}
        icon = _closed(
            {"src": _TEXT, "size": size, "theme": {"type": "string", "minLength": 1}}, "src", "size"
        )
        properties["icons"] = {"type": "array", "items": icon}
        properties["localization"] = _bundle_localization()
        properties["_meta"] = {"type": "object", "additionalProperties": {"type": "object"}}
    return {
        "$schema": _DRAFT,
        "title": f"manifest of an MCPB bundle, version {version}",
        "anyOf": [{"required": ["manifest_version"]}, {"required": ["dxt_version"]}],
        **_closed(properties, "name", "version", "description", "author", "server"),
    }


def _bundle_prompt() -> JsonSchema:
    return _closed({"name": _TEXT, "description": _TEXT, "arguments": _TEXTS, "text": _TEXT}, "name", "text")


def _bundle_compatibility() -> JsonSchema:
    return _closed(
        {
            "claude_desktop": _TEXT,
            "platforms": {"type": "array", "items": {"enum": ["darwin", "win32", "linux"]}},
            "runtimes": _closed({"python": _TEXT, "node": _TEXT}),
        }
    )


def _bundle_option() -> JsonSchema:
    return _closed(
        {
            "type": {"enum": ["string", "number", "boolean", "directory", "file"]},
            "title": _TEXT,
            "description": _TEXT,
            "required": _FLAG,
            "default": {"anyOf": [{"type": ["string", "number", "boolean"]}, _TEXTS]},
            "multiple": _FLAG,
            "sensitive": _FLAG,
            "min": {"type": "number"},
            "max": {"type": "number"},
        },
        "type",
        "title",
        "description",
    )


def _bundle_localization() -> JsonSchema:
    return _closed(
        {
            "resources": {"type": "string", "pattern": r"\$\{[lL][oO][cC][aA][lL][eE]\}"},
            "default_locale": {"type": "string", "pattern": r"^[A-Za-z0-9]{2,8}(?:-[A-Za-z0-9]{1,8})*$"},
        },
        "resources",
        "default_locale",
    )
