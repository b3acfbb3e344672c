"""The first session with a server, made by the session manager: era, credentials, what it offers.

Every session of the load repeats what was agreed on here, on its own wire; this one is closed before the load begins.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from mcpctl.errors import BugError, UsageError
from mcpctl.loadtest.plan import Operation, Target
from mcpctl.loadtest.templates import Draws, compile_parts, expand, parse
from mcpctl.model.load import OperationKind
from mcpctl.model.protocol import Era, JsonObject, Tool
from mcpctl.policy.toolfilter import decide
from mcpctl.session import Session, SessionManager
from mcpctl.session.dialect import CLIENT_INFO, Dialect, HandshakeDialect, StatelessDialect
from mcpctl.session.handlers import SILENT
from mcpctl.session.launch import Launches
from mcpctl.session.naming import unknown
from mcpctl.session.refusals import forbidden, misfit
from mcpctl.session.schemas import SchemaChecker, UnusableSchema
from mcpctl.session.surroundings import start_limit

_ROUTING = ("proxy", "ssl_cert_file", "ssl_cert_dir")
"""How the names of the variables end that decide about the way to a remote server; no others are handed on."""

_OURS = frozenset({"mcp-session-id", "mcp-protocol-version", "host", "content-type", "accept"})
"""Headers that each session of the load has its own of."""


class Scout:
    """One server, looked at. Use `visit`."""

    def __init__(self, session: Session, target: Target, dialect: Dialect) -> None:
        self._session = session
        self._dialect = dialect
        self._checker = SchemaChecker()
        self.target = target

    @classmethod
    async def visit(
        cls, session: Session, *, manager: SessionManager, launches: Launches, env: Mapping[str, str]
    ) -> Scout:
        """`env` is the environment that proxies of remote servers are named in. Raises what connecting raises."""
        spec = session.spec
        if spec.transport == "sse":
            raise UsageError(
                f"`{spec.name}` speaks the old SSE transport, which cannot be loaded",
                code="usage.transport",
                hint="load it over stdio or Streamable HTTP",
                server=spec.name,
            )
        connection = await manager.slot(spec).connection(SILENT)
        identity = connection.identity
        if identity is None:
            raise BugError("a connection without an identity", server=spec.name)
        dialect = _dialect(identity.era, identity.protocol_version)
        resolved = launches.resolve(spec)
        remote: dict[str, Any] = {}
        if spec.transport == "http":
            endpoint = cast("Any", connection.channel).endpoint
            url = f"{endpoint.address.scheme}://{endpoint.address.authority}{endpoint.address.target}"
            headers = {name: value for name, value in endpoint.headers.items() if name not in _OURS}
            way = {name: value for name, value in env.items() if name.lower().endswith(_ROUTING)}
            remote = {"url": url, "headers": headers, "env": way}
        described = resolved.spec
        about: dict[str, Any] = {"env": resolved.env} | remote
        target = Target(
            name=spec.name,
            transport=spec.transport,
            era=identity.era,
            protocol_version=identity.protocol_version,
            initialize=_greeting(dialect),
            command=described.command,
            args=described.args,
            cwd=described.cwd,
            limits=described.limits,
            ca_file=described.ca_file,
            client_cert=described.client_cert,
            client_key=described.client_key,
            start_timeout=start_limit(spec),
            **about,
        )
        return cls(session, target, dialect)

    async def tool(self, name: str) -> Tool:
        """Raises `UsageError` for one that is not there, or that the configuration forbids."""
        tool = await self._session.tool(name)
        decision = decide(self._session.spec, name, tool)
        if not decision.allowed:
            raise forbidden(name, decision.rule, server=self.target.name)
        return tool

    async def check_prompt(self, name: str) -> None:
        names = [item["name"] for item in (await self._session.list("prompts/list")).items]
        if name not in names:
            raise unknown(name, names, server=self.target.name, kind="prompt")

    def check_arguments(self, tool: Tool, text: str, lines: Mapping[str, tuple[str, ...]]) -> None:
        """Whether what the templates of `text` make fits the tool's schema. Raises `UsageError`."""
        sample = expand(compile_parts(parse(text), Draws(seed=0, lines=lines)))
        try:
            arguments = json.loads(sample)
        except ValueError as error:
            raise UsageError(
                f"the arguments of `{tool.name}` are not JSON once their templates are filled in: {error}",
                code="usage.template",
                hint="put a template that makes a text into quotes",
            ) from error
        try:
            faults = self._checker.faults((tool.name, "input"), tool.input_schema, arguments)
        except UnusableSchema:
            return  # the server's own mistake; it may still answer
        if faults:
            raise misfit(tool.name, faults, server=self.target.name)

    def operation(
        self,
        *,
        name: str,
        kind: OperationKind,
        place: int,
        subject: str,
        arguments: str,
        weight: float,
        tool: Tool | None = None,
    ) -> Operation:
        """`subject` is the name or the URI, `arguments` JSON text with templates."""
        method, key = _METHODS[kind]
        parts = [f"{json.dumps(key)}:{json.dumps(subject, ensure_ascii=False)}"] if key else []
        if kind in {"tool", "prompt"}:
            parts.append(f'"arguments":{arguments}')
        dressed, _ = self._dialect.dress(method, {}, None)
        for member, value in (dressed or {}).items():
            parts.append(f"{json.dumps(member)}:{json.dumps(value)}")
        repeats = tool is not None and self.target.era == "stateless"
        return Operation(
            name=name,
            kind=kind,
            target=place,
            method=method,
            params="{" + ",".join(parts) + "}",
            weight=weight,
            content=f"{subject} {arguments}",
            input_schema=tool.input_schema if tool is not None and repeats else None,
            output_schema=tool.output_schema if tool is not None else None,
        )


_METHODS = {
    "tool": ("tools/call", "name"),
    "prompt": ("prompts/get", "name"),
    "resource": ("resources/read", "uri"),
    "session": ("ping", ""),
}


def _dialect(era: Era, version: str) -> Dialect:
    """Nothing is offered: a server under load must not stop to ask."""
    return StatelessDialect({}) if era == "stateless" else HandshakeDialect(version)


def _greeting(dialect: Dialect) -> JsonObject:
    if dialect.era == "stateless":
        dressed, _ = dialect.dress("server/discover", {}, None)
        return dressed or {}
    return {"protocolVersion": dialect.protocol_version, "capabilities": {}, "clientInfo": CLIENT_INFO}
