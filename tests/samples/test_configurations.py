"""Every sample is what its first line says, every host and every key has one, and what is valid can be used."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mcpctl.config.hosts.table import rows
from mcpctl.config.schema import load
from tests.commands.places import mcpctl
from tests.samples.samples import CHECKED, SAMPLES, SAYS, configurations, name, promised

NAMED = {"windsurf"}
"""Hosts whose file has a name that others use too, so that `--host` says whose it is."""


ELSEWHERE = {("", "$schema"), ("server", "extra")}
"""Keys that are written by programs, for editors and for the way back to another host."""


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples away from this repository, which has configurations of its own."""
    folder = tmp_path_factory.mktemp("samples")
    shutil.copytree(SAMPLES, folder / "sample-configs")
    return folder


@pytest.mark.parametrize("sample", configurations(), ids=name)
def test_validate_says_what_the_sample_says(sample: Path, copied: Path) -> None:
    path = Path("sample-configs") / name(sample)
    host = sample.relative_to(SAMPLES).parts[1] if name(sample).startswith("hosts/") else ""
    more = ("--host", host) if host in NAMED else ()
    answer = mcpctl(copied, "validate", str(path), "--strict", "--json", *more)
    assert sorted({each["code"] for each in answer.data["diagnostics"]}) == promised(sample)
    assert answer.code == int(bool(promised(sample)))
    if host:
        assert [each["host"] for each in answer.data["files"]] == [host]


def test_every_host_has_a_sample() -> None:
    assert {path.name for path in (SAMPLES / "hosts").iterdir()} == set(rows())


def test_whatever_can_hold_a_comment_says_what_validate_says() -> None:
    silent = [
        name(sample)
        for sample in configurations()
        if not sample.name.endswith(".json") and not SAYS.match(sample.read_text().partition("\n")[0])
    ]
    assert silent == []


def test_the_index_names_samples_that_exist() -> None:
    index = tomllib.loads((SAMPLES / "index.toml").read_text())
    assert [each for each in index if not (SAMPLES / each).is_file()] == []
    assert {each.partition("/")[0] for each in index} <= set(CHECKED)


FEATURES = sorted((SAMPLES / "features").glob("*.toml"))


@pytest.mark.parametrize("sample", [SAMPLES / "everything.toml", *FEATURES], ids=name)
def test_a_valid_sample_is_read_and_shown(sample: Path, tmp_path: Path) -> None:
    text = sample.read_text()
    answer = mcpctl(tmp_path, "config", "show", "--config", str(sample), "--json")
    assert answer.code == 0, answer.err
    assert answer.data["servers"]
    for profile in tomllib.loads(text).get("profiles", {}):
        assert mcpctl(tmp_path, "ls", "--config", str(sample), "--profile", profile).code == 0


def test_everything_has_every_key_of_the_schema() -> None:
    schema = load()
    written = tomllib.loads((SAMPLES / "everything.toml").read_text())
    assert set(_declared(schema, schema["$defs"])) - set(_used(written, schema, schema["$defs"])) == set()


def test_every_feature_has_a_sample_of_its_own() -> None:
    schema = load()
    shapes = schema["$defs"]
    used = {key for sample in FEATURES for key in _used(tomllib.loads(sample.read_text()), schema, shapes)}
    features = {("", key) for key in schema["properties"]} | {
        ("server", key) for key in shapes["server"]["properties"]
    }
    assert features - used == ELSEWHERE


Key = tuple[str, str]
"""A shape of the schema, and a key in it."""


def _declared(node: dict[str, Any], shapes: dict[str, Any], shape: str = "") -> Iterator[Key]:
    """The keys of the tables that are written in place, and those of the shared shapes."""
    if not shape:
        for name_of_shape, shared in shapes.items():
            yield from _declared(shared, shapes, name_of_shape)
    for key, each in node.get("properties", {}).items():
        yield shape, key
        yield from _declared(each, shapes, f"{shape}.{key}")
    below = node.get("additionalProperties")
    if isinstance(below, dict):
        yield from _declared(below, shapes, f"{shape}.*")


def _used(value: Any, node: dict[str, Any], shapes: dict[str, Any], shape: str = "") -> Iterator[Key]:
    """The keys of the schema that a value uses, by the tables they belong to."""
    while "$ref" in node:
        shape = node["$ref"].rpartition("/")[2]
        node = shapes[shape]
    if isinstance(value, list):
        for each in value:
            yield from _used(each, node.get("then", node).get("items", {}), shapes, shape)
        return
    if not isinstance(value, dict):
        return
    for key, each in value.items():
        declared = node.get("properties", {}).get(key)
        below = node.get("additionalProperties")
        if declared is not None:
            yield shape, key
            yield from _used(each, declared, shapes, f"{shape}.{key}")
        elif isinstance(below, dict):
            yield from _used(each, below, shapes, f"{shape}.*")
