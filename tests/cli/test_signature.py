"""Objects as parameters of verbs: each field is an option, and the verb gets the object."""

from __future__ import annotations

import inspect
from typing import Annotated, NamedTuple

from orchestrator.cli.signature import but, expanded


class Size(NamedTuple):
    width: int = 1
    height: int = 2


OBJECTS = {Size: {"width": (int, 1), "height": (int, 2)}}
given: list[object] = []


def whole(name: str, size: Size = Size(), last: bool = False) -> None:  # noqa: B008 - is immutable
    given.append((name, size, last))


def changed(size: Annotated[Size, but(width=None, height=(float, 0.5))] = Size()) -> None:  # noqa: B008
    given.append(size)


def test_fields_stand_in_the_place_of_the_object() -> None:
    verb = expanded(whole, OBJECTS)
    seen = {name: (each.annotation, each.default) for name, each in inspect.signature(verb).parameters.items()}
    assert list(seen) == ["name", "width", "height", "last"]
    assert seen["height"] == (int, 2)
    verb(name="a", width=3, height=4, last=True)
    assert given.pop() == ("a", Size(3, 4), True)


def test_a_verb_takes_a_field_otherwise_or_not_at_all() -> None:
    verb = expanded(changed, OBJECTS)
    assert {name: each.default for name, each in inspect.signature(verb).parameters.items()} == {"height": 0.5}
    verb(height=7.0)
    assert given.pop() == Size(1, 7.0)  # type: ignore[arg-type]
