"""Edges between nodes become endpoints that processes bind and connections that processes make.

Linear in what is written into the plan: the processes of a node share the tuple of their connections.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain

from orchestrator.plan.found import Found
from orchestrator.plan.members import Members
from orchestrator.plan.model import LOCAL, Connection, Edge, Endpoint
from orchestrator.plan.pairing import End, Unpaired, pair
from orchestrator.plan.written import Written, written_addresses
from orchestrator.topology import model

ONE = range(1)


@dataclass(slots=True)
class Draft:
    """An endpoint whose peers are still counted; ``scheme`` is that of its address, as far as the edge says it."""

    name: str
    scheme: str
    written: Written | None
    end: End
    process: str
    peers: int = 0

    def done(self) -> Endpoint:
        """Give the endpoint."""
        members = self.end.members
        return Endpoint(
            self.name,
            "fixed" if self.written else "tcp" if self.scheme == "tcp" else "ipc",
            self.written.address if self.written else "",
            self.written.connect if self.written else "",
            LOCAL,
            members.name,
            "" if members.external else self.process,
            self.end.socket,
            self.peers,
        )


@dataclass(slots=True)
class Attached:
    """What edges make of one socket of one process: what it binds, by name, connects to and takes part in."""

    binds: dict[str, Draft]
    connects: list[tuple[Connection, ...]]
    edges: list[str]

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

    def at(self, socket: str) -> Attached:
        """Give what is attached to ``process.socket`` so far."""
        attached = self.sockets.get(socket)
        if attached is None:
            attached = self.sockets[socket] = Attached({}, [], [])
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
    addresses = written_addresses(topology, joined.ends, found)
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
        count = len(whole.processes)
        return End(reference, whole, socket, whole.node.sockets[socket].type, ONE if count == 1 else range(count))
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
    """Join the ends of one edge. Raise Unpaired. Of large meshes most edges join two processes: those are quick."""
    drafts: list[Draft] = []
    for end in binding:
        processes = end.members.processes
        for number in end.numbers:
            drafts.append(_endpoint(edge, name, end, processes[number], addresses, joined))
    names = tuple([draft.name for draft in drafts])
    every = tuple([Connection(name, endpoint) for endpoint in names])
    links = 0
    for end in connecting:
        if end.members.external:
            continue
        places = pair(edge.pairing, binding, end)
        processes = end.members.processes
        for at, number in enumerate(end.numbers):
            attached = joined.at(f"{processes[number]}.{end.socket}")
            attached.connects.append(every if places is None else tuple([every[place] for place in places[at]]))
            attached.edges.append(name)
        if places is None:
            for draft in drafts:
                draft.peers += len(end.numbers)
                links += 0 if draft.end.members.external else len(end.numbers)
        else:
            for place in chain.from_iterable(places):
                drafts[place].peers += 1
                links += not drafts[place].end.members.external
    joined.edges.append(
        Edge(
            name,
            tuple([f"{end.reference} {end.type}" for end in binding]),
            tuple([f"{end.reference} {end.type}" for end in connecting]),
            edge.pairing.kind if edge.pairing else "all",
            names,
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
    if edge.endpoint is None:
        scheme = "tcp" if edge.transport == "tcp" else "ipc"
    else:
        scheme = edge.endpoint.partition("://")[0]
    endpoint = f"{process}.{end.socket}"
    attached = joined.at(endpoint)
    attached.edges.append(name)
    if attached.binds:
        for draft in attached.binds.values():
            if draft.scheme == scheme:
                return draft
        endpoint = f"{endpoint}@{len(attached.binds) + 1}"
    written = addresses.get((process, end.socket, scheme)) if addresses else None
    draft = attached.binds[endpoint] = Draft(endpoint, scheme, written, end, process)
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
