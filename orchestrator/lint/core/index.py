"""One topology and its plan, seen from where rules look. Each view is made once, when the first rule asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestrator.lint.core.declarations import Declarations, SocketRef
from orchestrator.plan.collector import Diagnostics
from orchestrator.plan.expand.endpoint_variables import settle
from orchestrator.plan.expand.process_variables import Variables, fill_text, used_in, varies
from orchestrator.plan.expand.replicas import NodeInstances, members
from orchestrator.zeromq import endpoints

if TYPE_CHECKING:
    from orchestrator.lint.core.facts import Program
    from orchestrator.plan import model as plans
    from orchestrator.topology.model import Edge, Topology

Path = tuple[str | int, ...]


class End(NamedTuple):
    """One reference of an edge; ``process`` is empty where the whole node is meant."""

    node: str
    socket: str
    process: str

    def __str__(self) -> str:
        return f"{self.process or self.node}.{self.socket}"


class Pair(NamedTuple):
    """One binding and one connecting end of an edge."""

    edge: str
    bind: End
    connect: End


class Address(NamedTuple):
    """An address that the file writes for one binding process (an external node stands as one).

    ``parsed`` is None where the text is no address. ``place`` is the number of its first port in a range: each
    process that the edge binds has its own, in order.
    """

    edge: str
    end: End
    process: str
    text: str
    parsed: endpoints.Endpoint | None
    place: int

    @property
    def path(self) -> Path:
        """Where it is written."""
        return ("edges", self.edge, "endpoint")


class TopologyView(Declarations):
    """Views of one topology and its plan."""

    def __init__(self, topology: Topology, plan: plans.Plan) -> None:
        super().__init__(topology)
        self.plan = plan
        self.edges: Mapping[str, Edge] = topology.edges
        self.programs: dict[tuple[str, str], tuple[Program, list[str]]] | None = None

    @cached_property
    def trees(self) -> frozenset[str]:
        """The edges that are trees: they have leaves, which nobody is below, and no circle."""
        return frozenset(
            name for name, edge in self.edges.items() if edge.pairing is not None and edge.pairing.kind == "tree"
        )

    @cached_property
    def delivering(self) -> Mapping[str, frozenset[SocketRef]]:
        """By kind of delivery, the sockets of edges that have it."""
        found: dict[str, set[SocketRef]] = {"retry": set(), "durable": set(), "replay": set()}
        for name, edge in self.edges.items():
            if edge.delivery is not None and edge.delivery.kind != "plain":
                places = ((end.node, end.socket) for end in (*self.ends[name][0], *self.ends[name][1]))
                found[edge.delivery.kind].update(places)
        return {kind: frozenset(places) for kind, places in found.items()}

    def end(self, reference: str) -> End | None:
        """Return what a reference of an edge names, None where it names nothing."""
        name, _, socket = reference.partition(".")
        node = self.nodes.get(name)
        if node is not None:
            return End(name, socket, "") if socket in node.sockets else None
        owner = self._owners.get(name)
        return End(owner, socket, name) if owner is not None and socket in self.nodes[owner].sockets else None

    @cached_property
    def _members(self) -> dict[str, NodeInstances]:
        return members(self.topology, Diagnostics(self.topology))

    @cached_property
    def _owners(self) -> dict[str, str]:
        """The node of each process, also of nodes that are off."""
        return {process: of.name for of in self._members.values() for process in of.processes}

    @cached_property
    def ends(self) -> dict[str, tuple[list[End], list[End]]]:
        """By edge, what its references name, without those that name nothing."""
        sockets = {name: node.sockets for name, node in self.nodes.items()}
        found: dict[str, tuple[list[End], list[End]]] = {}
        for name, edge in self.edges.items():
            sides: tuple[list[End], list[End]] = ([], [])
            for references, ends in ((edge.bind, sides[0]), (edge.connect, sides[1])):
                for reference in references:
                    node, _, socket = reference.partition(".")
                    end = End(node, socket, "") if socket in sockets.get(node, ()) else self.end(reference)
                    if end is not None:
                        ends.append(end)
            found[name] = sides
        return found

    def side(self, edge: str, side: str, number: int) -> Path:
        """Return the key path of one reference of an edge."""
        listed = isinstance(self.topology.written("edges", edge, side), list)
        return ("edges", edge, side, number) if listed else ("edges", edge, side)

    def place(self, edge: str, end: End) -> Path:
        """Return the key path of an end of an edge."""
        for side, ends in zip(("bind", "connect"), self.ends[edge], strict=True):
            if end in ends:
                references = self.edges[edge].bind if side == "bind" else self.edges[edge].connect
                return self.side(edge, side, references.index(str(end)))
        return ("edges", edge)

    @cached_property
    def pairs(self) -> dict[tuple[str, str], list[Pair]]:
        """Ends that an edge joins, by the types of the binding and the connecting socket."""
        found: dict[tuple[str, str], list[Pair]] = {}
        sockets = {name: node.sockets for name, node in self.nodes.items()}
        for edge, (binding, connecting) in self.ends.items():
            for bind in binding:
                bound = sockets[bind[0]][bind[1]].type
                for connect in connecting:
                    types = (bound, sockets[connect[0]][connect[1]].type)
                    pairs = found.get(types)
                    if pairs is None:
                        pairs = found[types] = []
                    pairs.append(Pair(edge, bind, connect))
        return found

    @cached_property
    def within(self) -> list[Pair]:
        """The pairs that join a node with itself."""
        return [pair for pairs in self.pairs.values() for pair in pairs if pair.bind.node == pair.connect.node]

    def joined(self, types: Iterable[str], others: Iterable[str]) -> Iterator[tuple[Pair, End, End]]:
        """Yield the pairs of sockets of these types with those, whoever binds, these in front."""
        for one in types:
            for other in others:
                yield from ((pair, pair.bind, pair.connect) for pair in self.pairs.get((one, other), ()))
                if one != other:
                    yield from ((pair, pair.connect, pair.bind) for pair in self.pairs.get((other, one), ()))

    @cached_property
    def binding(self) -> dict[SocketRef, list[str]]:
        """The edges that a socket binds for."""
        return self._by_place(0)

    @cached_property
    def connecting(self) -> dict[SocketRef, list[str]]:
        """The edges that a socket connects for."""
        return self._by_place(1)

    def _by_place(self, side: int) -> dict[SocketRef, list[str]]:
        found: dict[SocketRef, list[str]] = {}
        for edge, ends in self.ends.items():
            for node, socket, _ in ends[side]:
                edges = found.get((node, socket))
                if edges is None:
                    found[node, socket] = [edge]
                elif edges[-1] != edge:
                    edges.append(edge)
        return found

    def on(self, place: SocketRef) -> list[str]:
        """Return the edges that a socket is on."""
        return [*self.binding.get(place, ()), *self.connecting.get(place, ())]

    def peers(self, place: SocketRef) -> list[SocketRef]:
        """Return the declared sockets at the other side of a socket's edges, each once."""
        found: dict[SocketRef, None] = {}
        for edge in self.binding.get(place, ()):
            found.update(((end.node, end.socket), None) for end in self.ends[edge][1])
        for edge in self.connecting.get(place, ()):
            found.update(((end.node, end.socket), None) for end in self.ends[edge][0])
        return list(found)

    # ---- processes

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many processes each node of ours has."""
        return {node.name: len(node.processes) for node in self.plan.nodes}

    @cached_property
    def wired(self) -> set[SocketRef]:
        """The sockets that are on an edge."""
        return {*self.binding, *self.connecting}

    @cached_property
    def most_peers(self) -> dict[SocketRef, int]:
        """By declared socket, the most peers that one process's has; an external one counts as one."""
        outside = self._connecting_from_outside
        bound = {endpoint.name: endpoint.peers for endpoint in self.plan.endpoints}
        found: dict[SocketRef, int] = {}
        for process in self.plan.processes:
            for socket in process.sockets:
                place = (process.node, socket.name)
                count = len(socket.connects) + outside.get(place, 0)
                for name in socket.binds:
                    count += bound[name]
                if count > found.get(place, 0):
                    found[place] = count
        return found

    @cached_property
    def _connecting_from_outside(self) -> dict[SocketRef, int]:
        found: dict[SocketRef, int] = {}
        if not any(node.external for node in self.nodes.values()):
            return found
        for binding, connecting in self.ends.values():
            external = sum(self.nodes[end.node].external for end in connecting)
            for end in binding if external else ():
                found[end.node, end.socket] = found.get((end.node, end.socket), 0) + external
        return found

    @cached_property
    def several(self) -> set[str]:
        """The nodes that are declared to have any number of processes."""
        return {name for name, node in self.nodes.items() if node.replicas is not None or node.each is not None}

    def is_on(self, node: str) -> bool:
        """Return whether a node is part of the plan: not one of a profile that nobody asked for."""
        return node in self.plan.node or self.nodes[node].external

    def ours(self, node: str) -> bool:
        """Return whether a node's programs have our library."""
        found = self.plan.node.get(node)
        return found is not None and found.library

    def restarts(self, node: str) -> bool:
        """Return whether a node's process can come again after its end: of an external one nobody knows."""
        return self.nodes[node].external or self.nodes[node].restart.policy != "never"

    # ---- addresses

    @cached_property
    def addresses(self) -> list[Address]:
        """The addresses that are written on edges, once for each binding process, or once where they do not differ.

        A range of ports is still one.
        """
        found = []
        for edge, (binding, _) in self.ends.items():
            written = self.edges[edge].endpoint
            place = 0
            for end in binding if written is not None else ():
                varying, processes = varies(written), self.processes(end)
                for number, process in enumerate(processes if varying else (end.process or end.node,)):
                    text = self.fill(written or "", process) if varying else settle(written or "")
                    found.append(Address(edge, end, process, text, _parsed(text), place + number))
                place += len(processes)
        return found

    def processes(self, end: End) -> tuple[str, ...]:
        """Return the processes of an end; an external node is one of its own name."""
        if end.process or self.nodes[end.node].external:
            return (end.process or end.node,)
        node = self.plan.node.get(end.node)
        return node.processes if node else ()

    def fill(self, text: str, process: str) -> str:
        """Return a text with the variables of a process; one that it does not have stays."""
        found = self.plan.process.get(process)
        known: Variables = {}
        if found is not None:
            known = self._members[found.node].variables(self.topology.name, found.index)
        return settle(fill_text(text, {name: f"${{{name}}}" for name in used_in(text)} | dict(known)))

    def written(self, *path: str | int) -> Any:
        """Return what the file holds at a key path, before variables are replaced; None where nothing stands there."""
        return self.topology.written(*path)


def _parsed(text: str) -> endpoints.Endpoint | None:
    try:
        return endpoints.parse(text)
    except ValueError:
        return None
