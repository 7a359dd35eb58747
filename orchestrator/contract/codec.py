"""One codec for all that our processes tell each other: a class a kind of message, whose annotations are its fields.

For the type checker these are frozen dataclasses. They are made without ``dataclass`` since each keeper, supervisor and
node begins by making dozens of them: a frozen dataclass takes 800 microseconds to define, a NamedTuple 180 (and one is
equal to any other with the same values), these take 10. Their modules have no ``from __future__ import annotations``:
the annotations are types and no text, so that reading the first message compiles nothing.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache
from types import NoneType, UnionType
from typing import (
    Any,
    ClassVar,
    Generic,
    Literal,
    NotRequired,
    TypeVar,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
    is_typeddict,
)

from orchestrator.errors import OrchestratorError


class BadMessage(OrchestratorError, ValueError):
    """A packet, or a file, that is no message of ours; the text names the message and its field."""


def _annotated(kind: type) -> Iterable[tuple[str, Any]]:
    found: dict[str, Any] = kind.__dict__.get("__annotations__", {})  # noqa: RUF063 - inspect takes long to import
    return found.items()


@dataclass_transform(frozen_default=True)
class Part:
    """A message, or a part of one; a subclass annotates its fields, and gives those a value that may be left out."""

    KIND: ClassVar[str] = ""
    __match_args__: ClassVar[tuple[str, ...]] = ()
    __defaults: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.KIND = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        own = [name for name, of in _annotated(cls) if get_origin(of) is not ClassVar]
        cls.__match_args__ = (*cls.__match_args__, *own)  # type: ignore[misc]
        cls.__defaults = {**cls.__defaults, **{each: cls.__dict__[each] for each in own if each in cls.__dict__}}

    def __init__(self, *values: Any, **named: Any) -> None:
        fields, names = self.__dict__, self.__match_args__
        fields.update(self.__defaults)
        fields.update(zip(names, values, strict=False))
        fields.update(named)
        if len(values) > len(names) or fields.keys() != {*names}:
            raise TypeError(f"{type(self).__name__} takes {', '.join(names) or 'nothing'}")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __repr__(self) -> str:
        values = ", ".join(f"{each}={self.__dict__[each]!r}" for each in self.__match_args__)
        return f"{type(self).__name__}({values})"

    @classmethod
    def optional(cls) -> Mapping[str, Any]:
        """Return the fields that may be left out, with what they are then."""
        return cls.__defaults


A = TypeVar("A")
P = TypeVar("P", bound=Part)
Reader = Callable[[Any], Any]

_SCALARS: dict[Any, tuple[frozenset[type], str]] = {
    str: (frozenset({str}), "text"),
    int: (frozenset({int}), "a whole number"),
    float: (frozenset({float, int}), "a number"),
    bool: (frozenset({bool}), "true or false"),
    NoneType: (frozenset({NoneType}), "null"),
}


class Request(Part, Generic[A]):
    """A message that is answered; ``answer`` is the type of that."""

    answer: ClassVar[Any]

    @classmethod
    def read(cls, answer: object) -> Any:
        """Read an answer. Raise BadMessage."""
        return read(cls.answer, cls.KIND, answer)


class Done(Part):
    """It is done: an answer that says no more."""


class Failed(Part):
    """A request was not carried out, or what it asks for has failed: an answer that says why."""

    error: str


class _Unfit(OrchestratorError):
    """What stands at a field is not of its type; ``path`` leads from the message to it."""

    def __init__(self, why: str, path: str = "") -> None:
        super().__init__(why)
        self.why, self.path = why, path


def decode(kind: type[P], data: object) -> P:
    """Make a message of what JSON holds. Fields that it does not have are passed over. Raise BadMessage."""
    try:
        return _reader(kind)(data)  # type: ignore[no-any-return, arg-type]
    except _Unfit as unfit:
        raise BadMessage(f"{kind.KIND}{f': {unfit.path}' if unfit.path else ''}: {unfit.why}") from None


def prepare(classes: Iterable[type[Part]]) -> None:
    """Make now what reads these messages: what a process has made before it forks, its children need not make."""
    for each in classes:
        _reader(each)  # type: ignore[arg-type]


def read(of: Any, what: str, data: object) -> Any:
    """Read what JSON holds as any type, a TypedDict too; ``what`` it is, for the refusal. Raise BadMessage."""
    try:
        return _reader(of)(data)
    except _Unfit as unfit:
        raise BadMessage(f"{what}: {unfit.path}{': ' if unfit.path else ''}{unfit.why}") from None


def decode_one(kinds: Mapping[str, type[P]], key: str, what: str, data: Mapping[str, Any]) -> P:
    """Make the message whose name stands under ``key``; ``what`` it is where it is none of these. Raise BadMessage."""
    name = data.get(key)
    kind = kinds.get(name) if isinstance(name, str) else None
    if kind is None:
        raise BadMessage(f"unknown {what} {name!r}")
    return decode(kind, data)


def kinds(*classes: type[P]) -> dict[str, type[P]]:
    """Return messages by their names."""
    return {each.KIND: each for each in classes}


def replace(part: P, **changes: Any) -> P:
    """Return the message with other values."""
    return type(part)(**{**part.__dict__, **changes})


def types(kind: type) -> dict[str, Any]:
    """Return the type of each field of a message, a TypedDict or a dataclass."""
    if not hasattr(kind, "KIND"):
        return {name: get_args(of)[0] if get_origin(of) is NotRequired else of for name, of in _annotated(kind)}
    return {name: of for each in reversed(kind.__mro__) for name, of in _annotated(each) if name in _names(kind)}


def _names(kind: Any) -> tuple[str, ...]:
    return kind.__match_args__  # type: ignore[no-any-return]


def _fields(of: Any, needed: Collection[str]) -> Callable[[object], dict[str, Any]]:
    # What stays as JSON has it is not read one by one: a mesh may have thousands of processes.
    readers = tuple((name, _fit(each), _reader(each), name in needed) for name, each in types(of).items())

    def read(data: object) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise _Unfit(f"{_short(data)} is not an object")
        values = {}
        for name, fit, reader, required in readers:
            if name in data:
                value = data[name]
                if type(value) in fit:
                    values[name] = value
                    continue
                try:
                    values[name] = reader(value)
                except _Unfit as unfit:
                    raise _Unfit(unfit.why, f"{name}.{unfit.path}" if unfit.path else name) from None
            elif required:
                raise _Unfit("is missing", name)
        return values

    return read


def _part(kind: type[Part]) -> Reader:
    read = _fields(kind, {*_names(kind)} - {*kind.optional()})
    return lambda data: kind(**read(data))


def _dataclass(kind: Any) -> Reader:
    from dataclasses import MISSING, fields

    read = _fields(kind, {each.name for each in fields(kind) if each.default is each.default_factory is MISSING})
    return lambda data: kind(**read(data))


@cache
def _reader(of: Any) -> Reader:
    """Return what checks a value, and makes tuples and parts of lists and objects."""
    origin, inner = get_origin(of), get_args(of)
    if of is Any:
        return _anything
    if of in _SCALARS:
        return _scalar(*_SCALARS[of])
    if origin is Literal:
        return _literal(inner)
    if origin in (UnionType, Union):
        return _union(tuple(map(_reader, inner)), _text(of))
    if origin is list or (origin is tuple and inner[1:] == (...,)):
        return _several(origin, _reader(inner[0]))
    if origin is tuple:
        return _exactly(tuple(map(_reader, inner)))
    if origin is dict:
        return _table(_reader(inner[1]))
    if hasattr(of, "__dataclass_fields__"):
        return _dataclass(of)
    if is_typeddict(of):
        return _fields(of, of.__required_keys__)
    return _part(of)


def _anything(value: Any) -> Any:
    return value


def _fit(of: Any) -> frozenset[type]:
    """Return the types of values that are taken as they are."""
    each = get_args(of) if get_origin(of) in (UnionType, Union) else (of,)
    return frozenset().union(*(_SCALARS[one][0] for one in each if one in _SCALARS))


def _scalar(fit: frozenset[type], what: str) -> Reader:
    def read(value: Any) -> Any:
        if type(value) not in fit:
            raise _Unfit(f"{_short(value)} is not {what}")
        return value

    return read


def _literal(words: tuple[Any, ...]) -> Reader:
    def read(value: Any) -> Any:
        if not any(value == word and type(value) is type(word) for word in words):
            raise _Unfit(f"{_short(value)} is not one of {', '.join(map(repr, words))}")
        return value

    return read


def _union(readers: tuple[Reader, ...], what: str) -> Reader:
    def read(value: Any) -> Any:
        found = []
        for each in readers:
            try:
                return each(value)
            except _Unfit as unfit:
                found.append(unfit)
        raise next((unfit for unfit in found if unfit.path), _Unfit(f"{_short(value)} is not {what}"))

    return read


def _several(make: Callable[[Any], Any], inner: Reader) -> Reader:
    def read(value: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise _Unfit(f"{_short(value)} is not a list")
        return make(map(inner, value))

    return read


def _exactly(inner: tuple[Reader, ...]) -> Reader:
    def read(value: Any) -> Any:
        if not isinstance(value, list | tuple) or len(value) != len(inner):
            raise _Unfit(f"{_short(value)} is not a list of {len(inner)}")
        return tuple(each(item) for each, item in zip(inner, value, strict=True))

    return read


def _table(inner: Reader) -> Reader:
    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise _Unfit(f"{_short(value)} is not an object")
        return {str(key): inner(item) for key, item in value.items()}

    return read


def _text(of: Any) -> str:
    return " or ".join(_SCALARS[each][1] if each in _SCALARS else "what it should be" for each in get_args(of))


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
