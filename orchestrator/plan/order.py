"""In which order nodes start and drain. Pure, linear, and without recursion: a chain of 10,000 nodes is fine.

Strongly connected components by Tarjan, "Depth-first search and linear graph algorithms" (1972).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from graphlib import TopologicalSorter

from orchestrator.plan.model import Group

Graph = Mapping[str, Collection[str]]
"""For each node, in the order of the file, the nodes that come after it."""


def waves(depends: Graph) -> tuple[tuple[str, ...], ...]:
    """Return start waves from what each node depends on. Raise graphlib.CycleError, whose second argument is a loop."""
    if not any(depends.values()):
        return (tuple(depends),) if depends else ()
    place = {name: number for number, name in enumerate(depends)}
    sorter = TopologicalSorter(depends)
    sorter.prepare()
    result = []
    while sorter.is_active():
        ready = sorter.get_ready()
        sorter.done(*ready)
        result.append(tuple(sorted(ready, key=place.__getitem__)))
    return tuple(result)


def drain(flows: Graph, depends: Graph) -> tuple[Group, ...]:
    """Return the drain order: groups from sources to sinks, in the order of the file among equals.

    ``flows`` says whom each node feeds. A node also stops before what it depends on, unless messages flow, directly
    or through others, from that to it. Nodes on a cycle are one group.
    """
    before = _with_dependants(flows, depends) if any(depends.values()) else flows
    groups = components(before)
    group_of = {name: number for number, group in enumerate(groups) for name in group}
    after: list[set[int]] = [set() for _ in groups]
    level = [0] * len(groups)
    for number, group in enumerate(groups):
        for follower in {group_of[other] for name in group for other in before[name]} - {number}:
            after[follower].add(number)
            level[follower] = max(level[follower], level[number] + 1)
    place = {name: number for number, name in enumerate(flows)}
    ordered = sorted(
        range(len(groups)), key=lambda number: (level[number], min(map(place.__getitem__, groups[number])))
    )
    index = {number: new for new, number in enumerate(ordered)}
    return tuple(
        Group(
            nodes=tuple(sorted(groups[number], key=place.__getitem__)),
            after=tuple(sorted(index[earlier] for earlier in after[number])),
        )
        for number in ordered
    )


def stages(groups: Sequence[Group]) -> list[list[str]]:
    """Return the drain order for people: the nodes of each stage, one stage after the other."""
    level: list[int] = []
    result: list[list[str]] = []
    for group in groups:
        level.append(1 + max((level[number] for number in group.after), default=-1))
        if level[-1] == len(result):
            result.append([])
        result[level[-1]].extend(group.nodes)
    return result


def components(graph: Graph) -> list[list[str]]:
    """Return the strongly connected components, those that come first in front."""
    found: list[list[str]] = []
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    open_nodes: list[str] = []
    is_open: set[str] = set()
    for root in graph:
        if root in number:
            continue
        number[root] = low[root] = len(number)
        open_nodes.append(root)
        is_open.add(root)
        path = [(root, iter(graph[root]))]
        while path:
            node, followers = path[-1]
            for follower in followers:
                if follower not in number:
                    number[follower] = low[follower] = len(number)
                    open_nodes.append(follower)
                    is_open.add(follower)
                    path.append((follower, iter(graph[follower])))
                    break
                if follower in is_open:
                    low[node] = min(low[node], number[follower])
            else:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[node])
                if low[node] == number[node]:
                    start = _rindex(open_nodes, node)
                    found.append(open_nodes[start:])
                    is_open.difference_update(open_nodes[start:])
                    del open_nodes[start:]
    found.reverse()
    return found


def _rindex(nodes: list[str], wanted: str) -> int:
    position = len(nodes) - 1
    while nodes[position] != wanted:
        position -= 1
    return position


def _with_dependants(flows: Graph, depends: Graph) -> Graph:
    before = {name: dict.fromkeys(flows[name]) for name in flows}
    for name, later in _dependants(flows, depends):
        before[later][name] = None
    return before


def _dependants(flows: Graph, depends: Graph) -> Iterable[tuple[str, str]]:
    """Yield (node, dependant) for each dependency that no flow of messages contradicts."""
    place = {name: number for number, group in enumerate(components(flows)) for name in group}
    dependants: dict[str, list[str]] = {}
    for name, needed in depends.items():
        for other in needed:
            dependants.setdefault(other, []).append(name)
    for name, waiting in dependants.items():
        fed = _reached(flows, name, place, max(place[other] for other in waiting))
        for other in waiting:
            if other not in fed:
                yield name, other


def _reached(flows: Graph, start: str, place: Mapping[str, int], last: int) -> set[str]:
    """Return what messages from a node reach, no further than the component at ``last``."""
    reached = {start}
    ahead = [start]
    while ahead:
        for follower in flows[ahead.pop()]:
            if follower not in reached and place[follower] <= last:
                reached.add(follower)
                ahead.append(follower)
    return reached
