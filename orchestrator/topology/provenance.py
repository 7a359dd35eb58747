"""Where a value comes from: the files that were laid over one another, and the variables that made it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from orchestrator.topology.parse.document import Document
from orchestrator.topology.parse.interpolation import BadVariable, Reference, parse
from orchestrator.topology.parse.position import Position

MOST = 5
"""So many variables are named, of those that use one another."""


def origin(document: Document, path: Sequence[str | int]) -> str:
    """Return how a value came to stand where it does; nothing where it was simply written there."""
    places = [*document.before(path), document.where(path, value=True)]
    parts = [_places(places)] if len(places) > 1 else []
    written = document.at(path)
    if isinstance(written, str) and "${" in written:
        parts += [f"{name} {told}" for name, told in variables(document, written).items()]
    return "; ".join(parts)


def provenance(document: Document, path: Sequence[str | int], kind: str = "") -> str:
    """Return where the value of a key path was written, in short; of a socket of a ``kind`` also its default.

    Empty for what no file says, such as the policy that follows from ``kind: job``.
    """
    for place in _candidates(path, kind):
        steps, value = document.reached(place)
        if steps == len(place) or (steps > 2 and not isinstance(value, dict | list)):
            return _provenance(document, place[:steps], value)
    steps, value = document.reached(path)
    return _provenance(document, path[:steps], value) if steps > 2 else ""


def _candidates(path: Sequence[str | int], kind: str) -> Iterator[Sequence[str | int]]:
    yield path
    if path[0] == "nodes" and path[2:3] == ("sockets",):
        yield from ((("defaults", "socket", kind, *path[4:])), ("defaults", "socket", *path[4:]))
    elif path[0] in ("nodes", "edges"):
        yield ("defaults", str(path[0])[:-1], *path[2:])


def _provenance(document: Document, path: Sequence[str | int], value: object) -> str:
    places = [*document.before(path), document.where(path, value=True)]
    told = ", over ".join(map(str, reversed(places)))
    made = variables(document, value) if isinstance(value, str) and "${" in value else {}
    return "; ".join([told, *(f"{name} {text}" for name, text in made.items())])


def variables(document: Document, text: str) -> dict[str, str]:
    """Return each variable that a text uses, and those that these use, with where its value is written."""
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


def _uses(text: str) -> list[Reference]:
    try:
        return [part for part in parse(text) if isinstance(part, Reference)]
    except BadVariable:
        return []
