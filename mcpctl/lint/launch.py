"""Reads a command line the way a host will run it: which program, which package of which version, which container.

It sees through the wrappers that people put in front (`cmd /c`, `env`, `sh -c`), and executes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from mcpctl.model.value import NamedTuple

Runner = Literal["npm", "pypi", "docker"]

SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ksh", "fish", "powershell", "pwsh", "cmd"})

_NPM = {"npx": (), "bunx": (), "pnpm": ("dlx", "exec"), "yarn": ("dlx",), "npm": ("exec", "x"), "bun": ("x",)}
_PYPI = {"uvx": (), "pipx": ("run",), "uv": ("tool run", "x")}
_CONTAINER = frozenset({"docker", "podman", "nerdctl"})

RUNNERS: dict[str, Runner] = {
    **dict.fromkeys(_NPM, "npm"),
    **dict.fromkeys(_PYPI, "pypi"),
    **dict.fromkeys(_CONTAINER, "docker"),
}
"""Programs that may fetch and run a package, and the kind of package."""

_NPM_VALUED = frozenset(
    {"-c", "--call", "-w", "--workspace", "--registry", "--prefix", "--cache", "--userconfig"}
)
_PYPI_VALUED = frozenset(
    {
        "--with",
        "--with-editable",
        "--python",
        "-p",
        "--index-url",
        "-i",
        "--extra-index-url",
        "--index",
        "--default-index",
    }
    | {
        "--directory",
        "--project",
        "--env-file",
        "--refresh-package",
        "--constraints",
        "-c",
        "--pip-args",
        "--cache-dir",
    }
    | {"--find-links", "-f", "--spec", "--prerelease", "--resolution", "--link-mode", "--keyring-provider"}
)
_DOCKER_FLAGS = frozenset(
    {
        "-i",
        "-t",
        "-d",
        "-it",
        "-ti",
        "-id",
        "-di",
        "-itd",
        "-P",
        "--rm",
        "--init",
        "--interactive",
        "--tty",
        "--detach",
    }
    | {
        "--privileged",
        "--read-only",
        "--publish-all",
        "--no-healthcheck",
        "--oom-kill-disable",
        "--sig-proxy",
        "--quiet",
        "-q",
    }
    | {"--disable-content-trust", "--replace"}
)
"""Options of `docker run` that stand alone; every other one takes a value."""


class Launch(NamedTuple):
    program: str
    """The base name, lower case, without `.exe` and its like."""
    wrapper: str | None = None
    """A shell that was put in front and only passes the line on, such as `cmd` for `cmd /c npx …`."""
    args: tuple[str, ...] = ()
    """Behind the program, wrappers gone."""
    skipped: int = 0
    """How many of the written arguments the wrapper took, the program's own name included."""
    runner: Runner | None = None
    package: str | None = None
    """The package or image that is run, with its version."""
    package_index: int | None = None
    """Where among `args` it stands."""
    options: tuple[str, ...] = ()
    """What stands before the package."""

    def written(self, index: int) -> int:
        """The index among the arguments as the file writes them."""
        return index + self.skipped


def read_launch(command: str, arguments: Sequence[object]) -> Launch:
    """What a command and its arguments start."""
    args = tuple(map(str, arguments))
    program = command if command in RUNNERS else base_name(command)
    wrapper, skipped = None, 0
    if program == "cmd" and len(args) >= 2 and args[0].lower() in {"/c", "/k"}:
        wrapper, program, skipped = "cmd", base_name(args[1]), 2
    elif program == "env":
        rest = next((i for i, word in enumerate(args) if "=" not in word and not word.startswith("-")), None)
        if rest is not None:
            wrapper, program, skipped = "env", base_name(args[rest]), rest + 1
    args = args[skipped:]
    runner, start = _runner_of(program, args)
    if runner is None:
        return Launch(program=program, wrapper=wrapper, args=args, skipped=skipped)
    package, index = _PACKAGE_FINDERS[runner](args, start)
    return Launch(
        program=program,
        wrapper=wrapper,
        args=args,
        skipped=skipped,
        runner=runner,
        package=package,
        package_index=index,
        options=args[start : index if index is not None else len(args)],
    )


def base_name(command: str) -> str:
    name = command.replace("\\", "/").rpartition("/")[2].lower()
    return name[:-4] if name.endswith((".exe", ".cmd", ".bat", ".ps1")) else name


def _runner_of(program: str, args: Sequence[str]) -> tuple[Runner | None, int]:
    """Which kind of runner this is, and how many arguments its verb takes."""
    if program not in RUNNERS:
        return None, 0
    if program in _CONTAINER:
        if args[:1] == ("run",):
            return "docker", 1
        return ("docker", 2) if args[:2] == ("container", "run") else (None, 0)
    tables: tuple[tuple[Runner, dict[str, tuple[str, ...]]], ...] = (("npm", _NPM), ("pypi", _PYPI))
    for runner, table in tables:
        verbs = table.get(program)
        if verbs is None:
            continue
        if not verbs:
            return runner, 0
        for verb in verbs:
            words = verb.split()
            if list(args[: len(words)]) == words:
                return runner, len(words)
    return None, 0


def _npm_package(args: Sequence[str], start: int) -> tuple[str | None, int | None]:
    index = start
    while index < len(args):
        word = args[index]
        if word in {"-p", "--package"} and index + 1 < len(args):
            return args[index + 1], index + 1
        if word.startswith("--package="):
            return word.partition("=")[2], index
        if word in _NPM_VALUED:
            index += 2
            continue
        if word == "--" or word.startswith("-"):
            index += 1
            continue
        return word, index
    return None, None


def _pypi_package(args: Sequence[str], start: int) -> tuple[str | None, int | None]:
    index = start
    while index < len(args):
        word = args[index]
        if word in {"--from", "--spec"} and index + 1 < len(args):
            return args[index + 1], index + 1
        if word.startswith(("--from=", "--spec=")):
            return word.partition("=")[2], index
        if word in _PYPI_VALUED:
            index += 2
            continue
        if word == "--" or word.startswith("-"):
            index += 1
            continue
        later = _explicit_source(args, index)
        return later if later is not None else (word, index)
    return None, None


def _explicit_source(args: Sequence[str], index: int) -> tuple[str, int] | None:
    """`uvx tool --from x` is legal nowhere, but `pipx run tool --spec x` is seen: the source is what counts."""
    for later in range(index + 1, len(args) - 1):
        if args[later] == "--spec":
            return args[later + 1], later + 1
    return None


def _docker_image(args: Sequence[str], start: int) -> tuple[str | None, int | None]:
    index = start
    while index < len(args):
        word = args[index]
        if not word.startswith("-"):
            return word, index
        alone = "=" in word or word in _DOCKER_FLAGS or (not word.startswith("--") and len(word) > 2)
        index += 1 if alone else 2
    return None, None


_PACKAGE_FINDERS = {"npm": _npm_package, "pypi": _pypi_package, "docker": _docker_image}
