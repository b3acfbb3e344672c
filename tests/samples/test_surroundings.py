"""What stands around a configuration: containers, manifests, units and loads. Each can be read, and types real commands."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from mcpctl.cli.argv import Line
from mcpctl.cli.generated.table import GRAMMARS
from mcpctl.cli.understanding import understand
from mcpctl.cli.verbs import VERBATIM, VERBS
from mcpctl.loadtest.files import read_mix, read_stages
from tests.samples.samples import SAMPLES, name

MANIFESTS = sorted([*(SAMPLES / "kubernetes").glob("*.yaml"), SAMPLES / "docker" / "compose.yaml"])

BEGINS_A_COMMAND = {*VERBS, *(verb.split()[0] for verb in VERBS)}


def understood(argv: list[str]) -> None:
    """Raises what a user would see."""
    understand(Line(argv, GRAMMARS, VERBATIM), VERBS)


def commands(value: Any) -> Iterator[list[str]]:
    """Every command line of ours in a manifest: those that name mcpctl, and those that its image is given."""
    if isinstance(value, dict):
        for each in value.values():
            yield from commands(each)
    elif isinstance(value, list):
        words = [str(each) for each in value]
        words = words[1:] if words[:1] == ["CMD"] else words
        if words[:1] == ["mcpctl"]:
            yield words[1:]
        elif words and words[0] in BEGINS_A_COMMAND:
            yield words
        elif words[:2] == ["sh", "-c"]:
            yield shlex.split(re.sub(r"\$\(\(.*?\)\)|\$\w+", "1", words[2]))[2:]
        else:
            for each in value:
                yield from commands(each)


@pytest.mark.parametrize("manifest", MANIFESTS, ids=name)
def test_a_manifest_is_yaml_and_its_commands_are_understood(manifest: Path) -> None:
    documents = list(YAML(typ="safe").load_all(manifest.read_text()))
    found = [argv for document in documents for argv in commands(document)]
    assert found
    for argv in found:
        understood(argv)


def test_manifests_of_kubernetes_say_what_they_are() -> None:
    for manifest in (SAMPLES / "kubernetes").glob("*.yaml"):
        for document in YAML(typ="safe").load_all(manifest.read_text()):
            assert {"apiVersion", "kind", "metadata", "spec"} <= set(document)
    job = YAML(typ="safe").load((SAMPLES / "kubernetes" / "loadtest.yaml").read_text())
    assert job["spec"]["completionMode"] == "Indexed"
    assert job["spec"]["completions"] == job["spec"]["parallelism"]
    assert f"/{job['spec']['completions']}" in str(job)


def test_the_image_runs_commands_that_are_understood() -> None:
    text = (SAMPLES / "docker" / "Dockerfile").read_text()
    (check,) = re.findall(r"CMD (\[.*mcpctl.*\])", text)
    understood(json.loads(check)[1:])
    assert "USER mcpctl" in text


def test_the_unit_runs_commands_that_are_understood() -> None:
    text = (SAMPLES / "systemd" / "mcpctl.service").read_text()
    found = re.findall(r"^Exec\w+=\S+/mcpctl (.*)$", text, re.MULTILINE)
    assert len(found) == 2
    for command in found:
        understood(shlex.split(command))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "mcpctl.service"
    unit.write_text(
        re.sub(r"=\S+/mcpctl ", "=/bin/true ", (SAMPLES / "systemd" / "mcpctl.service").read_text())
    )
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", str(unit)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    if "Failed to initialize manager" in done.stderr:
        pytest.skip("systemd-analyze finds no systemd to ask")
    assert "mcpctl.service" not in done.stderr


def test_files_of_a_load_can_be_read_and_their_first_lines_typed() -> None:
    assert read_stages(SAMPLES / "loadtest" / "stages.toml").model == "open"
    assert len(read_mix(SAMPLES / "loadtest" / "mix.toml")) == 3
    for file in (SAMPLES / "loadtest").glob("*.toml"):
        line = file.read_text().partition("\n")[0]
        understood(shlex.split(line.removeprefix("# mcpctl ")))
