"""Servers in containers: flags that break stdio, and flags that hand the machine over."""

from __future__ import annotations

from collections.abc import Iterator

from mcpctl.lint.entry import Entry
from mcpctl.lint.finding import Finding
from mcpctl.lint.launch import Launch
from mcpctl.lint.registry import Example, rule
from mcpctl.lint.subject import Subject
from mcpctl.model.lint import Change, Fix

_SOCKETS = ("/var/run/docker.sock", "/run/docker.sock", "docker_engine", "/run/podman/podman.sock")


@rule(
    "MCP213",
    "container-socket",
    severity="error",
    traits=("docker",),
    mentions=("docker.sock", "docker_engine", "podman.sock"),
    bad=Example(
        '{ "command": "docker", "args": ["run", "-i", "-v", "/var/run/docker.sock:/var/run/docker.sock", "acme/files:1.4.2"] }'
    ),
    good=Example(
        '{ "command": "docker", "args": ["run", "-i", "-v", "./files:/files:ro", "acme/files:1.4.2"] }'
    ),
)
def container_socket(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A container gets the socket of the container engine.

    Whoever can talk to it can start a container with the whole disk mounted as root. A tool that a language model
    drives then owns this machine, and the container protects nothing.
    """
    del subject
    launch = entry.launch
    if launch is None or launch.runner != "docker":
        return
    for index, word in enumerate(launch.args):
        socket = next((each for each in _SOCKETS if each in word), None)
        if socket is not None:
            yield Finding(
                at=entry.arg_at(launch.written(index)),
                within=socket,
                message=f"`{entry.name}` gets the container engine's socket: that is root on this machine",
                hint="leave the socket out, or put a proxy in front that allows only what the server needs",
            )
            return


@rule(
    "MCP214",
    "container-privileged",
    severity="error",
    traits=("docker",),
    mentions=("--privileged", "sys_admin", "--cap-add"),
    bad=Example('{ "command": "docker", "args": ["run", "-i", "--privileged", "acme/files:1.4.2"] }'),
    good=Example('{ "command": "docker", "args": ["run", "-i", "--read-only", "acme/files:1.4.2"] }'),
)
def container_privileged(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A container runs with `--privileged`, or with a capability that comes to the same.

    It can load kernel modules and reach every device: there is no wall left between a tool and the machine.
    """
    del subject
    for launch, index, word in _container_words(entry):
        plain = word.upper().replace("CAP_", "")
        following = launch.args[index + 1].upper().replace("CAP_", "") if index + 1 < len(launch.args) else ""
        granted = plain.startswith("--CAP-ADD=") and plain.endswith(("=ALL", "=SYS_ADMIN"))
        granted = granted or (plain == "--CAP-ADD" and following in {"ALL", "SYS_ADMIN"})
        if granted or word in {"--privileged", "--privileged=true"}:
            yield Finding(
                at=entry.arg_at(launch.written(index)),
                message=f"the container of `{entry.name}` is privileged: nothing separates it from this machine",
                hint="name the one device or capability that it needs, with `--device` or `--cap-add`",
            )


@rule(
    "MCP215",
    "container-host-namespace",
    severity="warning",
    traits=("docker",),
    mentions=("host",),
    bad=Example('{ "command": "docker", "args": ["run", "-i", "--network", "host", "acme/files:1.4.2"] }'),
    good=Example('{ "command": "docker", "args": ["run", "-i", "--network", "none", "acme/files:1.4.2"] }'),
)
def container_host_namespace(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A container shares the network, processes or users of the host.

    With the host's network it reaches every service that listens on loopback because it trusts this machine:
    databases, debuggers, other MCP servers.
    """
    del subject
    shared = ("network", "net", "pid", "ipc", "userns", "uts")
    for launch, index, word in _container_words(entry):
        name, mark, value = word.removeprefix("--").partition("=")
        if not word.startswith("--") or name not in shared:
            continue
        if not mark:
            value = launch.args[index + 1] if index + 1 < len(launch.args) else ""
        if value == "host":
            yield Finding(
                at=entry.arg_at(launch.written(index)),
                message=f"the container of `{entry.name}` shares the host's {name}",
                hint="give it a network of its own and publish the one port it needs",
            )


@rule(
    "MCP312",
    "container-without-stdin",
    severity="error",
    traits=("docker",),
    bad=Example('{ "command": "docker", "args": ["run", "--rm", "acme/files:1.4.2"] }'),
    good=Example('{ "command": "docker", "args": ["run", "-i", "--rm", "acme/files:1.4.2"] }'),
)
def container_without_stdin(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """`docker run` without `-i` connects nothing to the server's stdin.

    The server reads end-of-file at once and leaves, or waits forever. The host reports a connection that was closed.
    """
    del subject
    launch = entry.launch
    if launch is None or launch.runner != "docker" or launch.package is None:
        return
    if any(_has_flag(word, "i", "--interactive") for word in launch.options):
        return
    if any(_has_flag(word, "d", "--detach") for word in launch.options):
        return
    at = entry.arg_at(launch.written(len(launch.args) - len(_after_verb(launch))))
    yield Finding(
        at=entry.arg_at(launch.written(0)),
        message=f"`{launch.program} run` without `-i` gives `{entry.name}` no stdin: it never hears a message",
        hint="add `-i`",
        fix=Fix(title="add `-i`", changes=(Change(kind="insert", at=at, value="-i"),)),
    )


@rule(
    "MCP313",
    "container-terminal",
    severity="error",
    traits=("docker",),
    bad=Example('{ "command": "docker", "args": ["run", "-it", "--rm", "acme/files:1.4.2"] }'),
    good=Example('{ "command": "docker", "args": ["run", "-i", "--rm", "acme/files:1.4.2"] }'),
)
def container_terminal(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """`docker run -t` asks for a terminal, and a host has only pipes.

    Docker refuses with "the input device is not a TTY"; where it does not, the terminal turns line ends into CR LF
    and echoes every message back.
    """
    del subject
    for launch, index, word in _container_words(entry):
        if not _has_flag(word, "t", "--tty"):
            continue
        at = entry.arg_at(launch.written(index))
        rest = word.replace("t", "")
        change = (
            Change(kind="set", at=at, value=rest)
            if len(rest) > 1 and word != "--tty"
            else Change(kind="remove", at=at)
        )
        yield Finding(
            at=at,
            message=f"`{word}` asks for a terminal: `{entry.name}` cannot speak MCP through one",
            hint="use `-i` alone",
            fix=Fix(title="drop the terminal", changes=(change,)),
        )


@rule(
    "MCP314",
    "container-detached",
    severity="error",
    traits=("docker",),
    bad=Example('{ "command": "docker", "args": ["run", "-d", "acme/files:1.4.2"] }'),
    good=Example('{ "command": "docker", "args": ["run", "-i", "acme/files:1.4.2"] }'),
)
def container_detached(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """`docker run -d` returns at once and leaves the container behind.

    It prints the container's id where the host expects MCP, and exits. Each start leaves one more container running.
    """
    del subject
    for launch, index, word in _container_words(entry):
        if _has_flag(word, "d", "--detach"):
            yield Finding(
                at=entry.arg_at(launch.written(index)),
                message=f"`{word}` detaches the container: nothing is left for `{entry.name}` to speak through",
                hint="use `-i` instead",
            )


def _container_words(entry: Entry) -> Iterator[tuple[Launch, int, str]]:
    """The options of `docker run` in front of the image, where this is one."""
    launch = entry.launch
    if launch is None or launch.runner != "docker":
        return
    for index, word in enumerate(launch.args):
        if launch.package_index is not None and index >= launch.package_index:
            return
        yield launch, index, word


def _has_flag(word: str, letter: str, long: str) -> bool:
    if word.startswith("--"):
        return word in {long, f"{long}=true"}
    return word.startswith("-") and letter in word[1:] and set(word[1:]) <= set("itdP")


def _after_verb(launch: Launch) -> tuple[str, ...]:
    """The arguments behind `run`."""
    return launch.args[launch.args.index("run") + 1 :]
