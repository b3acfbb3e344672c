"""What the suite starts as "the client": plays one scenario by running `mcpctl`, and answers with its exit code.

The suite gives the scenario's name and data in the environment and the server's address as the last word. Nothing here
speaks MCP: whatever passes, `mcpctl` did.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

SERVER = "it"

CLIENT_METADATA_URL = "https://conformance-test.local/client-metadata.json"
"""The document that the suite's authorization server takes for granted."""

MOST_LOGINS = 3
"""A server may want more rights, or name another authorization server, after the first login."""

AUTHENTICATION_NEEDED = 7
PATIENCE = 25
"""Seconds for one command: the suite itself gives up after 30."""


class Mcpctl:
    """The command line in a home of its own: no configuration, token or running supervisor of ours meets it."""

    def __init__(self, url: str, home: Path, oauth: dict[str, str]) -> None:
        self._config = home / "mcpctl.toml"
        self._config.write_text(_toml(url, oauth))
        folders = ("CONFIG", "CACHE", "STATE", "DATA")
        self._env = os.environ | {f"XDG_{name}_HOME": str(home / name.lower()) for name in folders}
        self._env |= {"HOME": str(home), "XDG_RUNTIME_DIR": str(home)}

    def __call__(self, *words: str) -> int:
        """Run one command and show what it said; the suite keeps it with its results."""
        return subprocess.run(
            self._command(words), env=self._env, stdin=subprocess.DEVNULL, timeout=PATIENCE, check=False
        ).returncode

    def read(self, *words: str) -> Any:
        """Run one command that must succeed, and read the JSON that it prints."""
        done = subprocess.run(
            self._command(words),
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            timeout=PATIENCE,
            check=True,
        )
        return json.loads(done.stdout)

    def login(self) -> int:
        """Log in without a browser: fetch the page that is asked for, and hand the address it leads to back."""
        command = self._command(("login", SERVER, "--headless"))
        pipe = subprocess.PIPE
        with subprocess.Popen(
            command, env=self._env, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT
        ) as asking:
            assert asking.stdin is not None
            assert asking.stdout is not None
            for line in asking.stdout:
                sys.stderr.buffer.write(line)
                for word in line.decode(errors="replace").split():
                    if word.startswith(("http://", "https://")) and "response_type=code" in word:
                        asking.stdin.write(_redirect(word).encode() + b"\n")
                        asking.stdin.flush()
            return asking.wait(PATIENCE)

    def _command(self, words: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "mcpctl", "--config", str(self._config), *words]


Play = Callable[[Mcpctl, dict[str, Any]], int]


def _inspect(mcpctl: Mcpctl, context: dict[str, Any]) -> int:
    del context
    return mcpctl("inspect", SERVER)


def _list_tools(mcpctl: Mcpctl, context: dict[str, Any]) -> int:
    del context
    return mcpctl("tools", SERVER)


def _add_numbers(mcpctl: Mcpctl, context: dict[str, Any]) -> int:
    del context
    return mcpctl("call", SERVER, "add_numbers", "a=5", "b=3")


def _reconnect(mcpctl: Mcpctl, context: dict[str, Any]) -> int:
    del context
    return mcpctl("call", SERVER, "test_reconnection")


def _accept_defaults(mcpctl: Mcpctl, context: dict[str, Any]) -> int:
    del context
    return mcpctl("call", SERVER, "test_client_elicitation_defaults", "--elicit", "defaults")


def _answer_rounds(mcpctl: Mcpctl, context: dict[str, Any]) -> int:
    del context
    tools = ("echo_state", "unrelated", "no_state", "no_result_type")
    answer = ("--elicit", json.dumps({"confirmed": True}))
    return max(mcpctl("call", SERVER, f"test_mrtr_{tool}", *answer) for tool in tools)


def _send_standard_headers(mcpctl: Mcpctl, context: dict[str, Any]) -> int:
    del context
    resources = mcpctl.read("rpc", SERVER, "resources/list")["resources"]
    prompts = mcpctl.read("rpc", SERVER, "prompts/list")["prompts"]
    return max(
        *(mcpctl("call", SERVER, tool) for tool in ("test_headers", "my-hyphenated-tool")),
        *(mcpctl("read", SERVER, resource["uri"]) for resource in resources),
        *(mcpctl("prompt", SERVER, prompt["name"]) for prompt in prompts),
    )


def _send_parameter_headers(mcpctl: Mcpctl, context: dict[str, Any]) -> int:
    return max(
        mcpctl("call", SERVER, call["name"], "--args", json.dumps(call["arguments"]), *_unchecked(call))
        for call in context["toolCalls"]
    )


def _unchecked(call: dict[str, Any]) -> tuple[str, ...]:
    """One call has a null where its schema says boolean, to see that no header is made of it."""
    return ("--no-validate",) if None in call["arguments"].values() else ()


def _call_all_that_is_listed(mcpctl: Mcpctl, context: dict[str, Any]) -> int:
    del context
    return max(
        mcpctl("call", SERVER, tool["name"], "--args", json.dumps(_required(tool["inputSchema"])))
        for tool in _tools(mcpctl)
    )


def _give_the_schema_back(mcpctl: Mcpctl, context: dict[str, Any]) -> int:
    del context
    (schema,) = (tool["inputSchema"] for tool in _tools(mcpctl) if tool["name"] == "json_schema_2020_12_tool")
    return mcpctl("call", SERVER, "json_schema_echo", "--args", json.dumps({"schema": schema}))


def _authenticate(mcpctl: Mcpctl, context: dict[str, Any]) -> int:
    """As a person does: try, log in where that is asked for, try again."""
    interactive = context.get("private_key_pem") is None and "client-credentials" not in context.get(
        "name", ""
    )
    code = AUTHENTICATION_NEEDED
    for _ in range(MOST_LOGINS):
        code = mcpctl("call", SERVER, "test-tool")
        if code != AUTHENTICATION_NEEDED or not interactive:
            return code
        if (refused := mcpctl.login()) != 0:
            return refused
    return code


PLAYS: dict[str, Play] = {
    "initialize": _inspect,
    "tools_call": _add_numbers,
    "elicitation-sep1034-client-defaults": _accept_defaults,
    "sse-retry": _reconnect,
    "request-metadata": _list_tools,
    "sep-2322-client-request-state": _answer_rounds,
    "http-standard-headers": _send_standard_headers,
    "http-custom-headers": _send_parameter_headers,
    "http-invalid-tool-headers": _call_all_that_is_listed,
    "json-schema-ref-no-deref": _list_tools,
    "json-schema-2020-12-preservation": _give_the_schema_back,
}


def main() -> int:
    url, scenario = sys.argv[-1], os.environ["MCP_CONFORMANCE_SCENARIO"]
    context: dict[str, Any] = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT") or "{}")
    play = _authenticate if scenario.startswith("auth/") else PLAYS.get(scenario)
    if play is None:
        sys.stderr.write(f"no play is written for `{scenario}`\n")
        return 70
    with tempfile.TemporaryDirectory(prefix="mcpctl-conformance-") as home:
        return play(Mcpctl(url, Path(home), _oauth(scenario, context)), context)


def _oauth(scenario: str, context: dict[str, Any]) -> dict[str, str]:
    if not scenario.startswith("auth/"):
        return {}
    settings = {"client_metadata_url": CLIENT_METADATA_URL}
    names = {"client_id": "client_id", "client_secret": "client_secret", "private_key_pem": "private_key"}
    settings |= {ours: context[theirs] for theirs, ours in names.items() if theirs in context}
    if "client-credentials" in scenario:
        settings["grant"] = "client_credentials"
    return settings


def _toml(url: str, oauth: dict[str, str]) -> str:
    # A JSON string is a TOML string too, escapes included.
    lines = [f"[servers.{SERVER}]", f"url = {json.dumps(url)}"]
    if oauth:
        lines += [
            f"[servers.{SERVER}.oauth]",
            *(f"{key} = {json.dumps(value)}" for key, value in oauth.items()),
        ]
    return "\n".join([*lines, ""])


def _tools(mcpctl: Mcpctl) -> list[dict[str, Any]]:
    """What mcpctl took from the server's list, as it shows it to programs."""
    tools: list[dict[str, Any]] = mcpctl.read("tools", SERVER, "--json")["data"]["tools"]
    return tools


def _required(schema: dict[str, Any]) -> dict[str, Any]:
    samples = {"integer": 0, "number": 0, "boolean": False, "object": {}, "array": [], "null": None}
    properties = schema.get("properties", {})
    return {
        name: samples.get(properties.get(name, {}).get("type"), "x") for name in schema.get("required", ())
    }


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """The address that the browser would be sent to is what is wanted, not what is there."""


def _redirect(page: str) -> str:
    try:
        urllib.request.build_opener(_Stay).open(page, timeout=PATIENCE)
    except urllib.error.HTTPError as answer:
        return str(answer.headers.get("location", ""))
    return ""


if __name__ == "__main__":
    sys.exit(main())
