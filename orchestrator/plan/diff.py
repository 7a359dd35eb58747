"""What differs between two plans, in words of the language: for people who meant to have the same. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, TypeVar

from orchestrator.plan.model import Edge, Node, Plan, Process

Part = TypeVar("Part", Node, Edge)

_DERIVED_OF_NODE = frozenset({"name", "library", "processes"})
_DERIVED_OF_PROCESS = frozenset({"name", "node", "index", "count", "host", "sockets"})
_WORDS = {"search": "module path", "bounds": "limits or cpu", "env_files": "env_file"}


def differences(old: Plan, new: Plan) -> list[str]:
    """Return a text for each node, edge or part that differs; empty for plans that do the same.

    Of variables and arguments only the names are given: values may be secret.
    """
    found = [*_named(old.node, new.node, "", partial(_node_texts, old, new))]
    was, comes = ({edge.name: edge for edge in plan.edges} for plan in (old, new))
    found += _named(was, comes, "edge ", _edge_texts)
    if old.logs != new.logs:
        found.append("logs")
    rest = [each for each in ("endpoints", "waves", "drain", "external") if getattr(old, each) != getattr(new, each)]
    return found or [f"its {each}" for each in rest]


def _named(
    old: Mapping[str, Part], new: Mapping[str, Part], what: str, texts: Callable[[Part, Part], Iterable[str]]
) -> Iterator[str]:
    for name in dict.fromkeys([*old, *new]):
        if name not in new:
            yield f"{what}{name} is gone"
        elif name not in old:
            yield f"{what}{name} is new"
        elif parts := ", ".join(texts(old[name], new[name])):
            yield f"{what}{name}: {parts}"


def _node_texts(old: Plan, new: Plan, was: Node, comes: Node) -> Iterator[str]:
    if len(was.processes) != len(comes.processes):
        yield f"{len(was.processes)} processes, not {len(comes.processes)}"
    elif was.processes != comes.processes:
        yield "other processes"
    both = [name for name in was.processes if name in new.process]
    of_each = (text for name in both for text in _process(old.process[name], new.process[name]))
    yield from dict.fromkeys([*_fields(was, comes, _DERIVED_OF_NODE), *of_each])


def _process(was: Process, comes: Process) -> Iterator[str]:
    for key in _fields(was, comes, _DERIVED_OF_PROCESS):
        if key in ("env", "args"):
            yield from (f"{key} {name}" for name in _changed(getattr(was, key), getattr(comes, key)))
        else:
            yield key
    sockets = ({s.name: (s.type, s.options, s.batch, s.delivery) for s in of.sockets} for of in (was, comes))
    yield from (f"socket {name}" for name in _changed(*sockets))


def _edge_texts(was: Edge, comes: Edge) -> Iterator[str]:
    return (key for key in ("bind", "connect", "pairing") if getattr(was, key) != getattr(comes, key))


def _fields(was: Any, comes: Any, derived: frozenset[str]) -> Iterator[str]:
    for key in was.__dataclass_fields__:
        if key not in derived and getattr(was, key) != getattr(comes, key):
            yield _WORDS.get(key, key)


def _changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    missing = object()
    return [name for name in dict.fromkeys([*old, *new]) if old.get(name, missing) != new.get(name, missing)]
