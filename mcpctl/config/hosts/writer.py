"""A server in the words of mcpctl's own format -> an entry of any host, and everything that could not be carried.

Nothing is dropped in silence, no variable is replaced by its value, and nothing is executed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcpctl.config.hosts.facts import Field, HostFacts, Kind
from mcpctl.config.hosts.oauth import oauth_words
from mcpctl.config.hosts.plain import kind_of, seconds_of, without_null
from mcpctl.config.hosts.translate import alone, translated
from mcpctl.model.value import NamedTuple

Raw = dict[str, Any]

_CONNECTION = frozenset({"transport", "command", "args", "url"})
_TIMES = ("call_timeout", "start_timeout", "idle_timeout")
_WRITTEN_BEFORE = _CONNECTION.union(
    _TIMES, ("headers", "header_env", "bearer_env", "env", "env_from", "enabled", "extra")
)
"""What is not like the rest, and has a function of its own."""


class Loss(NamedTuple):
    """Something that was not carried, or not quite."""

    server: str
    key: str
    """In the words of mcpctl's own format."""
    reason: str
    kept: bool = False
    """Whether it was carried all the same, with another meaning."""


class Written(NamedTuple):
    entry: Raw | None
    """Nothing where the host cannot have such a server at all."""
    losses: tuple[Loss, ...]


def write_entry(host: HostFacts, name: str, raw: Mapping[str, Any]) -> Written:
    """One server for a host. `raw` has the keys of `[servers.NAME]`."""
    return _Writer(host, name, dict(raw)).run()


class _Writer:
    def __init__(self, host: HostFacts, name: str, raw: Raw) -> None:
        self.host = host
        self.name = name
        self.raw = raw
        self.entry: Raw = {}
        self.losses: list[Loss] = []
        self.fields = {field.name: field for field in host.fields}
        self.kind: Kind = kind_of(raw)

    def run(self) -> Written:
        reason = self._unreachable()
        if reason:
            return Written(None, (Loss(self.name, "transport", reason),))
        if self.host.closed:
            return Written(dict(self.raw) if self.host.syntax != "toml" else self._without_null(), self.told)
        if self.host.listed or self.host.repeats_names:
            self.entry["name"] = self.name
        self._write_type()
        self._write_command() if self.kind == "stdio" else self._write_address()
        self._write_environment()
        self._write_switch()
        self._write_times()
        self._write_rest()
        if self.host.inside_plugin:
            self._keep_inside()
        return Written(self.entry, self.told)

    @property
    def told(self) -> tuple[Loss, ...]:
        return tuple(self.losses)

    def _without_null(self) -> Raw:
        """TOML has no word for nothing, which only other hosts' own keys may be."""
        kept, gone = without_null(self.raw)
        for path in gone:
            self._lose(".".join(path), "TOML has no `null`")
        return kept

    def _unreachable(self) -> str | None:
        if self.kind not in self.host.transports:
            reached = "is a process" if self.kind == "stdio" else f"is reached over {self.kind.upper()}"
            return f"{self.host.title} cannot have a server that {reached}"
        return (
            None
            if self.raw.get("command") or self.raw.get("url")
            else "it has neither a command nor an address"
        )

    def _write_type(self) -> None:
        """The word for the transport, where the host asks for one or would guess another."""
        words = {kind: word for word, kind in reversed(self.host.type_words)}
        if "http" in words:
            words.setdefault("sse", words["http"])  # one word for both, and the host finds out
        if self.kind not in words or "type" not in self.fields:
            return
        if self.kind == "stdio":
            needed = self.host.type_required
        else:
            by_path = "sse" if "/sse" in str(self.raw.get("url")) else "http"
            default = by_path if self.host.url_alone == "by path" else self.host.url_alone
            needed = "transport" in self.raw or default != self.kind
            needed = needed and not self.host.tells_by_key
        if needed:
            self._put(self.fields["type"], words[self.kind])

    def _write_command(self) -> None:
        command = self._text("command", self.raw["command"])
        arguments = [self._text("args", str(each)) for each in self.raw.get("args", [])]
        if self.fields["command"].shape == "texts":
            self._put(self.fields["command"], [command, *arguments])
            return
        self._put(self.fields["command"], command)
        if "args" in self.raw:
            self._put(self.fields["args"], arguments)

    def _write_address(self) -> None:
        name = "sse_url" if self.kind == "sse" and "sse_url" in self.fields else "url"
        self._put(self.fields[name], self._text("url", self.raw["url"]))
        headers: dict[str, str] = {}
        named: dict[str, str] = dict(self.raw.get("header_env", {}))
        bearer = self.raw.get("bearer_env")
        for header, value in self.raw.get("headers", {}).items():
            self._sort_header(header, str(value), headers, named)
        if isinstance(bearer, str) and "bearer_env" not in self.fields:
            self._header("Authorization", f"Bearer ${{{bearer}}}", headers, key="bearer_env")
        elif isinstance(bearer, str):
            self._put(self.fields["bearer_env"], bearer)
        if named and "header_env" not in self.fields:
            for header, variable in named.items():
                self._header(header, f"${{{variable}}}", headers, key="header_env")
        elif named:
            self._put(self.fields["header_env"], named)
        if headers and "headers" in self.fields:
            self._put(self.fields["headers"], headers)
        elif headers:
            self._lose("headers", f"{self.host.title} sends no headers of yours")

    def _sort_header(self, header: str, value: str, headers: dict[str, str], named: dict[str, str]) -> None:
        """Codex has keys of its own for headers that are variables."""
        scheme, _, rest = value.partition(" ")
        bearer = alone(rest) if header.lower() == "authorization" and scheme == "Bearer" else None
        if bearer and "bearer_env" in self.fields and "bearer_env" not in self.raw:
            self._put(self.fields["bearer_env"], bearer)
        elif (variable := alone(value)) and "header_env" in self.fields:
            named[header] = variable
        else:
            self._header(header, value, headers, key="headers")

    def _header(self, header: str, value: str, headers: dict[str, str], *, key: str) -> None:
        told: list[str] = []
        text, whole = translated(value, self.host, told.append)
        for reason in told:
            self._lose(f"{key}.{header}", reason, kept=whole)
        if whole:
            headers[header] = text

    def _write_environment(self) -> None:
        """Variables whose values the host cannot look up are handed on by name, or told as lost: never written out."""
        env: dict[str, str] = {}
        handed_on = [str(each) for each in self.raw.get("env_from", [])]
        for variable, value in self.raw.get("env", {}).items():
            if (
                not self._variable(f"env.{variable}", variable, str(value), env)
                and alone(str(value)) == variable
            ):
                handed_on.append(variable)
        if handed_on and "env_from" in self.fields:
            self._put(self.fields["env_from"], handed_on)
        elif "env_from" not in self.fields:
            for variable in self.raw.get("env_from", []):
                self._variable("env_from", variable, f"${{{variable}}}", env)
        asked = bool(env) or self.raw.get("env") == {}
        if asked and "env" in self.fields and self._belongs(self.fields["env"]):
            self._put(self.fields["env"], env)
        elif env:
            self._lose("env", f"{self.host.title} takes no variables for this server")

    def _variable(self, key: str, name: str, value: str, env: dict[str, str]) -> bool:
        """Write one variable, or say why not; one that can be handed on by its name is not lost."""
        told: list[str] = []
        text, whole = translated(value, self.host, told.append)
        if whole:
            env[name] = text
        elif "env_from" in self.fields and alone(value) == name:
            return False
        for reason in told:
            self._lose(key, reason, kept=whole)
        return whole

    def _write_switch(self) -> None:
        enabled = self.raw.get("enabled")
        if enabled is None:
            return
        if "enabled" in self.fields:
            self._put(self.fields["enabled"], enabled)
        elif "disabled" in self.fields:
            self._put(self.fields["disabled"], not enabled)
        elif not enabled:
            self._lose("enabled", f"{self.host.title} cannot switch a server off in its file: it will run")

    def _write_times(self) -> None:
        for key in _TIMES:
            if key not in self.raw:
                continue
            field = self.fields.get(key)
            if key == "call_timeout":
                field = field or self.fields.get("timeout")
            if field is None:
                self._lose(key, f"{self.host.title} has no such time")
                continue
            seconds = seconds_of(self.raw[key])
            value = seconds * 1000 if field.unit == "ms" else seconds
            self._put(field, round(value) if field.shape == "whole" or value == int(value) else value)

    def _keep_inside(self) -> None:
        """A plugin's paths begin in the plugin."""
        folder = self.entry.get("cwd")
        if isinstance(folder, str) and not folder.startswith(("./", "${PLUGIN_")):
            del self.entry["cwd"]
            if folder.startswith(("/", "~", "$", "..")):
                self._lose("cwd", f"a server of {self.host.title} runs in the plugin's folder")
            else:
                self.entry["cwd"] = f"./{folder}"
        if str(self.entry.get("command")).startswith(("/", "~", "$", "..")):
            self._lose("command", f"{self.host.title} wants it inside the plugin, as `./NAME`", kept=True)

    def _write_rest(self) -> None:
        for key, value in self.raw.items():
            if key in _WRITTEN_BEFORE:
                continue
            if key == "oauth":
                self._write_oauth(value)
            elif key == "deny_tools" and self.host.one_tool_list and "allow_tools" in self.raw:
                reason = "takes a list of tools to allow or one to block, not both"
                self._lose(key, f"{self.host.title} {reason}")
            elif key in self.fields and self.fields[key].shape != "any" and self._belongs(self.fields[key]):
                self._put(self.fields[key], self._text(key, value) if isinstance(value, str) else value)
            elif key == "watch" and "dev" in self.fields:
                self._put(self.fields["dev"], {"watch": value})
            elif key == "lifecycle" and value == "keep-alive" and "keep_alive" in self.fields:
                self._put(self.fields["keep_alive"], value=True)
            else:
                self._lose(key, f"{self.host.title} has nothing like it")
        if self.host.every_tool and "allow_tools" not in self.raw:
            self._put(self.fields["allow_tools"], [self.host.every_tool])
        self._write_extra()

    def _write_oauth(self, oauth: Any) -> None:
        field = self.fields.get("oauth") or self.fields.get("auth")
        if field is None or not self._belongs(field) or not isinstance(oauth, dict):
            self._lose("oauth", f"{self.host.title} has nothing like it")
            return
        written, left = oauth_words(self.host, oauth)
        for key in left:
            self._lose(f"oauth.{key}", f"{self.host.title} has nothing like it")
        if written:
            self._put(field, written)

    def _write_extra(self) -> None:
        """What a host said that mcpctl does not act on goes back to it; others get what they have under the same name."""
        from mcpctl.config.hosts.table import rows

        for origin, keys in self.raw.get("extra", {}).items():
            names = {field.path[0]: field.name for field in rows()[origin].fields} if origin in rows() else {}
            for key, value in keys.items() if isinstance(keys, dict) else ():
                if origin == self.host.id:
                    self._give_back(key, value)
                elif names.get(key) in self.fields and self._belongs(self.fields[names[key]]):
                    self._put(self.fields[names[key]], value)
                else:
                    self._lose(f"extra.{key}", f"{self.host.title} has nothing like it")

    def _give_back(self, key: str, value: Any) -> None:
        written = self.entry.setdefault(key, value)
        if isinstance(written, dict) and isinstance(value, dict):
            self.entry[key] = {**written, **value}

    def _belongs(self, field: Field) -> bool:
        return field.on in {"any", "stdio" if self.kind == "stdio" else "remote"}

    def _text(self, key: str, text: str) -> str:
        told: list[str] = []
        result, whole = translated(text, self.host, told.append)
        for reason in told:
            suffix = "" if whole else "; the text stays as it is"
            self._lose(key, f"{reason}{suffix}", kept=True)
        return result

    def _put(self, field: Field, value: Any) -> None:
        table = self.entry
        for part in field.path[:-1]:
            table = table.setdefault(part, {})
        table[field.path[-1]] = value

    def _lose(self, key: str, reason: str, *, kept: bool = False) -> None:
        self.losses.append(Loss(self.name, key, reason, kept))
