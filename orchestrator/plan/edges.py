"""Edges between nodes become endpoints that processes bind and connections that processes make.

Linear in what is written into the plan: the processes of a node share the tuple of their connections.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

from orchestrator.plan import written
from orchestrator.plan.found import Found
from orchestrator.plan.members import Members
from orchestrator.plan.model import LOCAL, Connection, Edge, Endpoint
from orchestrator.plan.pairing import End, Unpaired, pair
from orchestrator.plan.written import Written
from orchestrator.topology import model


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
        end = self.end
        return Endpoint(
            self.name,
            self.transport,
            self.address,
            self.connect,
            LOCAL,
            end.members.name,
            "" if end.external else self.process,
            end.socket,
            self.peers,
        )


@dataclass(slots=True)
class Attached:
    """What edges make of one socket of one process: what it binds, by transport, connects to and takes part in."""

    binds: dict[str, Draft] = field(default_factory=dict)
    connects: list[tuple[Connection, ...]] = field(default_factory=list)
    edges: list[str] = field(default_factory=list)

    @property
    def endpoints(self) -> int:
        """How many endpoints it binds and connects to."""
        return len(self.binds) + sum(map(len, self.connects))


@dataclass(slots=True)
class Joined:
    """What edges make: the ends of each, endpoints in the order of the file, and sockets by ``process.socket``."""

    ends: dict[str, tuple[list[End], list[End]]] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    endpoints: list[Draft] = field(default_factory=list)
    sockets: dict[str, Attached] = field(default_factory=dict)

    def at(self, process: str, socket: str) -> Attached:
        """Give what is attached to a socket of a process so far."""
        key = f"{process}.{socket}"
        attached = self.sockets.get(key)
        if attached is None:
            attached = self.sockets[key] = Attached()
        return attached


def join(topology: model.Topology, members: Mapping[str, Members], found: Found) -> Joined:
    """Join the processes of nodes along the edges. What is wrong is added to ``found``."""
    joined = Joined()
    owners = {
        process: (each, number)
        for each in members.values()
        if len(each.processes) != 1 or each.processes[0] != each.name
        for number, process in enumerate(each.processes)
    }
    for name, edge in topology.edges.items():
        joined.ends[name] = (
            [_end(members, owners, reference) for reference in edge.bind],
            [_end(members, owners, reference) for reference in edge.connect],
        )
    addresses = written.addresses(topology, joined.ends, found)
    for name, (binding, connecting) in joined.ends.items():
        try:
            _join(topology.edges[name], name, binding, connecting, addresses, joined)
        except Unpaired as error:
            found.add("S012", ("edges", name, *error.path), str(error), "", error.suggestion)
    _refuse_doubles(joined, found)
    return joined


def _end(members: Mapping[str, Members], owners: Mapping[str, tuple[Members, int]], reference: str) -> End:
    name, _, socket = reference.partition(".")
    whole = members.get(name)
    if whole is not None:
        return End(reference, whole, socket, whole.node.sockets[socket].type, range(len(whole.processes)))
    owner, number = owners[name]
    return End(reference, owner, socket, owner.node.sockets[socket].type, (number,))


def _join(
    edge: model.Edge,
    name: str,
    binding: list[End],
    connecting: list[End],
    addresses: Mapping[tuple[str, str, str], Written],
    joined: Joined,
) -> None:
    chosen = [None if end.external else pair(edge.pairing, binding, end) for end in connecting]
    drafts = [
        _endpoint(edge, name, end, end.members.processes[number], addresses, joined)
        for end in binding
        for number in end.numbers
    ]
    every = tuple([Connection(name, draft.name) for draft in drafts])
    links = 0
    for end, places in zip(connecting, chosen, strict=True):
        if end.external:
            continue
        for at, number in enumerate(end.numbers):
            attached = joined.at(end.members.processes[number], end.socket)
            attached.connects.append(every if places is None else tuple([every[place] for place in places[at]]))
            attached.edges.append(name)
            if places is not None:
                for place in places[at]:
                    drafts[place].peers += 1
                    links += not drafts[place].end.external
        if places is None:
            for draft in drafts:
                draft.peers += len(end.numbers)
                links += 0 if draft.end.external else len(end.numbers)
    joined.edges.append(
        Edge(
            name,
            tuple(map(str, binding)),
            tuple(map(str, connecting)),
            edge.pairing.kind if edge.pairing else "all",
            tuple([draft.name for draft in drafts]),
            links,
        )
    )


def _endpoint(
    edge: model.Edge,
    name: str,
    end: End,
    process: str,
    addresses: Mapping[tuple[str, str, str], Written],
    joined: Joined,
) -> Draft:
    """Give the endpoint that a process binds for an edge, one with its other edges of that transport."""
    scheme, separator, _ = (edge.endpoint or "").partition("://")
    transport = scheme if separator else "tcp" if edge.transport == "tcp" else "ipc"
    attached = joined.at(process, end.socket)
    attached.edges.append(name)
    draft = attached.binds.get(transport)
    if draft is None:
        endpoint = f"{process}.{end.socket}"
        if attached.binds:
            endpoint = f"{endpoint}@{len(attached.binds) + 1}"
        fixed = addresses.get((process, end.socket, transport))
        draft = (
            Draft(endpoint, "fixed", fixed.address, fixed.connect, end, process)
            if fixed
            else Draft(endpoint, "tcp" if transport == "tcp" else "ipc", "", "", end, process)
        )
        attached.binds[transport] = draft
        joined.endpoints.append(draft)
    return draft


def _refuse_doubles(joined: Joined, found: Found) -> None:
    """Refuse sockets that would connect twice to one endpoint, once for each pair of edges."""
    told: set[tuple[str, str]] = set()
    for socket, attached in joined.sockets.items():
        if len(attached.connects) < 2:
            continue
        seen: dict[str, str] = {}
        for connection in chain.from_iterable(attached.connects):
            pair_of_edges = (seen.get(connection.endpoint, ""), connection.edge)
            if pair_of_edges[0] and pair_of_edges not in told:
                told.add(pair_of_edges)
                message = f"{socket} would connect twice to {connection.endpoint}"
                one, other = pair_of_edges
                before = f"by edge {one} too" if one != other else "named twice"
                found.add("S015", ("edges", connection.edge, "connect"), f"{message}, {before}")
            seen[connection.endpoint] = connection.edge
