"""Looks up the variables of one server, remembers which values are secret, and collects what cannot be had."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mcpctl.config.folders import home
from mcpctl.config.secrecy import SHORTEST
from mcpctl.config.templates import Reference, split
from mcpctl.errors import ConfigError, McpctlError
from mcpctl.model.settings import InputSpec, KeyPath, Settings
from mcpctl.model.world import World

Ask = Callable[[InputSpec], str]
"""Asks a person on a terminal."""

HANDED_ON = ("HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER")
"""What every child gets: the same few variables that the official SDK hands on."""

_NOT_SECRET = frozenset({*HANDED_ON, "EDITOR", "HOSTNAME", "LANG", "PWD", "TMPDIR", "TZ"})
"""Values so common that blotting them out would only hide paths and names."""


class _UnavailableError(Exception):
    """Why a value cannot be had, with code and hint."""

    def __init__(self, message: str, code: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.hint = hint


class Values:
    """Errors are collected, so that all of them can be told at once; what is missing is empty until then."""

    def __init__(self, server: str, settings: Settings, world: World, ask: Ask | None) -> None:
        self.server = server
        self.settings = settings
        self.world = world
        self.ask = ask
        self.errors: list[McpctlError] = []
        self.secrets: dict[str, None] = {}
        self.from_file: Mapping[str, str] = {}
        """Variables of the server's `env_file`; the process's own win."""
        self._answers: dict[str, str] = {}
        self._kinds: dict[str, Callable[[str], str]] = {
            "env": self._environment,
            "input": self._input,
            "keyring": self._keyring,
            "folder": self._folder,
        }

    def fill(self, text: str, path: KeyPath) -> str:
        """The text with every variable replaced by its value."""
        if "${" not in text:
            return text
        return "".join(piece if isinstance(piece, str) else self._value(piece, path) for piece in split(text))

    def variable(self, name: str, path: KeyPath) -> str:
        """The value of an environment variable that must be set."""
        return self._value(Reference(kind="env", name=name, default=None, text=""), path)

    def keep_secret(self, value: str) -> None:
        if len(value) >= SHORTEST:
            self.secrets[value] = None

    def fail(self, message: str, path: KeyPath, *, code: str, hint: str | None = None) -> None:
        origin = self.settings.provenance.locate(("servers", self.server, *path))
        self.errors.append(
            ConfigError(
                message,
                code=code,
                hint=hint,
                server=self.server,
                file=origin.file if origin else None,
                line=origin.line if origin else None,
                column=origin.column if origin else None,
            )
        )

    def _value(self, reference: Reference, path: KeyPath) -> str:
        try:
            value = self._look_up(reference)
        except _UnavailableError as problem:
            if reference.default is None:
                self.fail(
                    problem.message, path, code=problem.code, hint=problem.hint + _default_for(reference)
                )
                return ""
            value = ""
        return value or (self.fill(reference.default, path) if reference.default is not None else "")

    def _look_up(self, reference: Reference) -> str:
        look_up = self._kinds.get(reference.kind)
        if look_up is None:
            raise _UnavailableError(
                f"mcpctl has no variables of the kind `{reference.kind}:`, which server `{self.server}` uses",
                "config.variable_kind",
                "use `${NAME}`, and set it in the environment",
            )
        value = look_up(reference.name)
        if reference.kind != "folder" and reference.name not in _NOT_SECRET:
            self.keep_secret(value)
        return value

    def _environment(self, name: str) -> str:
        value = self.world.env.get(name, self.from_file.get(name))
        if value is None:
            raise _UnavailableError(
                f"variable `{name}`, which server `{self.server}` needs, is not set",
                "config.unset_variable",
                f"set it: `export {name}=…`",
            )
        return value

    def _input(self, name: str) -> str:
        if name in self.settings.given_inputs:
            return self.settings.given_inputs[name]
        if name not in self._answers:
            asked = self.settings.inputs.get(name, InputSpec(id=name))
            if self.ask is not None:
                self._answers[name] = self.ask(asked)
            elif asked.default is not None:
                self._answers[name] = asked.default
            else:
                raise _UnavailableError(
                    f"input `{name}`, which server `{self.server}` needs, is not given",
                    "config.missing_input",
                    f"give it: `--input {name}=…`",
                )
        return self._answers[name]

    def _keyring(self, name: str) -> str:
        service, _, user = name.partition("/")
        try:
            import keyring
        except ImportError as error:
            raise _UnavailableError(
                f"`${{keyring:{name}}}`, which server `{self.server}` uses, needs the package `keyring`",
                "config.no_keyring",
                "install it: `pip install 'mcpctl-toolkit[keyring]'`",
            ) from error
        try:
            value = keyring.get_password(service, user)
        except Exception as error:
            # Backends raise whatever their system does; the text may hold what was asked for.
            raise _UnavailableError(
                f"the keyring cannot be asked for `{name}`: {type(error).__name__}",
                "config.keyring",
                "unlock it, or run `keyring diagnose`",
            ) from error
        if value is None:
            raise _UnavailableError(
                f"the keyring has no `{name}`, which server `{self.server}` needs",
                "config.unset_variable",
                f"store it: `keyring set {service} {user}`",
            )
        return str(value)

    def _folder(self, name: str) -> str:
        folder = self.settings.folder or self.world.cwd
        return {
            "workspaceFolder": str(folder),
            "workspaceFolderBasename": folder.name,
            "userHome": str(home(self.world.env)),
        }.get(name, "/")


def _default_for(reference: Reference) -> str:
    """Only a template has room for a default: `bearer_env` and its like name nothing but the variable."""
    fits = reference.kind == "env" and reference.text
    return f", or write a default: `${{{reference.name}:-…}}`" if fits else ""
