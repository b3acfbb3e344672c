"""Values of the quick decorator are those of the standard one."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import re
import typing
from typing import Any

import pytest

from mcpctl.model.report import Report
from mcpctl.model.value import NamedTuple, dataclass, field, fields_of, replace
from tests.support import ROOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Quick:
    """Has words of its own."""

    name: str
    size: int = 3
    tags: list[str] = field(default_factory=list)
    token: str = field(default="", repr=False)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    name: str
    size: int = 3
    tags: list[str] = dataclasses.field(default_factory=list)
    token: str = dataclasses.field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickHeir(Quick):
    more: tuple[int, ...] = ()


@pytest.mark.parametrize(
    "given", [{"name": "a"}, {"name": "b", "size": 9}, {"name": "c", "tags": ["x"], "token": "t"}]
)
def test_a_value_looks_and_compares_like_the_standard_one(given: dict[str, Any]) -> None:
    quick, standard = Quick(**given), Standard(**given)
    assert repr(quick) == repr(standard).replace("Standard", "Quick")
    assert dataclasses.asdict(quick) == dataclasses.asdict(standard)
    assert replace(standard, size=7) == dataclasses.replace(standard, size=7)
    assert quick == Quick(**given) != standard
    assert dataclasses.replace(quick, size=7) == replace(quick, size=7) == Quick(**{**given, "size": 7})
    assert [each.name for each in dataclasses.fields(quick)] == ["name", "size", "tags", "token"]
    assert Quick(name="x").tags is not Quick(name="x").tags


def test_a_value_is_frozen_slotted_and_told_by_keyword() -> None:
    quick: Any = Quick(name="a")
    with pytest.raises(dataclasses.FrozenInstanceError):
        quick.name = "b"
    with pytest.raises((AttributeError, TypeError)):
        quick.other = 1
    assert not hasattr(quick, "__dict__")
    make: Any = Quick
    for words, given in (((), {}), ((), {"name": "a", "nome": "b"}), (("a",), {})):
        with pytest.raises(TypeError):
            make(*words, **given)


def test_a_value_is_hashed_copied_and_pickled() -> None:
    heir = QuickHeir(name="a", tags=["x"], more=(1,))
    assert copy.deepcopy(heir) == pickle.loads(pickle.dumps(heir)) == heir
    assert hash(Report(exit_code=1)) == hash(Report(exit_code=1)) != hash(Report())
    assert heir != Quick(name="a", tags=["x"])
    assert Quick.__doc__ == "Has words of its own."


def test_an_heir_has_the_fields_of_its_parents_first() -> None:
    assert QuickHeir(name="a").size == 3
    assert list(fields_of(QuickHeir)) == ["name", "size", "tags", "token", "more"]
    assert [each.name for each in dataclasses.fields(QuickHeir)] == list(fields_of(QuickHeir))
    assert fields_of(Standard) == fields_of(int) == {}


class Standing(typing.NamedTuple):
    """Has words of its own."""

    name: str
    size: int = 3

    @property
    def double(self) -> int:
        return 2 * self.size


class Quicker(NamedTuple):
    """Has words of its own."""

    name: str
    size: int = 3

    @property
    def double(self) -> int:
        return 2 * self.size


def test_a_tuple_with_names_is_the_standard_one() -> None:
    quick, standard = Quicker("a"), Standing("a")
    assert quick == standard == ("a", 3)
    assert repr(quick) == repr(standard).replace("Standing", "Quicker")
    assert (quick.double, quick._replace(size=4).double) == (6, 8)
    assert quick._asdict() == standard._asdict()
    assert copy.copy(quick) == pickle.loads(pickle.dumps(quick)) == quick
    for name in ("__doc__", "__module__", "_fields", "_field_defaults"):
        assert getattr(Quicker, name) == getattr(Standing, name)
    assert Quicker.__qualname__ == "Quicker"
    make: Any = Quicker
    for words, given in (((), {}), (("a", 1, 2), {}), (("a",), {"tall": 1})):
        with pytest.raises(TypeError):
            make(*words, **given)


def test_nobody_mixes_the_two_kinds() -> None:
    """To a type checker they are one, and a standard `field` in a value would be its default."""
    texts = [(path, path.read_text("utf-8")) for path in (ROOT / "mcpctl").rglob("*.py")]
    users = [(path, text) for path, text in texts if "from mcpctl.model.value import" in text]
    assert len(users) > 50
    for path, text in users:
        mixed = re.search(r"from dataclasses import .*\b(dataclass|field|replace)\b", text)
        assert mixed is None, path
