"""Everything that a document types is typed here, and comes to what the document says."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.docs import documents
from tests.docs.blocks import Step, blocks
from tests.docs.console import play, same
from tests.docs.keys import with_keys
from tests.docs.picture import COMMANDS, PICTURE
from tests.support import ROOT

README = ROOT / "README.md"


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_every_command_of_a_document_prints_what_it_says(document: Path, tmp_path: Path) -> None:
    played = play(blocks(document), tmp_path)
    wrong = {
        f"{document.name}:{first}: {step.command}": actual
        for first, outcomes in played.items()
        for step, actual in outcomes
        if not same(step, actual)
    }
    assert wrong == {}, "look at the difference after `python -m tests.docs`"


def test_the_readme_has_every_key_of_the_schema() -> None:
    text = README.read_text(encoding="utf-8")
    assert with_keys(text) == text, "run `python -m tests.docs README.md`"


def test_the_readme_can_be_read_in_one_sitting() -> None:
    lines = README.read_text(encoding="utf-8").splitlines()
    assert len(lines) < 600
    headings = {
        re.sub(r"[^\w -]", "", line.lstrip("# ")).lower().replace(" ", "-")
        for line in lines
        if line.startswith("#")
    }
    links = re.findall(r"\]\(([^)]+)\)", "\n".join(lines))
    assert {link for link in links if link.startswith("#") and link[1:] not in headings} == set()
    inside = [link for link in links if not link.startswith(("#", "http"))]
    assert [link for link in inside if not (ROOT / link).exists()] == []


def test_the_picture_shows_what_its_commands_print() -> None:
    text = "".join(ET.fromstring(PICTURE.read_text(encoding="utf-8")).itertext()).replace("\xa0", " ")
    for words in (*COMMANDS, "error[MCP105]", "THRESHOLD", "passed", "exit code 1"):
        assert words in text, "run `python -m tests.docs.picture`"
    assert f"({PICTURE.relative_to(ROOT)})" in README.read_text(encoding="utf-8")


def test_what_the_readme_shows_in_json_toml_and_yaml_can_be_read() -> None:
    from ruamel.yaml import YAML

    readers = {"json": json.loads, "toml": tomllib.loads, "yaml": YAML(typ="safe").load}
    found = re.findall(
        r"^```(json|toml|yaml)\b[^\n]*\n(.*?)^```",
        README.read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    assert len(found) > 4
    for language, text in found:
        assert readers[language](text)


def test_dots_stand_for_lines_and_for_the_rest_of_a_line() -> None:
    step = Step(command="mcpctl ls", expected=("first", "...", "last in 3 ms", "and more ..."))
    assert same(step, ["first", "second", "third", "last in 41 ms", "and more and more"])
    assert same(step, ["first", "last in 1.5 s", "and more of it"])
    assert not same(step, ["first", "last in 41 ms", "or more"])
