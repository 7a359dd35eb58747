"""Objects as parameters of a verb: typer sees their fields, each an option, and the verb gets the object."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any

Fields = Mapping[str, tuple[Any, Any]]
"""For each field its annotation, as typer has it, and its default."""


def expanded(verb: Callable[..., None], objects: Mapping[type, Fields]) -> Callable[..., None]:
    """Return a verb with the fields of each parameter that is one of ``objects`` in the place of that parameter."""
    given = inspect.signature(verb, eval_str=True).parameters.values()
    made = {each.name: each.annotation for each in given if each.annotation in objects}

    @wraps(verb)
    def call(**values: Any) -> None:
        for name, kind in made.items():
            values[name] = kind(**{field: values.pop(field) for field in objects[kind]})
        verb(**values)

    parameters = [one for each in given for one in _parameters(each, objects)]
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {each.name: each.annotation for each in parameters}
    return call


def _parameters(parameter: inspect.Parameter, objects: Mapping[type, Fields]) -> Iterator[inspect.Parameter]:
    if parameter.annotation not in objects:
        yield parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        return
    for name, (annotation, default) in objects[parameter.annotation].items():
        yield inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
