"""Where a value comes from: the files that were laid over one another, and the variables that made it."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.topology.source import Document, Position
from orchestrator.topology.uses import BadVariable, Use, parse

MOST = 5
"""So many variables are named, of those that use one another."""


def origin(document: Document, path: Sequence[str | int]) -> str:
    """Tell how a value came to stand where it does; nothing where it was simply written there."""
    places = [*document.before(path), document.where(path, value=True)]
    parts = [_places(places)] if len(places) > 1 else []
    written = document.at(path)
    if isinstance(written, str) and "${" in written:
        parts += [f"{name} {told}" for name, told in variables(document, written).items()]
    return "; ".join(parts)


def variables(document: Document, text: str) -> dict[str, str]:
    """Give each variable that a text uses, and those that these use, with where its value is written."""
    declared = document.data.get("vars")
    found: dict[str, str] = {}
    todo = [text]
    while todo and len(found) < MOST:
        for use in _uses(todo.pop(0)):
            name = f"env.{use.name}" if use.scope == "env" else use.name
            if name in found or (use.scope and use.scope != "env"):
                continue
            if use.scope:
                found[name] = "comes from the environment"
            elif name in document.given:
                found[name] = "is given by --set"
            elif isinstance(declared, dict) and name in declared:
                path = ("vars", name)
                places = [*document.before(path), document.where(path, value=True)]
                found[name] = _places(places) if len(places) > 1 else f"is written in {places[0]}"
                todo += [declared[name]] if isinstance(declared[name], str) else []
    return found


def _places(places: Sequence[Position]) -> str:
    first, second, *others = places
    return ", then by ".join([f"written in {first}, overlaid by {second}", *map(str, others)])


def _uses(text: str) -> list[Use]:
    try:
        return [part for part in parse(text) if isinstance(part, Use)]
    except BadVariable:
        return []
