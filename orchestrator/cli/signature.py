"""Objects as parameters of a verb: typer sees their fields, each an option, and the verb gets the object."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Annotated, Any, get_args, get_origin

Fields = Mapping[str, tuple[Any, Any]]
"""For each field its annotation, as typer has it, and its default."""


class But(dict[str, tuple[Any, Any] | None]):
    """Fields of an object that are options of their own for one verb, or None where the verb has no such option."""


def but(**fields: tuple[Any, Any] | None) -> But:
    """Return what is annotated to an object of which a verb takes some fields otherwise, or not at all."""
    return But(fields)


def expanded(verb: Callable[..., None], objects: Mapping[type, Fields]) -> Callable[..., None]:
    """Return a verb with the fields of each parameter that is one of ``objects`` in the place of that parameter."""
    given = inspect.signature(verb, eval_str=True).parameters.values()
    made = {each.name: found for each in given if (found := _object(each.annotation, objects))}

    @wraps(verb)
    def call(**values: Any) -> None:
        for name, (kind, fields) in made.items():
            values[name] = kind(**{field: values.pop(field) for field in fields})
        verb(**values)

    parameters = [one for each in given for one in _parameters(each, made)]
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {each.name: each.annotation for each in parameters}
    return call


def _object(annotation: Any, objects: Mapping[type, Fields]) -> tuple[type, Fields] | None:
    """Return the object that a parameter is, and its options; None for one that is an option itself."""
    kind, *more = get_args(annotation) if get_origin(annotation) is Annotated else [annotation]
    if not isinstance(kind, type) or kind not in objects:
        return None
    fields: dict[str, tuple[Any, Any] | None] = dict(objects[kind])
    for each in more:
        fields |= each
    return kind, {name: field for name, field in fields.items() if field is not None}


def _parameters(parameter: inspect.Parameter, made: Mapping[str, tuple[type, Fields]]) -> Iterator[inspect.Parameter]:
    if parameter.name not in made:
        yield parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        return
    for name, (annotation, default) in made[parameter.name][1].items():
        yield inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
