"""From what a user calls a server to its description: a configured name, an address, `demo`, or words on the spot."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mcpctl.errors import ConfigError, UsageError
from mcpctl.model.server import ServerSpec, TransportKind
from mcpctl.model.settings import Settings

DEMO = "demo"
_SCHEMES = ("http://", "https://")


def is_known(settings: Settings, name: str) -> bool:
    """Whether `lookup` would find something."""
    return name in settings.servers or name == DEMO or name.startswith(_SCHEMES)


def lookup(settings: Settings, name: str) -> ServerSpec:
    """The description of a server. Raises `ConfigError` with the nearest names where there is none."""
    if name in settings.servers:
        return settings.servers[name]
    if name.startswith(_SCHEMES):
        return adhoc(url=name)
    if name == DEMO:
        return _demo()
    raise _unknown(settings, name)


def switched_on(spec: ServerSpec) -> ServerSpec:
    """The same. Raises `ConfigError` for a server that takes no part: nobody starts it, even by name."""
    if spec.enabled:
        return spec
    remedy = (
        f"switch its feature `{spec.feature}` on" if spec.feature else f"`mcpctl config enable {spec.name}`"
    )
    raise ConfigError(
        f"the server `{spec.name}` is switched off",
        code="config.switched_off",
        hint=f"see why with `mcpctl config show {spec.name}`, or {remedy}",
        server=spec.name,
    )


def adhoc(
    *,
    stdio: str | None = None,
    url: str | None = None,
    headers: Mapping[str, str] | None = None,
    env: Mapping[str, str] | None = None,
    cwd: str | None = None,
) -> ServerSpec:
    """A server described on the spot, by a command line or by an address."""
    if (stdio is None) == (url is None):
        raise UsageError("a server has either a command or an address", code="usage.conflict")
    if url is not None:
        return _remote(url, headers or {})
    words = _words(stdio or "")
    name = words[0].rpartition("/")[2] or words[0]
    return ServerSpec(name=name, command=words[0], args=tuple(words[1:]), env=dict(env or {}), cwd=cwd)


def guess_transport(url: str) -> TransportKind:
    """What an address is by itself: servers of the old transport all end in `/sse`."""
    path = url.partition("?")[0].partition("#")[0].rstrip("/")
    return "sse" if path.endswith("/sse") else "http"


def _remote(url: str, headers: Mapping[str, str]) -> ServerSpec:
    scheme, _, rest = url.partition("://")
    address = rest.partition("?")[0].partition("#")[0]
    host = address.partition("/")[0].rpartition("@")[2]
    if f"{scheme}://" not in _SCHEMES or not host or " " in url:
        raise UsageError(
            "this is not the address of a server",
            code="usage.invalid_value",
            hint="write an address such as `https://example.com/mcp`",
        )
    # A name is shown everywhere: what may be a secret is not part of it.
    name = f"{scheme}://{address.rpartition('@')[2]}"
    return ServerSpec(name=name, transport=guess_transport(url), url=url, headers=dict(headers))


def _words(line: str) -> list[str]:
    import shlex

    try:
        words = shlex.split(line)
    except ValueError as error:
        hint = "close every quote, as in a shell"
        raise UsageError(
            "the command has a quote that is never closed", code="usage.invalid_value", hint=hint
        ) from error
    if not words or not words[0]:
        raise UsageError(
            "the command is empty", code="usage.invalid_value", hint="write `--stdio 'COMMAND ARG'`"
        )
    return words


def _demo() -> ServerSpec:
    import sys

    package = Path(__file__).resolve().parent.parent
    folder = package.parent
    # From a source tree the package is found only because Python was started there; the child is not.
    installed = folder.name in {"site-packages", "dist-packages"}
    env = {} if installed else {"PYTHONPATH": str(folder)}
    return ServerSpec(name=DEMO, command=sys.executable, args=("-m", "mcpctl.demo"), env=env)


def _unknown(settings: Settings, name: str) -> ConfigError:
    left_out = next((note.message for note in settings.notes if note.server == name), None)
    if left_out:
        message = f"server `{name}` cannot be used: {left_out}"
        return ConfigError(message, code="config.unknown_server", server=name)
    from difflib import get_close_matches

    near = get_close_matches(name, [*settings.servers, DEMO], n=3, cutoff=0.5)
    if near:
        hint = f"did you mean {' or '.join(f'`{each}`' for each in near)}?"
    elif settings.servers:
        hint = "see what there is: `mcpctl ls`"
    else:
        hint = "there is no configuration: write a `mcpctl.toml`, or name an address or `demo`"
    return ConfigError(f"there is no server `{name}`", code="config.unknown_server", hint=hint, server=name)
