"""What is served without a framework is what the framework would say."""

from __future__ import annotations

import pytest

from mcpctl.cli.app import build, read_by_typer
from mcpctl.cli.describe import describe
from mcpctl.cli.generate import FOLDER, files
from mcpctl.cli.generated.table import GRAMMARS
from mcpctl.cli.reading import WORDS
from mcpctl.cli.understanding import compose
from mcpctl.cli.verbs import GROUPS, HEADINGS, VERBS, load_signature
from mcpctl.errors import UsageError

DESCRIBED = describe()


def test_generated_files_equal_the_living_app() -> None:
    stored = {
        path.name: path.read_text() for path in FOLDER.iterdir() if path.suffix in {".txt", ".tsv", ".py"}
    }
    del stored["__init__.py"]
    assert stored == files(), "run `python -m mcpctl.cli.generate`"


def test_help_is_plain_and_narrow_enough_for_any_terminal() -> None:
    for name, text in files().items():
        if name.endswith(".txt"):
            assert text.isascii(), name
            assert max(map(len, text.splitlines())) <= 80, name


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_says_what_it_is_for(name: str) -> None:
    verb = DESCRIBED[name]
    assert verb.summary.endswith("."), "the docstring of a signature starts with one sentence"
    assert verb.heading in HEADINGS
    for each in verb.parameters:
        assert each.help or each.field == WORDS, f"{name} {each.field} has no help"


@pytest.mark.parametrize("name", VERBS)
def test_every_parameter_is_a_field_of_the_options(name: str) -> None:
    options = VERBS[name].load_options()
    known = set(options.__dataclass_fields__)
    for field in options.__dataclass_fields__.values():
        known |= set(getattr(field.default_factory, "__dataclass_fields__", ()))
    assert {each.field for each in DESCRIBED[name].parameters} <= known


@pytest.mark.parametrize("name", VERBS)
def test_defaults_of_a_signature_are_those_of_the_options(name: str) -> None:
    verb, described = VERBS[name], DESCRIBED[name]
    required = {each.field: "x" for each in described.parameters if each.required}
    silent = compose(verb.load_options(), required)
    defaults = load_signature(verb.signature).__kwdefaults__ or {}
    said = {field: value for field, value in defaults.items() if value is not None}
    assert compose(verb.load_options(), {**said, **required}) == silent


def test_no_verb_takes_an_option_of_all_verbs() -> None:
    everywhere = GRAMMARS[""]
    assert everywhere is not None
    for name, grammar in GRAMMARS.items():
        if name and grammar is not None:
            assert everywhere.options.keys().isdisjoint(grammar.options), name


def test_groups_lead_to_verbs_and_are_none() -> None:
    for group in GROUPS:
        assert any(name.startswith(f"{group} ") for name in VERBS)
        assert group not in VERBS


def test_what_the_table_cannot_read_is_read_by_typer_in_our_words() -> None:
    assert read_by_typer(["ls", "--tag", "a"]) == {"tag": ("a",)}
    with pytest.raises(UsageError, match="no such option: --nope"):
        read_by_typer(["ls", "--nope"])


def test_the_app_is_an_ordinary_typer_app() -> None:
    assert build()(["version"], standalone_mode=False) == {}
