"""Edges between nodes become endpoints that processes bind and connections that processes make.

Linear in what is written into the plan: the processes of a node share the tuple of their connections.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain

from orchestrator.plan.collector import Diagnostics
from orchestrator.plan.connect.fixed_addresses import written_addresses
from orchestrator.plan.connect.pairing import Unpaired, pair
from orchestrator.plan.drafts import EndpointDraft, SocketDraft, Written
from orchestrator.plan.expand.replicas import EdgeEnd, EndResolver, NodeInstances
from orchestrator.plan.model import Connection, Edge
from orchestrator.topology import model
from orchestrator.zeromq.sockets import compatible, feeds


@dataclass(slots=True, eq=False, repr=False)
class Joined:
    """What edges make, in the order of the file.

    ``flows`` tells to which nodes the messages of each node go; where they go both ways, each stands at the other.
    ``several`` are the ports that connect by more than one edge or end.
    """

    flows: dict[str, dict[str, None]]
    edges: list[Edge] = field(default_factory=list)
    endpoints: list[EndpointDraft] = field(default_factory=list)
    several: dict[str, SocketDraft] = field(default_factory=dict)


SAID = {
    "retry": ("timeout", "attempts", "deduplicate"),
    "durable": ("fsync", "max_size", "on_full", "reassign_after"),
    "replay": ("from", "keep"),
}
"""What belongs to each delivery."""


def join(topology: model.Topology, members: Mapping[str, NodeInstances], found: Diagnostics) -> Joined:
    """Join the processes of nodes along the edges. What is wrong is added to ``found``."""
    ends = EndResolver(members)
    addresses = written_addresses(topology, ends, found)
    joined = Joined({name: {} for name, each in members.items() if not each.external})
    ways: dict[tuple[str, str], tuple[bool, bool]] = {}
    for name, edge in topology.edges.items():
        binding, connecting = ends.of(edge.bind), ends.of(edge.connect)
        try:
            _join(edge, name, binding, connecting, addresses, joined)
        except Unpaired as error:
            found.add(error.code, ("edges", name, *error.path), str(error), "", error.suggestion)
        for one in binding:
            for other in connecting:
                if not one.members.external and not other.members.external:
                    _flow(one, other, joined.flows, ways)
    _refuse_doubles(joined.several, found)
    return joined


def _join(
    edge: model.Edge,
    name: str,
    binding: list[EdgeEnd],
    connecting: list[EdgeEnd],
    addresses: Mapping[tuple[str, str, str], Written],
    joined: Joined,
) -> None:
    """Join the ends of one edge. Raise Unpaired. Of large meshes most edges join two processes: those are quick."""
    if len(binding) == 1 and len(binding[0].ports) == 1:
        drafts = [_endpoint(edge, name, binding[0], binding[0].ports[0], addresses, joined)]
        names: tuple[str, ...] = (drafts[0].name,)
        every: tuple[Connection, ...] = (Connection(name, names[0]),)
    else:
        drafts = [_endpoint(edge, name, end, port, addresses, joined) for end in binding for port in end.ports]
        names = tuple([draft.name for draft in drafts])
        every = tuple([Connection(name, endpoint) for endpoint in names])
    links = 0
    for end in connecting:
        if end.members.external:
            continue
        alone = edge.pairing is None and len(binding) == 1 and binding[0].members is not end.members
        places = None if alone else pair(edge.pairing, binding, end)
        for at, port in enumerate(end.ports):
            chosen = every if places is None else tuple([every[place] for place in places[at]])
            if port.connects is None:
                port.connects = [chosen]
            else:
                port.connects.append(chosen)
                joined.several[port.name] = port
            if port.edges is None:
                port.edges = [name]
            else:
                port.edges.append(name)
        if places is None:
            for draft in drafts:
                draft.peers += len(end.ports)
                links += len(end.ports) if draft.process else 0
        else:
            for place in chain.from_iterable(places):
                drafts[place].peers += 1
                links += bool(drafts[place].process)
    if edge.batch is not None:
        batch = edge.batch.model_dump()
        for port in chain.from_iterable(end.ports for end in (*binding, *connecting)):
            port.batch = batch
    if edge.delivery is not None and edge.delivery.kind in SAID:
        said = edge.delivery.model_dump(include={"kind", *SAID[edge.delivery.kind]})
        # A ROUTER or DEALER in between, as of a queue, passes all parts on.
        taking_part = [end for end in (*binding, *connecting) if end.type not in ("ROUTER", "DEALER")]
        for port in chain.from_iterable(end.ports for end in taking_part):
            port.delivery = said
    joined.edges.append(
        Edge(
            name,
            _named(binding),
            _named(connecting),
            edge.pairing.kind if edge.pairing else "all",
            names,
            links,
        )
    )


def _named(ends: list[EdgeEnd]) -> tuple[str, ...]:
    if len(ends) == 1:
        return (f"{ends[0].reference} {ends[0].type}",)
    return tuple([f"{end.reference} {end.type}" for end in ends])


def _endpoint(
    edge: model.Edge,
    name: str,
    end: EdgeEnd,
    port: SocketDraft,
    addresses: Mapping[tuple[str, str, str], Written],
    joined: Joined,
) -> EndpointDraft:
    """Return the endpoint that a process binds for an edge, one with its other edges of that transport."""
    if port.edges is None:
        port.edges = [name]
    else:
        port.edges.append(name)
    if edge.endpoint is None:
        scheme = "tcp" if edge.transport == "tcp" else "ipc"
    else:
        scheme = edge.endpoint.partition("://")[0]
    for draft in port.binds:
        if draft.scheme == scheme:
            return draft
    endpoint = f"{port.name}@{len(port.binds) + 1}" if port.binds else port.name
    written = addresses.get((port.process, end.socket, scheme)) if addresses else None
    process = "" if end.members.external else port.process
    draft = EndpointDraft(endpoint, scheme, written, end.members.name, process, end.socket)
    port.binds = (*port.binds, draft)
    joined.endpoints.append(draft)
    return draft


def _flow(
    one: EdgeEnd, other: EdgeEnd, flows: dict[str, dict[str, None]], ways: dict[tuple[str, str], tuple[bool, bool]]
) -> None:
    pair_of_types = (one.type, other.type)
    known = ways.get(pair_of_types)
    if known is None:
        known = ways[pair_of_types] = _ways(*pair_of_types)
    forth, back = known
    if forth:
        flows[one.members.name][other.members.name] = None
    if back:
        flows[other.members.name][one.members.name] = None


def _ways(one: str, other: str) -> tuple[bool, bool]:
    """Return whether messages flow from one type of socket to another, and back; both where there is no direction."""
    if not compatible(one, other):
        return False, False
    forth, back = feeds(one, other), feeds(other, one)
    return forth or not back, back or not forth


def _refuse_doubles(ports: Mapping[str, SocketDraft], found: Diagnostics) -> None:
    """Refuse sockets that would connect twice to one endpoint, once for each pair of edges."""
    told: set[tuple[str, str]] = set()
    for port in ports.values():
        seen: dict[str, str] = {}
        for connection in chain.from_iterable(port.connects or ()):
            pair_of_edges = (seen.get(connection.endpoint, ""), connection.edge)
            if pair_of_edges[0] and pair_of_edges not in told:
                told.add(pair_of_edges)
                message = f"{port.name} would connect twice to {connection.endpoint}"
                one, other = pair_of_edges
                before = f"by edge {one} too" if one != other else "named twice"
                fix = found.topology.without_edge(other, one) if one != other else None
                found.add("Z106", ("edges", other, "connect"), f"{message}, {before}", fix=fix)
            seen[connection.endpoint] = connection.edge
