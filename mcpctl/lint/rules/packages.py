"""What is downloaded and run: versions that are not said, servers that nobody maintains."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mcpctl.lint.entry import Entry
from mcpctl.lint.finding import Finding
from mcpctl.lint.launch import Launch
from mcpctl.lint.registry import Example, rule
from mcpctl.lint.subject import Subject
from mcpctl.model.lint import Change, Fix

ARCHIVED = frozenset(
    f"@modelcontextprotocol/server-{name}"
    for name in (
        "aws-kb-retrieval", "brave-search", "everart", "gdrive", "github", "gitlab", "google-maps", "postgres",
        "puppeteer", "redis", "sentry", "slack", "sqlite",
    )
)  # fmt: skip
"""Moved to `modelcontextprotocol/servers-archived` on 2025-05-29; no fixes since, not even for security."""

_SUCCESSORS = {
    "@modelcontextprotocol/server-github": "the server at `https://api.githubcopilot.com/mcp/`",
    "@modelcontextprotocol/server-puppeteer": "`@playwright/mcp`",
    "@modelcontextprotocol/server-brave-search": "`@brave/brave-search-mcp-server`",
    "@modelcontextprotocol/server-sentry": "the server at `https://mcp.sentry.dev/mcp`",
    "@modelcontextprotocol/server-redis": "`redis-mcp-server` on PyPI",
}

_DIST_TAGS = frozenset(
    {"latest", "next", "beta", "alpha", "canary", "main", "master", "edge", "nightly", "dev"}
)


@rule(
    "MCP209",
    "unpinned-package",
    severity="warning",
    traits=("npm", "pypi"),
    also=("loose package",),
    bad=Example('{ "command": "npx", "args": ["-y", "@acme/files"] }'),
    good=Example('{ "command": "npx", "args": ["-y", "@acme/files@1.4.2"] }'),
)
def unpinned_package(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A package runner downloads a package without a version.

    Whatever its owner, or whoever took their account over, publishes next runs on this machine with this
    server's credentials at the next start. With a version, an update is a change that somebody reads.
    """
    del subject
    launch = entry.launch
    if launch is None or launch.package is None or launch.runner == "docker" or _is_local(launch.package):
        return
    if launch.package.startswith("git+") or _version(launch):
        return
    example = f"{launch.package}@1.2.3" if launch.runner == "npm" else f"{launch.package}=={'1.2.3'}"
    yield Finding(
        at=entry.arg_at(launch.written(launch.package_index or 0)),
        within=launch.package,
        message=f"`{launch.program}` runs whatever version of `{launch.package}` is newest when `{entry.name}` starts",
        hint=f"pin it, such as `{example}`",
    )


@rule(
    "MCP210",
    "floating-version",
    severity="warning",
    traits=("npm", "pypi"),
    mentions=tuple(f"@{tag}" for tag in sorted(_DIST_TAGS)),
    bad=Example('{ "command": "npx", "args": ["-y", "@playwright/mcp@latest"] }'),
    good=Example('{ "command": "npx", "args": ["-y", "@playwright/mcp@0.0.41"] }'),
)
def floating_version(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A package is asked for by a tag such as `@latest`, which moves.

    It is as open to a bad release as no version at all, and `npx` asks the registry at each start besides.
    """
    del subject
    launch = entry.launch
    if launch is None or launch.package is None or launch.runner == "docker":
        return
    version = _version(launch)
    if version not in _DIST_TAGS:
        return
    yield Finding(
        at=entry.arg_at(launch.written(launch.package_index or 0)),
        within=f"@{version}",
        message=f"`@{version}` moves: `{entry.name}` runs what was published last",
        hint="name the version that you tested",
    )


@rule(
    "MCP211",
    "unpinned-git",
    severity="warning",
    traits=("npm", "pypi"),
    mentions=("git+", "github:"),
    bad=Example('{ "command": "uvx", "args": ["--from", "git+https://github.com/acme/files", "files"] }'),
    good=Example(
        '{ "command": "uvx", "args": ["--from", "git+https://github.com/acme/files@v1.4.2", "files"] }'
    ),
)
def unpinned_git(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """Code is run from a git repository without a revision.

    A push to its default branch is then an update of this server, unreviewed and unannounced.
    """
    del subject
    launch = entry.launch
    package = launch.package if launch else None
    if launch is None or package is None or not package.startswith(("git+", "github:")):
        return
    path = package.partition("://")[2] or package
    if "@" in path.partition("/")[2] or "#" in package:
        return
    yield Finding(
        at=entry.arg_at(launch.written(launch.package_index or 0)),
        within=package,
        message=f"`{entry.name}` runs the default branch of a repository as it is at each start",
        hint="add `@` and a tag or commit",
    )


@rule(
    "MCP212",
    "unpinned-image",
    severity="warning",
    traits=("docker",),
    bad=Example('{ "command": "docker", "args": ["run", "-i", "--rm", "acme/files:latest"] }'),
    good=Example('{ "command": "docker", "args": ["run", "-i", "--rm", "acme/files:1.4.2"] }'),
)
def unpinned_image(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A container image is named without a version, or with a tag that moves.

    Two machines run two different servers under one configuration, and a taken-over image arrives by itself.
    """
    del subject
    launch = entry.launch
    if launch is None or launch.runner != "docker" or launch.package is None:
        return
    image = launch.package
    if "@sha256:" in image or "$" in image or "{" in image:
        return
    tag = image.rpartition("/")[2].partition(":")[2]
    if tag and tag not in _DIST_TAGS:
        return
    yield Finding(
        at=entry.arg_at(launch.written(launch.package_index or 0)),
        within=image,
        message=f"image `{image}` of `{entry.name}` is "
        + (f"tagged `{tag}`, which moves" if tag else "not tagged"),
        hint="name a version, or better a digest: `@sha256:…`",
    )


@rule(
    "MCP305",
    "npx-asks",
    severity="warning",
    traits=("npm",),
    also=("asks first",),
    bad=Example('{ "command": "npx", "args": ["@acme/files@1.4.2"] }'),
    good=Example('{ "command": "npx", "args": ["-y", "@acme/files@1.4.2"] }'),
)
def npx_asks(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """`npx` without `-y` asks before it installs a package, and nobody is there to answer.

    Where the package is not in the cache yet, on a colleague's machine or in CI, the server hangs until the host
    gives up on it.
    """
    del subject
    launch = entry.launch
    if launch is None or launch.program != "npx" or launch.package is None or _is_local(launch.package):
        return
    if any(word in {"-y", "--yes", "-yes", "--no-install", "--no", "--offline"} for word in launch.args):
        return
    at = entry.arg_at(launch.skipped)
    yield Finding(
        at=entry.arg_at(launch.written(launch.package_index or 0)),
        message=f"`npx` may ask whether to install `{launch.package}`, and `{entry.name}` hangs at the question",
        hint="put `-y` first",
        fix=Fix(title="add `-y`", changes=(Change(kind="insert", at=at, value="-y"),)),
    )


@rule(
    "MCP310",
    "archived-server",
    severity="warning",
    traits=("npm",),
    mentions=("@modelcontextprotocol/server-",),
    bad=Example('{ "command": "npx", "args": ["-y", "@modelcontextprotocol/server-puppeteer@2025.5.12"] }'),
    good=Example('{ "command": "npx", "args": ["-y", "@playwright/mcp@0.0.41"] }'),
)
def archived_server(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """The package is one of the reference servers that were archived in May 2025.

    They still install, and no longer get fixes, not even for holes that were published since.
    """
    del subject
    launch = entry.launch
    if launch is None or launch.runner != "npm" or launch.package is None:
        return
    name = _npm_name(launch.package)
    if name not in ARCHIVED:
        return
    successor = _SUCCESSORS.get(name)
    yield Finding(
        at=entry.arg_at(launch.written(launch.package_index or 0)),
        within=name,
        message=f"`{name}` was archived in May 2025 and gets no more fixes",
        hint=f"use {successor}"
        if successor
        else "look for a maintained server on https://registry.modelcontextprotocol.io",
    )


def _is_local(package: str) -> bool:
    """A folder, a file or an address rather than a name on a registry; variables may be either."""
    return package.startswith(
        (".", "/", "~", "$", "{", "%", "file:", "http:", "https:", "<")
    ) or package.endswith((".whl", ".tgz", ".tar.gz", ".js", ".mjs", ".ts", ".py"))


def _npm_name(package: str) -> str:
    head, mark, _ = package[1:].partition("@")
    return package[0] + head if mark else package


def _version(launch: Launch) -> str:
    """The version that a package is asked for with, or nothing where any would do."""
    package = launch.package or ""
    if launch.runner == "npm":
        version = package[1:].partition("@")[2]
        return "" if version.startswith(("^", "~", ">", "*", "x")) else version
    if "==" in package:
        return package.partition("==")[2]
    match = re.search(r"(?<=[\w\]])@([\w.\-+!]+)$", package)
    return match.group(1) if match else ""
