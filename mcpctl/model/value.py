"""`dataclass` and `NamedTuple` for values, quick to define: a cold call waits for a hundred such classes.

The standard ones compile functions for each class and each annotation, and load `inspect`. To everybody else these are
the same: `fields`, `replace` and `asdict` of the standard module work on a `dataclass`, which is always frozen, slotted
and keyword-only.
"""

from __future__ import annotations

import collections
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar

T = TypeVar("T")

MISSING: Any = object()
"""In place of a default where there is none."""


class _TupleMaker(type):
    """Makes a tuple with names of a class that lists them, methods and all."""

    def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> Any:
        if not bases:
            return super().__new__(cls, name, bases, body)
        names = body["__annotations__"]
        defaults = [body[each] for each in names if each in body]
        make: Any = collections.namedtuple  # noqa: PYI024 - the typed one is what this stands for
        made = make(name, names, defaults=defaults, module=body["__module__"])
        for key, thing in body.items():
            if key not in names and key not in _MADE:
                setattr(made, key, thing)
        return made


_MADE = frozenset(("__module__", "__dict__", "__weakref__", "__slots__"))
"""What a class body brings along and the tuple has of its own."""


class _NamedTuple(metaclass=_TupleMaker):
    pass


if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple  # noqa: PLC0414, TID251 - to a type checker it is nothing else
else:
    NamedTuple = _NamedTuple


class Field(NamedTuple):
    default: Any = MISSING
    default_factory: Any = MISSING
    repr: bool = True


_NONE: Mapping[str, Field] = {}


def fields_of(kind: Any) -> Mapping[str, Field]:
    """The fields of a class made here, by name; none of any other thing."""
    return getattr(kind, "__value_fields__", _NONE)


def _replace(value: Any, **changes: Any) -> Any:
    fields = fields_of(type(value))
    if not fields:
        from dataclasses import replace as replace_standard

        return replace_standard(value, **changes)
    return type(value)(**{name: getattr(value, name) for name in fields} | changes)


def _value(*, frozen: Literal[True], slots: Literal[True], kw_only: Literal[True]) -> Callable[[type], type]:
    del frozen, slots, kw_only  # said for readers and type checkers: there is no other kind

    def decorated(cls: type) -> type:
        plan: dict[str, Field] = {}
        for base in reversed(cls.__mro__[1:]):
            plan |= base.__dict__.get("__value_fields__", {})
        inherited = frozenset(plan)
        body = dict(cls.__dict__)
        for name in cls.__annotations__:
            given = body.pop(name, MISSING)
            plan[name] = given if isinstance(given, Field) else Field(given)
        for name in ("__dict__", "__weakref__"):
            body.pop(name, None)
        body["__slots__"] = tuple(name for name in plan if name not in inherited)
        body["__value_fields__"] = plan
        body["__match_args__"] = ()
        for name, method in _METHODS.items():
            body.setdefault(name, method)
        body.setdefault("__init__", _initializer(plan))
        made = type(cls)(cls.__name__, cls.__bases__, body)
        made.__qualname__ = cls.__qualname__
        return made

    return decorated


def _initializer(plan: dict[str, Field]) -> Callable[..., None]:
    steps = tuple((name, each.default, each.default_factory) for name, each in plan.items())
    put = object.__setattr__  # the class itself is frozen

    def initialize(self: Any, **given: Any) -> None:
        for name, default, factory in steps:
            if name in given:
                put(self, name, given.pop(name))
            elif default is not MISSING:
                put(self, name, default)
            elif factory is not MISSING:
                put(self, name, factory())
            else:
                raise TypeError(f"{type(self).__name__}() needs `{name}`")
        if given:
            raise TypeError(f"{type(self).__name__}() has no `{next(iter(given))}`")

    return initialize


def _content(self: Any) -> tuple[Any, ...]:
    return tuple([getattr(self, name) for name in self.__value_fields__])


def _represent(self: Any) -> str:
    shown = [name for name, each in self.__value_fields__.items() if each.repr]
    values = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
    return f"{type(self).__qualname__}({values})"


def _equals(self: Any, other: object) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    return _content(self) == _content(other)


def _digest(self: Any) -> int:
    return hash(_content(self))


def _refuse(self: Any, name: str, value: object = None) -> None:
    del value
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot change `{name}` of a {type(self).__name__}")


def _restore(self: Any, state: tuple[Any, ...]) -> None:
    for name, value in zip(self.__value_fields__, state, strict=True):
        object.__setattr__(self, name, value)


class _StandardFields:
    """What the standard module looks for, made when it does."""

    def __get__(self, instance: object, owner: type) -> dict[str, Any]:
        import dataclasses

        described = []
        for name, each in fields_of(owner).items():
            given = {key: value for key, value in each._asdict().items() if value is not MISSING}
            described.append((name, Any, dataclasses.field(**given)))
        made: Any = dataclasses.make_dataclass(owner.__name__, described, frozen=True, kw_only=True)
        return made.__dataclass_fields__  # type: ignore[no-any-return]


_METHODS: dict[str, Any] = {
    "__repr__": _represent,
    "__eq__": _equals,
    "__hash__": _digest,
    "__setattr__": _refuse,
    "__delattr__": _refuse,
    "__getstate__": _content,
    "__setstate__": _restore,
    "__dataclass_fields__": _StandardFields(),
}

if TYPE_CHECKING:  # to a type checker it is nothing else
    from dataclasses import dataclass as dataclass  # noqa: PLC0414
    from dataclasses import field as field  # noqa: PLC0414
    from dataclasses import replace as replace  # noqa: PLC0414
else:
    dataclass, field, replace = _value, Field, _replace
