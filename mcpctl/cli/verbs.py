"""Every verb in one table: what reads its words, what runs it, what shows it. The rooms behind it load when needed.

A row names things inside fixed rooms: the signature in `cli.signatures`, the options in `model`, the function in
`commands`, the view in `render`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from mcpctl.model.value import NamedTuple


class Verb(NamedTuple):
    heading: str
    """Under which the root help lists it."""
    signature: str
    options: str
    command: str
    view: str
    verbatim: bool = False
    """What follows belongs to the verb, whatever it looks like, but for the options of every verb."""

    def load_options(self) -> Any:
        return _load("model", self.options)

    def load_command(self) -> Callable[..., Any]:
        return _load("commands", self.command)  # type: ignore[no-any-return]

    def load_view(self) -> Any:
        return _load("render", self.view)


def load_signature(path: str) -> Callable[..., None]:
    return _load("cli.signatures", path)  # type: ignore[no-any-return]


def _load(room: str, path: str) -> Any:
    module, _, name = path.partition(":")
    return getattr(import_module(f"mcpctl.{room}.{module}"), name)


CONFIGURATION = "Configuration"
SERVERS = "Servers"
RUNNING = "Running"
MORE = "More"
HEADINGS = (SERVERS, RUNNING, CONFIGURATION, MORE)
"""In the order of the root help."""

EVERYWHERE = "everywhere:everywhere"
"""The signature of the global options."""

GROUPS = {
    "auth": "See logins of remote servers.",
    "cache": "Forget answers that a running supervisor keeps.",
    "config": "See, edit and convert configurations of any host.",
}
"""Words that only lead to verbs, and what their help begins with."""

VERBS: dict[str, Verb] = {
    "ls": Verb(SERVERS, "ls:ls", "ls:LsOptions", "ls:ls", "ls:LS"),
    "inspect": Verb(SERVERS, "offers:inspect", "offers:InspectOptions", "inspect:inspect", "inspect:INSPECT"),
    "tools": Verb(SERVERS, "offers:tools", "offers:ToolsOptions", "tools:tools", "tools:TOOLS"),
    "call": Verb(SERVERS, "calls:call", "calls:CallOptions", "call:call", "call:CALL"),
    "resources": Verb(
        SERVERS, "offers:resources", "offers:ListOptions", "resources:resources", "offers:RESOURCES"
    ),
    "read": Verb(SERVERS, "offers:read", "offers:ReadOptions", "resources:read", "offers:READ"),
    "prompts": Verb(SERVERS, "offers:prompts", "offers:ListOptions", "prompts:prompts", "offers:PROMPTS"),
    "prompt": Verb(SERVERS, "offers:prompt", "offers:PromptOptions", "prompts:prompt", "offers:PROMPT"),
    "complete": Verb(
        SERVERS, "offers:complete", "offers:CompleteOptions", "prompts:complete", "offers:COMPLETE"
    ),
    "listen": Verb(SERVERS, "offers:listen", "offers:ListenOptions", "listen:listen", "offers:LISTEN"),
    "rpc": Verb(SERVERS, "calls:rpc", "calls:RpcOptions", "rpc:rpc", "call:RPC"),
    "health": Verb(SERVERS, "health:health", "health:HealthOptions", "health:health", "health:HEALTH"),
    "stats": Verb(SERVERS, "stats:stats", "stats:StatsOptions", "stats:stats", "stats:STATS"),
    "route": Verb(SERVERS, "health:route", "route:RouteOptions", "route:route", "stats_route:ROUTE"),
    "search": Verb(SERVERS, "offers:search", "offers:SearchOptions", "tools:search", "tools:SEARCH"),
    "login": Verb(SERVERS, "auth:login", "auth:LoginOptions", "auth:login", "auth:LOGIN"),
    "logout": Verb(SERVERS, "auth:logout", "auth:LogoutOptions", "auth:logout", "auth:LOGOUT"),
    "auth status": Verb(SERVERS, "auth:status", "auth:StatusOptions", "auth:status", "auth:STATUS"),
    "loadtest": Verb(
        SERVERS, "loadtest:loadtest", "load:LoadOptions", "loadtest:loadtest", "loadtest:LOADTEST"
    ),
    "loadtest-ab": Verb(
        SERVERS,
        "loadtest:loadtest_ab",
        "load:AbOptions",
        "loadtest_ab:loadtest_ab",
        "loadtest_compare:COMPARE",
    ),
    "loadtest-compare": Verb(
        SERVERS,
        "loadtest:loadtest_compare",
        "load:CompareOptions",
        "loadtest_stored:loadtest_compare",
        "loadtest_compare:COMPARE",
    ),
    "loadtest-merge": Verb(
        SERVERS,
        "loadtest:loadtest_merge",
        "load:MergeOptions",
        "loadtest_stored:loadtest_merge",
        "loadtest:LOADTEST",
    ),
    "validate": Verb(
        CONFIGURATION, "validate:validate", "lint:ValidateOptions", "validate:validate", "validate:VALIDATE"
    ),
    "explain": Verb(
        CONFIGURATION, "validate:explain", "explain:ExplainOptions", "explain:explain", "explain:EXPLAIN"
    ),
    "config init": Verb(
        CONFIGURATION, "config:init", "initial:InitOptions", "config_init:init", "initial:INIT"
    ),
    "config show": Verb(
        CONFIGURATION, "config:show", "config_show:ShowOptions", "config_show:show", "config:SHOW"
    ),
    "config sources": Verb(
        CONFIGURATION,
        "config:sources",
        "config_show:SourcesOptions",
        "config_show:sources",
        "config:SOURCES",
    ),
    "config schema": Verb(
        CONFIGURATION, "config:schema", "config_show:SchemaOptions", "config_show:schema", "config:SCHEMA"
    ),
    "config view": Verb(
        CONFIGURATION,
        "config_edit:view",
        "convert:ViewOptions",
        "config_view:view",
        "convert:VIEW",
    ),
    "config convert": Verb(
        CONFIGURATION,
        "config_edit:convert",
        "convert:ConvertOptions",
        "config_convert:convert",
        "convert:CONVERT",
    ),
    "config import": Verb(
        CONFIGURATION,
        "config_edit:import_servers",
        "convert:ImportOptions",
        "config_convert:import_servers",
        "convert:IMPORT",
    ),
    "config add": Verb(
        CONFIGURATION,
        "config_edit:add",
        "convert:EditOptions",
        "config_edit:add",
        "convert:EDIT",
    ),
    "config remove": Verb(
        CONFIGURATION,
        "config_edit:remove",
        "convert:EditOptions",
        "config_edit:remove",
        "convert:EDIT",
    ),
    "config enable": Verb(
        CONFIGURATION,
        "config_edit:enable",
        "convert:EditOptions",
        "config_edit:enable",
        "convert:EDIT",
    ),
    "config disable": Verb(
        CONFIGURATION,
        "config_edit:disable",
        "convert:EditOptions",
        "config_edit:disable",
        "convert:EDIT",
    ),
    "config set": Verb(
        CONFIGURATION,
        "config_edit:set_value",
        "convert:EditOptions",
        "config_edit:set_value",
        "convert:EDIT",
    ),
    "run": Verb(RUNNING, "run:run", "running:RunOptions", "run:run", "run:RUN"),
    "ps": Verb(RUNNING, "run:ps", "control:PsOptions", "ps:ps", "ps:PS"),
    "logs": Verb(RUNNING, "run:logs", "control:LogsOptions", "logs:logs", "ps:LOGS"),
    "restart": Verb(RUNNING, "run:restart", "control:RestartOptions", "restart:restart", "ps:CHANGED"),
    "stop": Verb(RUNNING, "run:stop", "control:StopOptions", "stop:stop", "ps:CHANGED"),
    "reload": Verb(RUNNING, "run:reload", "control:ReloadOptions", "reload:reload", "ps:CHANGED"),
    "cache clear": Verb(RUNNING, "run:cache_clear", "control:CacheClearOptions", "cache:clear", "ps:CLEARED"),
    "answer": Verb(RUNNING, "run:answer", "control:AnswerOptions", "answer:answer", "call:CALL"),
    "doctor": Verb(MORE, "run:doctor", "control:DoctorOptions", "doctor:doctor", "ps:DOCTOR"),
    "demo": Verb(SERVERS, "demo:demo", "demo:DemoOptions", "demo:demo", "demo:DEMO", verbatim=True),
    "completion": Verb(
        MORE,
        "completion:completion",
        "completion:CompletionOptions",
        "completion:completion",
        "completion:COMPLETION",
    ),
    "help": Verb(MORE, "help:reference", "help:HelpOptions", "help:show", "help:HELP"),
    "version": Verb(MORE, "help:version", "help:VersionOptions", "help:version", "help:VERSION"),
}

VERBATIM = frozenset(name for name, verb in VERBS.items() if verb.verbatim)
