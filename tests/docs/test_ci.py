"""What CI systems read from this repository: it can be read, its scripts run, and its commands are understood."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from mcpctl.config.hosts.table import rows
from tests.docs.console import surroundings, work
from tests.support import ROOT

ACTION = ROOT / ".github" / "actions" / "mcpctl" / "action.yml"
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
SAMPLES = ROOT / "sample-configs" / "ci"

TOO_COMMON = {
    ".vscode/settings.json",
    "settings.code-workspace",
    "manifest.json",
    "pyproject.toml",
    "server.json",
}
"""Files that are mostly about something else: the hook leaves them alone."""


def read(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def steps() -> dict[str, Any]:
    return {step.get("name", step.get("uses")): step for step in read(ACTION)["runs"]["steps"]}


def test_the_action_uses_every_input_and_none_that_it_does_not_declare() -> None:
    declared = set(read(ACTION)["inputs"])
    text = ACTION.read_text(encoding="utf-8")
    used = set(re.findall(r"inputs\.([\w-]+)", text))
    assert used == declared
    outputs = set(re.findall(r"steps\.(\w+)\.outputs", text))
    assert outputs <= {step.get("id") for step in read(ACTION)["runs"]["steps"]}


def test_no_script_of_the_action_holds_what_somebody_else_wrote() -> None:
    """An expression inside a script is code injection waiting for a pull request with a clever title."""
    scripts = [step["run"] for step in steps().values() if "run" in step]
    assert len(scripts) == 4
    assert [script for script in scripts if "${{" in script] == []


def script(name: str, folder: Path, **variables: str) -> tuple[subprocess.CompletedProcess[str], str, str]:
    """One step as a runner takes it: its end, its outputs, and its summary."""
    outputs, summary = folder / "output", folder / "summary"
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", steps()[name]["run"]],
        cwd=work(folder),
        env={
            **surroundings(folder),
            "RUNNER_TEMP": str(folder),
            "GITHUB_OUTPUT": str(outputs),
            "GITHUB_STEP_SUMMARY": str(summary),
            **variables,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    texts = (path.read_text() if path.exists() else "" for path in (outputs, summary))
    return done, *texts  # type: ignore[return-value]


def test_validate_annotates_and_keeps_sarif(tmp_path: Path) -> None:
    (work(tmp_path) / ".mcp.json").write_text('{"mcpServers": {"a": {"comand": "x"}}}')
    done, outputs, summary = script("Validate", tmp_path, WORDS=".")
    assert done.returncode == 1, done.stderr
    assert "::error file=.mcp.json,line=1" in done.stdout
    assert '"2.1.0"' in Path(outputs.partition("=")[2].strip()).read_text()
    assert "MCP105" in summary


def test_health_says_no_with_its_exit_code(tmp_path: Path) -> None:
    done, _, summary = script("Health", tmp_path, WORDS="demo --level handshake")
    assert done.returncode == 0, done.stderr
    assert "healthy" in summary
    (work(tmp_path) / "mcpctl.toml").write_text('[servers.gone]\ncommand = "no-such-program"\n')
    done, _, _ = script("Health", tmp_path, WORDS="all")
    assert done.returncode == 3, done.stderr


def test_a_load_test_keeps_its_run_and_fails_by_its_thresholds(tmp_path: Path) -> None:
    words = "demo slow seconds=0.05 -c 2 -n 40"
    variables = {"WORDS": words, "BASELINE": "cache", "MAX_REGRESSION": "1000%"}
    done, outputs, summary = script("Load test", tmp_path, THRESHOLDS="p99<30s errors<1%", **variables)
    assert done.returncode == 0, done.stderr
    assert Path(outputs.partition("=")[2].strip()).exists()
    assert (tmp_path / "mcpctl-baseline.json").exists()
    assert "p99&lt;30s" in summary or "p99<30s" in summary
    done, _, _ = script("Load test", tmp_path, THRESHOLDS="p99<1us", **variables)
    assert done.returncode == 1, done.stderr


def test_the_workflow_tests_every_python_that_is_promised() -> None:
    matrix = read(WORKFLOW)["jobs"]["test"]["strategy"]["matrix"]
    lowest = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert matrix["python"][0] == lowest.removeprefix(">=")
    assert matrix["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert {each.partition("-")[0] for each in matrix["os"]} == {"ubuntu", "macos"}
    assert read(WORKFLOW)["permissions"] == {"contents": "read"}


def test_the_workflow_audits_what_this_stands_on() -> None:
    workflow = read(WORKFLOW)
    assert "pip-audit" in workflow["jobs"]["audit"]["steps"][-1]["run"]
    assert {"push", "pull_request", "schedule"} <= set(workflow["on"])


def test_the_workflow_gives_the_action_inputs_that_it_takes() -> None:
    used = read(WORKFLOW)["jobs"]["action"]["steps"][1]
    assert (ROOT / used["uses"]).resolve() == ACTION.parent
    assert set(used["with"]) <= set(read(ACTION)["inputs"])


def test_the_readme_and_the_help_give_the_action_inputs_that_it_takes() -> None:
    declared = set(read(ACTION)["inputs"])
    for page in (ROOT / "README.md", ROOT / "mcpctl" / "help" / "ci.txt", SAMPLES / "github-workflow.yml"):
        (block,) = re.findall(r"\.github/actions/mcpctl\S*\n +with:\n((?: +[\w-]+: .*\n)+)", page.read_text())
        assert set(re.findall(r"^ +([\w-]+):", block, re.MULTILINE)) <= declared


def placed() -> Iterator[str]:
    """Where hosts look in a project, with an example for each wildcard."""
    for host in rows().values():
        for place in host.project:
            if place.rpartition("/")[2] not in TOO_COMMON and place not in TOO_COMMON:
                yield place.replace("*", "team")


@pytest.mark.parametrize("place", sorted({*placed()}))
def test_the_hook_is_asked_about_the_files_of_every_host(place: str) -> None:
    (hook,) = read(ROOT / ".pre-commit-hooks.yaml")
    assert re.search(hook["files"], place)
    assert re.search(hook["files"], f"packages/a/{place}")


@pytest.mark.parametrize(
    "place", ["package.json", "src/mcp.py", "settings.json", "config.toml", "notmcp.json.bak"]
)
def test_the_hook_is_not_asked_about_other_files(place: str) -> None:
    (hook,) = read(ROOT / ".pre-commit-hooks.yaml")
    assert not re.search(hook["files"], place)


def test_the_hook_runs_a_command_that_there_is() -> None:
    (hook,) = read(ROOT / ".pre-commit-hooks.yaml")
    assert (hook["id"], hook["entry"]) == ("mcpctl-validate", "mcpctl validate")
    for page in (ROOT / "mcpctl" / "help" / "ci.txt", SAMPLES / "pre-commit-config.yaml"):
        assert re.findall(r"- id: (\S+)", page.read_text()) == [hook["id"]]


@pytest.mark.parametrize("sample", sorted(SAMPLES.iterdir()), ids=lambda path: path.name)
def test_a_sample_of_a_pipeline_can_be_read(sample: Path) -> None:
    assert read(sample)
