"""The pages of `mcpctl help TOPIC`: there for every word that leads to one, narrow, and equal to what they are made from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mcpctl.cli.helptext import EXIT_CODES, WIDTH, topics
from mcpctl.cli.references import references
from mcpctl.cli.verbs import VERBS
from tests.commands.places import mcpctl
from tests.docs import HELP, documents
from tests.support import ROOT

PAGES = sorted(HELP.glob("*.txt"))

FIRST = re.compile(r"[A-Z][\w ]*: \S.*[^.]$")
"""`Title: what it tells`; the root help makes a row of it."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_fits_every_terminal(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()
    assert FIRST.match(lines[0]), lines[0]
    assert [line for line in lines if len(line) > WIDTH] == []
    assert [line for line in lines if not line.isascii() and not line.startswith("    ")] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_is_found_by_its_name(page: Path, tmp_path: Path) -> None:
    answer = mcpctl(tmp_path, "help", page.stem, "--json")
    assert answer.code == 0
    assert answer.data["text"].endswith(page.read_text(encoding="utf-8"))


def test_pages_that_are_lists_equal_what_they_list() -> None:
    stored = {name: (HELP / name).read_text(encoding="utf-8") for name in references()}
    assert stored == references(), "run `python -m mcpctl.cli.generate`"


def test_every_topic_stands_in_the_help_of_mcpctl(tmp_path: Path) -> None:
    text = mcpctl(tmp_path, "help").out
    assert [name for name, title in topics() if not title or name not in text] == []


def test_an_unknown_topic_is_told_which_there_are(tmp_path: Path) -> None:
    answer = mcpctl(tmp_path, "help", "everything")
    assert answer.code == 2
    assert "truncation" in answer.err


def test_the_page_on_exit_codes_has_each_of_them_once() -> None:
    text = (HELP / "exit-codes.txt").read_text(encoding="utf-8")
    for code, meaning in EXIT_CODES:
        assert re.search(rf"^  {code} +{re.escape(meaning.split(',')[0])}", text, re.MULTILINE), code


def test_documents_point_at_topics_and_verbs_that_exist() -> None:
    known = {*VERBS, *(page.stem for page in PAGES), *(name.split()[0] for name in VERBS)}
    texts = {path: path.read_text(encoding="utf-8") for path in [*documents(), ROOT / "CHANGELOG.md"]}
    pointed = {
        (path.name, word)
        for path, text in texts.items()
        for word in re.findall(r"`mcpctl help ([a-z-]+(?: [a-z]+)?)`", text)
    }
    assert {(name, word) for name, word in pointed if word not in known} == set()
