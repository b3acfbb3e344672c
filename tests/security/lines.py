"""Command lines that lead every verb through a server that cannot be trusted, and the verbs that never meet one, each with its reason."""

from __future__ import annotations

FILES = ("--save", "run.json", "--report", "run.html", "--junit", "run.xml", "--csv", "run.csv")

LINES: dict[str, list[list[str]]] = {
    "ls": [["ls"]],
    "inspect": [["inspect", "bad"], ["inspect", "dead"]],
    "tools": [["tools", "bad"], ["tools", "bad", "say"], ["tools", "bad", "strict"], ["tools", "dead"]],
    "call": [
        ["call", "bad", "say"],
        ["call", "bad", "fail"],
        ["call", "bad", "fault"],
        ["call", "bad", "strict"],
        ["call", "bad", "media", "--save", "saved"],
        ["call", "bad", "ask", "--elicit", "defaults"],
        ["call", "bad", "ask", "--elicit", "decline"],
        ["call", "bad", "none"],
        ["call", "bad", "say", "key=c"],
        ["call", "bad", "say", "--raw"],
        ["call", "bad", "say", "--max-chars", "30"],
        ["call", "dead", "say"],
        ["call", "--stdio", "no\x1b[31mprogram", "say"],
    ],
    "resources": [["resources", "bad"]],
    "read": [["read", "bad", "x://a"]],
    "prompts": [["prompts", "bad"]],
    "prompt": [["prompt", "bad", "hello"], ["prompt", "bad", "nobody"]],
    "complete": [["complete", "bad", "hello", "a=b"]],
    "listen": [["listen", "bad", "--timeout", "300ms"]],
    "rpc": [["rpc", "bad", "tools/list"], ["rpc", "bad", "no/such"]],
    "search": [["search", "say"]],
    "health": [["health", "bad", "--level", "list"], ["health", "dead"]],
    "loadtest": [
        ["loadtest", "bad", "say", "-n", "5", "-c", "1", *FILES],
        ["loadtest", "bad", "fault", "-n", "5", "-c", "1", *FILES],
        ["loadtest", "dead", "say", "-n", "2", "-c", "1"],
    ],
    "loadtest-ab": [
        ["loadtest-ab", "--a", "bad", "--b", "dead", "say", "-n", "2", "-c", "1", "--pairs", "1"]
    ],
    "loadtest-compare": [["loadtest-compare", "\x1b[31mold.json", "--", "new.json"]],
    "loadtest-merge": [["loadtest-merge", "\x1b[31mshard.json"]],
    "login": [["login", "bad"]],
    "logout": [["logout", "bad"]],
    "auth status": [["auth", "status"]],
    "validate": [["validate"], ["validate", "--connect"]],
    "explain": [["explain", "\x1b[31mMCP"]],
    "config show": [["config", "show"]],
    "config sources": [["config", "sources"]],
    "config schema": [["config", "schema"]],
    "config init": [["config", "init"]],
    "config view": [["config", "view"]],
    "config convert": [["config", "convert", "mcpctl.json", "--to", "vscode"]],
    "config import": [["config", "import", "--dry-run"]],
    "config add": [["config", "add", "\x1b[31mnew", "cat"]],
    "config remove": [["config", "remove", "\x1b[31mgone"]],
    "config enable": [["config", "enable", "bad"]],
    "config disable": [["config", "disable", "bad"]],
    "config set": [["config", "set", "bad", "\x1b[31mkey", "value"]],
    "run": [["run", "dead", "--for", "300ms"]],
    "ps": [["ps"]],
    "logs": [["logs", "bad"]],
    "restart": [["restart", "bad"]],
    "stop": [["stop", "bad"]],
    "reload": [["reload"]],
    "cache clear": [["cache", "clear", "\x1b[31mbad*"]],
    "answer": [["answer", "\x1b[31m1", "{}"]],
    "route": [["route", "\x1b[31m@nothing"]],
    "stats": [["stats", "bad"]],
    "help": [["help", "\x1b[31mtopic"]],
}
"""`bad` tells its secrets and draws; `dead` does the same and ends at once."""

EXEMPT = {
    "demo": "is a server itself",
    "version": "tells versions of this machine, and takes nothing",
    "doctor": "looks at this machine and asks no server",
    "completion": "prints scripts that are part of the package",
}
