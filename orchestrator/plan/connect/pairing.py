"""Which of the binding processes a connecting process goes to. Pure: numbers in, numbers out."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.errors import OrchestratorError
from orchestrator.plan.expand.replicas import EdgeEnd
from orchestrator.shortlist import listed
from orchestrator.topology.model import Pairing

ITSELF = frozenset({"others", "ring", "tree"})
"""Pairings that join a node with itself."""

ONE_BINDS = frozenset({"same", "ring", "tree", "pairs"})
"""Pairings for which it must be plain which binding process has which number."""


class Unpaired(OrchestratorError):
    """A pairing that cannot be carried out; ``path`` is what is wrong with it, below the edge."""

    def __init__(
        self,
        message: str,
        suggestion: str = "",
        path: tuple[str | int, ...] = ("pairing",),
        code: str = "Z109",
    ) -> None:
        super().__init__(message)
        self.suggestion, self.path, self.code = suggestion, path, code


def pair(pairing: Pairing | None, binding: Sequence[EdgeEnd], end: EdgeEnd) -> list[Sequence[int]] | None:
    """Give, for each process of a connecting end, its places among all binding processes; None is all, for each.

    Raise Unpaired.
    """
    if pairing is None or pairing.kind == "all":
        if bound := _bound(binding, end):
            _refuse_itself("all", bound, None, end)
        return None
    kind = pairing.kind
    if kind in ONE_BINDS and len(binding) > 1:
        raise Unpaired(f"{kind} takes one node.socket at bind, here are {len(binding)}")
    if kind in ITSELF:
        _check_itself(kind, binding, end)
    chosen = _chosen(pairing, binding, end)
    if bound := _bound(binding, end):
        _refuse_itself(kind, bound, chosen, end)
    return chosen


def _chosen(pairing: Pairing, binding: Sequence[EdgeEnd], end: EdgeEnd) -> list[Sequence[int]]:
    count = sum(len(each.ports) for each in binding)
    match pairing.kind:
        case "same":
            return _same(binding[0], end)
        case "spread":
            return [(number % count,) if count else () for number in end.numbers]
        case "others":
            places = _bound(binding, end, any_socket=True)
            return [[place for place in range(count) if places.get(place) != number] for number in end.numbers]
        case "ring":
            return [((number + 1) % count,) for number in end.numbers]
        case "tree":
            return [((number - 1) // pairing.arity,) if number else () for number in end.numbers]
        case _:
            return _pairs(pairing.pairs, binding[0], end)


def _check_itself(kind: str, binding: Sequence[EdgeEnd], end: EdgeEnd) -> None:
    for other in binding:
        if other.members is not end.members:
            message = f"{kind} joins a node with itself, not {end.members.name} with {other.members.name}"
            raise Unpaired(message, "pairing: all or spread")
    if kind != "others":
        for each in (*binding, end):
            if len(each.ports) < len(each.members.processes):
                message = f"{kind} joins all processes of {each.members.name}, {each.reference} is one of them"
                raise Unpaired(message, f"write {each.members.name}.{each.socket}")


def _same(bound: EdgeEnd, end: EdgeEnd) -> list[Sequence[int]]:
    theirs, ours = _labels(bound), _labels(end)
    place = {label: number for number, label in enumerate(theirs)}
    if set(theirs) != set(ours):
        raise Unpaired(_differ(bound, end, theirs, ours), "pairing: all or spread")
    return [(place[label],) for label in ours]


def _differ(bound: EdgeEnd, end: EdgeEnd, theirs: Sequence[int | str], ours: Sequence[int | str]) -> str:
    if (bound.members.node.each is None) != (end.members.node.each is None):
        counted, listed = (bound, end) if bound.members.node.each is None else (end, bound)
        return f"same cannot join numbers and items: {counted.reference} has numbers, {listed.reference} items"
    if end.members.node.each is None:
        what = f"{end.reference} is {len(ours)}, {bound.reference} {len(theirs)}"
        return f"same needs as many processes on both sides: {what}"
    one, other = (bound, end) if set(theirs) - set(ours) else (end, bound)
    missing = next(label for label in _labels(one) if label not in _labels(other))
    return f"same needs the same items on both sides: {other.reference} has no {missing}, {one.reference} has"


def _pairs(pairs: Sequence[tuple[int | str, int | str]], bound: EdgeEnd, end: EdgeEnd) -> list[Sequence[int]]:
    places = {label: place for place, label in enumerate(_labels(bound))}
    chosen: dict[int | str, list[int]] = {label: [] for label in _labels(end)}
    for number, (there, here) in enumerate(pairs):
        at = ("pairing", "pairs", number)
        place = places[_known(there, bound, places, (*at, 0))]
        its = chosen[_known(here, end, chosen, (*at, 1))]
        if place in its:
            raise Unpaired(f"the pair [{there}, {here}] stands twice", "remove one", at)
        its.append(place)
    return list(chosen.values())


def _known(
    label: int | str,
    end: EdgeEnd,
    known: dict[int | str, int] | dict[int | str, list[int]],
    path: tuple[str | int, ...],
) -> int | str:
    if end.members.node.each is not None:
        label = str(label)
    if label in known:
        return label
    there = list(known)
    if end.members.node.each is not None:
        raise Unpaired(f"{end.reference} has no item {label}", f"items: {_some(there)}", path)
    numbers = f"{there[0]} to {there[-1]}" if len(there) > 1 else f"{there[0]} alone" if there else "it has none"
    raise Unpaired(f"{end.reference} has no process {label}", f"numbers: {numbers}", path)


def _some(labels: Sequence[int | str]) -> str:
    return listed(labels, 8)


def _labels(end: EdgeEnd) -> Sequence[int | str]:
    labels = end.members.labels
    return [labels[number] for number in end.numbers]


def _bound(binding: Sequence[EdgeEnd], end: EdgeEnd, *, any_socket: bool = False) -> dict[int, int]:
    """Return the places among the binding processes that are of a connecting end's own node, with their numbers."""
    places: dict[int, int] = {}
    place = 0
    for each in binding:
        if each.members is end.members and (any_socket or each.socket == end.socket):
            places |= enumerate(each.numbers, place)
        place += len(each.ports)
    return places


def _refuse_itself(kind: str, bound: dict[int, int], chosen: list[Sequence[int]] | None, end: EdgeEnd) -> None:
    """Refuse sockets that would connect to themselves; ``bound`` are the places of this very socket."""
    numbers = set(bound.values())
    for at, number in enumerate(end.numbers):
        itself = number in numbers if chosen is None else any(bound.get(place) == number for place in chosen[at])
        if itself:
            hint = "" if kind in ITSELF else "pairing: others"
            raise Unpaired(f"{end.members.processes[number]}.{end.socket} would connect to itself", hint, (), "Z108")
