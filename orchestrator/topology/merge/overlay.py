"""One document over another: mappings deeply, everything else is replaced, null removes; and two beside each other.

Short forms are written out where both documents have the key, so that ``PUSH`` and ``{type: PUSH, rcvhwm: 1}`` meet as
mappings. Each key keeps its mark, and what lay below it is remembered. Documents are never changed: they may share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from orchestrator.topology.collector import written
from orchestrator.topology.diagnostics.diagnostic import Diagnostic
from orchestrator.topology.merge.exclusive import READY_KINDS, RUNS, ended, is_set
from orchestrator.topology.parse.document import Document, Turned
from orchestrator.topology.parse.position import Path, Position, position
from orchestrator.topology.parse.positions import Marks

ShortForm = Callable[[Any, Marks, Any], tuple[dict[str, Any], Marks] | None]
"""Writes a value out as a mapping, given its marks, where it is a list, and its own; None where it is no short form."""


class Grammar(NamedTuple):
    """What has to be known of a part to lay it over another.

    ``part`` is its name for rivals, ``keys`` are its parts by key, ``names`` the part under any name of the user's.
    ``data``: it is the user's, so a null in it is a value, unless it removes something.
    """

    part: str = ""
    keys: Mapping[str, Grammar] = MappingProxyType({})
    names: Grammar | None = None
    expand_short_form: ShortForm | None = None
    data: bool = False

    def below(self, key: str) -> Grammar:
        """Return the grammar of what stands under a key."""
        return self.names or self.keys.get(key) or (self if self.data else _PLAIN)


def merge(lower: Document, upper: Document) -> Document:
    """Return a document as if ``upper`` had been written over ``lower``."""
    document = _joined(lower, upper)
    document.data = _Merger(document).laid(lower.data, upper.data, TOPOLOGY)
    document.turned |= {node: turned for node, turned in _turned(lower, upper) if node not in document.turned}
    document.replaced |= dict(_replaced(lower, upper))
    return document


def _turned(lower: Document, upper: Document) -> Iterator[tuple[str, Turned]]:
    """Yield the nodes that ``upper`` makes external, or programs, and ``lower`` has as the other."""
    below, above = lower.data.get("nodes"), upper.data.get("nodes")
    if below.__class__ is not dict or above.__class__ is not dict:
        return
    for name in below.keys() & above.keys():
        was, becomes = _external(below[name]), _external(above[name])
        if was is not None and becomes is not None and was is not becomes:
            yield name, Turned(was, lower.data.get("name"), lower.file)


def _replaced(lower: Document, upper: Document) -> Iterator[tuple[tuple[str, str, str], Position]]:
    """Yield what the lists of edges name in ``lower`` and not in ``upper``, which replaces them, with its place."""
    below, above = lower.data.get("edges"), upper.data.get("edges")
    if below.__class__ is not dict or above.__class__ is not dict:
        return
    for name in below.keys() & above.keys():
        for side in ("bind", "connect"):
            left = _references(above[name], side)
            for reference in _references(below[name], side) if left else ():
                if reference not in left:
                    yield (name, side, reference), lower.where(("edges", name, side), value=True)


def _references(body: Any, side: str) -> list[str]:
    """Return what a side of an edge's body names, as text or as a list."""
    value = body.get(side) if isinstance(body, dict) else None
    return [str(each) for each in value] if isinstance(value, list) else [value] if isinstance(value, str) else []


def _external(body: Any) -> bool | None:
    """Return whether a node's body makes it external; None where it does not say what runs."""
    runs = [key for key in RUNS if is_set(body.get(key))] if isinstance(body, dict) else []
    return "external" in runs if runs else None


def merge_node(document: Document, lower: dict[str, Any], upper: dict[str, Any]) -> dict[str, Any]:
    """Return the body of a node laid over another one of the same document."""
    return _Merger(document).laid(lower, upper, NODE)


def add(first: Document, second: Document, above: Mapping[str, Any]) -> Document:
    """Return two documents as one; where they say different things and ``above`` does not settle it, that is noted."""
    document = _joined(first, second)
    document.data = _Merger(document).added(first.data, second.data, TOPOLOGY, (), above)
    return document


def _joined(one: Document, other: Document) -> Document:
    """Return a document that has all of two but the data."""
    return Document(
        one.file,
        problems=[*one.problems, *(each for each in other.problems if each not in one.problems)],
        broken=one.broken or other.broken,
        variables=one.variables or other.variables,
        folders=one.folders | other.folders,
        positions=one.positions,
        turned=other.turned | one.turned,
        replaced=one.replaced | other.replaced,
        texts=one.texts,
    )


class _Merger:
    """Lays mappings over and beside one another, and notes in a document where all of it is written."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def laid(self, lower: dict[str, Any], upper: dict[str, Any], grammar: Grammar) -> dict[str, Any]:
        positions = self.document.positions
        gone = ended(lower, upper, grammar.part) if grammar.part else ()
        result: dict[str, Any] = {}
        marks: Marks = []
        past: dict[str, Sequence[Any]] = {}
        above, below = positions.get(upper, []), positions.get(lower, [])
        numbers = {key: number for number, key in enumerate(upper)}
        for number, (key, value) in enumerate(lower.items()):
            mark, at = below[2 * number], below[2 * number + 1]
            earlier = positions.overridden(lower, key)
            if key in numbers:
                item, place = upper[key], 2 * numbers[key]
                merged = self._merged(value, at, item, above[place + 1], grammar.below(key))
                if merged is not None:
                    value = merged
                elif item is None and grammar.data:
                    continue
                else:
                    earlier = [*earlier, at, *positions.overridden(upper, key)]
                    value, mark, at = item, above[place], above[place + 1]
            elif key in gone:
                continue
            result[key] = value
            marks += (mark, at)
            if earlier:
                past[key] = earlier
        for number, (key, value) in enumerate(upper.items()):
            if key not in lower:
                result[key] = value
                marks += above[2 * number : 2 * number + 2]
                if earlier := positions.overridden(upper, key):
                    past[key] = earlier
        return self._placed(result, marks, past)

    def _merged(self, lower: Any, at: Any, upper: Any, above: Any, grammar: Grammar) -> dict[str, Any] | None:
        """Return two values as one mapping; None where they are not both mappings, short forms written out."""
        if lower is upper and lower.__class__ is dict:
            return lower
        one, other = self._mapping(lower, at, grammar), self._mapping(upper, above, grammar)
        return None if one is None or other is None else self.laid(one, other, grammar)

    def _mapping(self, value: Any, mark: Any, grammar: Grammar) -> dict[str, Any] | None:
        if value.__class__ is dict:
            return value
        if grammar.expand_short_form is None or value is None:
            return None
        written_out = grammar.expand_short_form(value, self.document.positions.get(value, []), mark)
        return None if written_out is None else self._placed(*written_out, {})

    def _placed(self, box: dict[str, Any], marks: Marks, past: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
        self.document.positions.put(box, marks, past)
        return box

    def added(
        self, first: dict[str, Any], second: dict[str, Any], grammar: Grammar, path: Path, above: Any
    ) -> dict[str, Any]:
        positions = self.document.positions
        result = dict(first)
        marks = list(positions.get(first, []))
        numbers = {key: number for number, key in enumerate(first)}
        theirs = positions.get(second, [])
        past = {key: positions.overridden(first, key) for key in first}
        for number, (key, value) in enumerate(second.items()):
            mark, at = theirs[2 * number], theirs[2 * number + 1]
            earlier = positions.overridden(second, key)
            if result.get(key) is None:
                if key in numbers:
                    marks[2 * numbers[key] : 2 * numbers[key] + 2] = (mark, at)
                else:
                    marks += (mark, at)
                result[key], past[key] = value, earlier
                continue
            mine, (where, place) = result[key], marks[2 * numbers[key] : 2 * numbers[key] + 2]
            here, settled = (*path, key), above.get(key) if isinstance(above, dict) else None
            same = value is mine and at is place  # a file that both include
            if value is None or same or key.startswith("x-") or (key == "include" and not path):
                continue
            if grammar.part == "names":
                self._twice(here, where, mark)
            elif isinstance(mine, dict) and isinstance(value, dict):
                result[key] = self.added(mine, value, grammar.below(key), here, settled)
            elif settled is None and (mine != value or mine.__class__ is not value.__class__):
                self._twice(here, where, mark)
        return self._placed(result, marks, {key: earlier for key, earlier in past.items() if earlier})

    def _twice(self, path: Path, first: Any, second: Any) -> None:
        other, here = position(first), position(second)
        told = written(path)
        hint = "rename one of them" if len(path) == 2 else "write it in the file that includes them"
        message = f"two included files say what {told} is; the other one is {other}"
        self.document.problems.append(Diagnostic(*here, told, message, "", hint, "S008"))
        self.document.broken = True


def _short(key: str) -> ShortForm:
    """Let a text stand for the mapping that has it under a key."""
    return lambda value, marks, mark: ({key: value}, [mark, mark]) if isinstance(value, str) else None


def _ready(value: Any, marks: Marks, mark: Any) -> tuple[dict[str, Any], Marks] | None:
    return ({str(value): True}, [mark, mark]) if isinstance(value, str) and value in READY_KINDS[:3] else None


def _depends_on(value: Any, marks: Marks, mark: Any) -> tuple[dict[str, Any], Marks] | None:
    """Write out ``a`` and ``[a, b]``; what variables make of a name is known only later, so such a list stays one."""
    names = value if isinstance(value, list) else [value]
    if not all(isinstance(name, str) and "${" not in name for name in names):
        return None
    marks = marks if isinstance(value, list) else [mark]
    places = {str(name): place for name, place in zip(names, marks, strict=True)}
    return dict.fromkeys(places, "ready"), [place for each in places.values() for place in (each, each)]


_PLAIN = Grammar()
_DATA = Grammar(data=True)
_USERS = Grammar(names=_DATA)
NODE = Grammar(
    "node",
    keys={
        "args": _USERS,
        "each": _USERS,
        "restart": Grammar(expand_short_form=_short("policy")),
        "ready": Grammar("ready", expand_short_form=_ready),
        "live": Grammar("live"),
        "depends_on": Grammar(expand_short_form=_depends_on),
        "sockets": Grammar(names=Grammar(expand_short_form=_short("type"))),
    },
)
_EDGE = Grammar(
    "edge",
    keys={
        "pairing": Grammar("pairing", expand_short_form=_short("kind")),
        "delivery": Grammar("delivery", expand_short_form=_short("kind")),
    },
)
TOPOLOGY = Grammar(
    keys={
        "vars": Grammar("names", names=_DATA),
        "defaults": Grammar(keys={"node": NODE, "edge": _EDGE}),
        "templates": Grammar("names", names=NODE),
        "nodes": Grammar("names", names=NODE),
        "edges": Grammar("names", names=_EDGE),
    },
)
