"""Edges between nodes become endpoints that processes bind and connections that processes make.

Linear in what is written into the plan: the processes of a node share the tuple of their connections.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

from orchestrator.plan.found import Found
from orchestrator.plan.model import LOCAL, Connection, Edge, Endpoint
from orchestrator.plan.variables import fill_text, settle
from orchestrator.topology import model
from orchestrator.zeromq import endpoints

Pairs = dict[tuple[str, str], list[tuple[Connection, ...]]]


@dataclass(frozen=True, slots=True)
class End:
    """One ``node.socket`` or ``process.socket`` of an edge, and the processes behind it with their numbers.

    ``count`` is how many processes the node has.
    An external node stands as one process of its own name.
    """

    reference: str
    node: str
    socket: str
    type: str
    external: bool
    count: int
    processes: tuple[tuple[str, int], ...]

    def __str__(self) -> str:
        return f"{self.reference} {self.type}"


@dataclass(slots=True)
class Draft:
    """An endpoint whose peers are still counted."""

    name: str
    transport: Literal["ipc", "tcp", "fixed"]
    address: str
    connect: str
    end: End
    process: str
    peers: int = 0

    def done(self) -> Endpoint:
        """Give the endpoint."""
        return Endpoint(
            name=self.name,
            transport=self.transport,
            address=self.address,
            connect=self.connect,
            host=LOCAL,
            node=self.end.node,
            process="" if self.end.external else self.process,
            socket=self.end.socket,
            peers=self.peers,
        )


@dataclass(frozen=True, slots=True)
class Written:
    """An address as the file gives it to one bound socket, and the edge that says so."""

    address: str
    connect: str
    edge: str


@dataclass(slots=True)
class Joined:
    """What edges make: by edge its ends, by (process, socket) what it binds, connects to and takes part in."""

    ends: dict[str, tuple[list[End], list[End]]] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    endpoints: dict[tuple[str, str, str], Draft] = field(default_factory=dict)
    binds: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    connects: Pairs = field(default_factory=dict)
    names: dict[tuple[str, str], list[str]] = field(default_factory=dict)


def join(topology: model.Topology, processes: Mapping[str, Sequence[str]], found: Found) -> Joined:
    """Join processes, given by node, along the edges. What is wrong is added to ``found``."""
    joined = Joined()
    owners = {process: (node, index) for node, names in processes.items() for index, process in enumerate(names)}
    for name, edge in topology.edges.items():
        joined.ends[name] = (
            [_end(topology, processes, owners, reference) for reference in edge.bind],
            [_end(topology, processes, owners, reference) for reference in edge.connect],
        )
    written = _written(topology, joined.ends, found)
    for name, (binding, connecting) in joined.ends.items():
        if _fits(topology.edges[name], name, binding, connecting, found):
            _join(topology.edges[name], name, binding, connecting, written, joined)
    _refuse_doubles(joined, found)
    return joined


def _end(
    topology: model.Topology,
    processes: Mapping[str, Sequence[str]],
    owners: Mapping[str, tuple[str, int]],
    reference: str,
) -> End:
    name, _, socket = reference.partition(".")
    node_name, number = (name, None) if name in topology.nodes else owners[name]
    node = topology.nodes[node_name]
    behind: tuple[tuple[str, int], ...]
    if node.external:
        behind = ((node_name, 0),)
    elif number is None:
        behind = tuple((process, index) for index, process in enumerate(processes[node_name]))
    else:
        behind = ((name, number),)
    return End(
        reference=reference,
        node=node_name,
        socket=socket,
        type=node.sockets[socket].type,
        external=node.external,
        count=len(processes.get(node_name, (node_name,))),
        processes=behind,
    )


def _written(
    topology: model.Topology, ends: Mapping[str, tuple[list[End], list[End]]], found: Found
) -> dict[tuple[str, str, str], Written]:
    """Give the addresses that the file writes, by process, socket and transport."""
    written: dict[tuple[str, str, str], Written] = {}
    owners: dict[str, tuple[str, str]] = {}
    for edge, (binding, _) in ends.items():
        text = topology.edges[edge].endpoint
        if text is None:
            continue
        try:
            for place, (end, process, index) in enumerate(_each(binding)):
                transport, item = _address(topology, edge, text, end, process, index, place)
                earlier = written.setdefault((process, end.socket, transport), item)
                if earlier.address != item.address:
                    raise ValueError(
                        f"{process}.{end.socket} binds {earlier.address} on edge {earlier.edge}, here {item.address}; "
                        "edges that share a bound socket and a transport share one endpoint"
                    )
                owner = owners.setdefault(item.address, (process, end.socket))
                if owner != (process, end.socket) and not end.external:
                    raise ValueError(
                        f"{'.'.join(owner)} and {process}.{end.socket} would both bind {item.address}; "
                        "expected an address of their own, by a range of ports (5600-5649) or ${index}"
                    )
        except ValueError as error:
            found.add("S012", ("edges", edge, "endpoint"), str(error))
    return written


def _each(ends: Sequence[End]) -> list[tuple[End, str, int]]:
    return [(end, process, index) for end in ends for process, index in end.processes]


def _address(
    topology: model.Topology, edge: str, text: str, end: End, process: str, index: int, place: int
) -> tuple[str, Written]:
    """Give transport and address of one bound socket. Raise ValueError, saying what is wrong."""
    variables: dict[str, str | int] = {"index": index, "count": end.count, "node": end.node, "process": process}
    parsed = endpoints.parse(settle(fill_text(text, variables | {"mesh": topology.name})))
    if parsed.transport == "inproc":
        raise ValueError(f"{parsed} does not leave its process; expected ipc:// or tcp://")
    if parsed.wildcard:
        raise ValueError(f"{parsed} is known only once it is bound; write `transport: {parsed.transport}` instead")
    if parsed.count > 1 and end.external:
        raise ValueError(f"{parsed} is a range, but {end.node} is external; expected one port")
    if parsed.count > 1:
        if place >= parsed.count:
            raise ValueError(f"{parsed} holds {parsed.count} ports, too few for the processes of {end.reference}")
        parsed = parsed.nth(place)
    return parsed.transport, Written(str(parsed), str(endpoints.connectable(parsed)), edge)


def _fits(edge: model.Edge, name: str, binding: list[End], connecting: list[End], found: Found) -> bool:
    """Tell whether an edge's pairing can be carried out."""
    path = ("edges", name, "pairing")
    kind = edge.pairing.kind if edge.pairing else "all"
    numbers = [index for _, _, index in _each(binding)]
    for end in connecting:
        if kind == "same" and [index for _, index in end.processes] != numbers:
            here, there = len(end.processes), len(numbers)
            what = f"{end.reference} is {here}, {binding[0].reference} {there}"
            found.add("S012", path, f"same needs as many processes on both sides: {what}", "", "pairing: all or spread")
            return False
        if kind == "others" and any(other.node != end.node for other in binding):
            found.add(
                "S012", path, f"others joins a node with itself, not {end.node} with {binding[0].node}", "all or spread"
            )
            return False
        if kind != "others" and (itself := _itself(binding, end)):
            found.add("S012", ("edges", name), f"{itself} would connect to itself", "pairing: others")
            return False
    return True


def _itself(binding: list[End], end: End) -> str:
    bound = {process for other in binding if other.socket == end.socket for process, _ in other.processes}
    return next((f"{process}.{end.socket}" for process, _ in end.processes if process in bound), "")


def _join(
    edge: model.Edge,
    name: str,
    binding: list[End],
    connecting: list[End],
    written: Mapping[tuple[str, str, str], Written],
    joined: Joined,
) -> None:
    drafts: dict[str, Draft] = {}
    for end, process, _ in _each(binding):
        draft = _endpoint(edge, end, process, written, joined)
        drafts[draft.name] = draft
        joined.names.setdefault((process, end.socket), []).append(name)
    every = tuple(Connection(name, endpoint) for endpoint in drafts)
    alone: list[tuple[Connection, ...]] = [(connection,) for connection in every]
    links = 0
    kind = edge.pairing.kind if edge.pairing else "all"
    for end in connecting:
        if end.external:
            continue
        for place, (process, index) in enumerate(end.processes):
            number = place if kind == "same" else index
            chosen = _chosen(kind, every, alone, drafts, process, number)
            joined.connects.setdefault((process, end.socket), []).append(chosen)
            joined.names.setdefault((process, end.socket), []).append(name)
            for connection in chosen:
                draft = drafts[connection.endpoint]
                draft.peers += 1
                links += not draft.end.external
    joined.edges.append(
        Edge(
            name=name,
            bind=tuple(map(str, binding)),
            connect=tuple(map(str, connecting)),
            pairing=kind,
            endpoints=tuple(drafts),
            links=links,
        )
    )


def _endpoint(
    edge: model.Edge, end: End, process: str, written: Mapping[tuple[str, str, str], Written], joined: Joined
) -> Draft:
    """Give the endpoint that a process binds for an edge, one with its other edges of that transport."""
    scheme, separator, _ = (edge.endpoint or "").partition("://")
    transport = scheme if separator else "tcp" if edge.transport == "tcp" else "ipc"
    key = (process, end.socket, transport)
    if key not in joined.endpoints:
        bound = joined.binds.setdefault((process, end.socket), [])
        name = f"{process}.{end.socket}" + (f"@{len(bound) + 1}" if bound else "")
        fixed = written.get(key)
        draft = (
            Draft(name, "fixed", fixed.address, fixed.connect, end, process)
            if fixed
            else Draft(name, "tcp" if transport == "tcp" else "ipc", "", "", end, process)
        )
        joined.endpoints[key] = draft
        bound.append(name)
    return joined.endpoints[key]


def _chosen(
    pairing: str | None,
    every: tuple[Connection, ...],
    alone: list[tuple[Connection, ...]],
    drafts: Mapping[str, Draft],
    process: str,
    number: int,
) -> tuple[Connection, ...]:
    """Give the connections that one connecting process makes."""
    match pairing:
        case "same":
            return alone[number]
        case "spread":
            return alone[number % len(alone)] if alone else ()
        case "others":
            return tuple(connection for connection in every if drafts[connection.endpoint].process != process)
        case _:
            return every


def _refuse_doubles(joined: Joined, found: Found) -> None:
    """Refuse sockets that would connect twice to one endpoint, once for each pair of edges."""
    told: set[tuple[str, str]] = set()
    for (process, socket), parts in joined.connects.items():
        if len(parts) == 1:
            continue
        seen: dict[str, str] = {}
        for connection in chain.from_iterable(parts):
            pair = (seen.get(connection.endpoint, ""), connection.edge)
            if pair[0] and pair not in told:
                told.add(pair)
                message = f"{process}.{socket} would connect twice to {connection.endpoint}"
                before = f"by edge {pair[0]} too" if pair[0] != pair[1] else "named twice"
                found.add("S015", ("edges", connection.edge, "connect"), f"{message}, {before}")
            seen[connection.endpoint] = connection.edge
