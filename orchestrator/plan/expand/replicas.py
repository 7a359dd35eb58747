"""Nodes become processes: replicas and items are counted, and each process learns what it alone knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestrator.plan.collector import Diagnostics
from orchestrator.plan.drafts import SocketDraft
from orchestrator.plan.expand.process_variables import Variables, fill_item
from orchestrator.topology.model import Node, Topology


@dataclass(slots=True, eq=False, repr=False)
class NodeInstances:
    """A declared node and the names of its processes; an external one stands as one process of its own name.

    ``keys`` are the items of ``each``, in the order of the processes; empty without it. ``ends`` are its sockets, in
    the order of the file.
    """

    name: str
    node: Node
    processes: tuple[str, ...]
    keys: tuple[str, ...]
    external: bool
    ends: list[EdgeEnd]

    @property
    def labels(self) -> list[int] | list[str]:
        """What pairings know the processes by: items under ``each``, else numbers."""
        return list(self.keys) if self.keys or self.node.each is not None else list(range(len(self.processes)))

    def variables(self, mesh: str, number: int) -> Variables:
        """Return the variables that one process knows."""
        known: dict[str, object] = {
            "index": number,
            "count": len(self.processes),
            "node": self.name,
            "process": self.processes[number],
            "mesh": mesh,
        }
        if self.keys and self.node.each is not None:
            known["key"] = self.keys[number]
            known["each"] = item = fill_item(self.node.each[self.keys[number]], known)
            if isinstance(item, dict):
                known |= {f"each.{field}": value for field, value in item.items()}
        return known


@dataclass(slots=True, eq=False, repr=False)
class EdgeEnd:
    """A ``node.socket`` or ``process.socket``, and the sockets of the processes behind it."""

    reference: str
    members: NodeInstances
    socket: str
    type: str
    ports: Sequence[SocketDraft]

    @property
    def numbers(self) -> list[int]:
        """The numbers of its processes in their node."""
        return [port.number for port in self.ports]


class EndResolver:
    """Finds what ``node.socket`` and ``process.socket`` mean."""

    def __init__(self, members: Mapping[str, NodeInstances]) -> None:
        self._members = members
        self._known = {end.reference: end for each in members.values() for end in each.ends}
        self._processes: dict[str, EdgeEnd] = {}

    def of(self, references: tuple[str, ...]) -> list[EdgeEnd]:
        """Return the ends that an edge names."""
        return [self._known.get(reference) or self._process(reference) for reference in references]

    def _process(self, reference: str) -> EdgeEnd:
        if not self._processes:
            self._processes = {
                port.name: EdgeEnd(port.name, each, end.socket, end.type, (port,))
                for each in self._members.values()
                for end in each.ends
                for port in end.ports
            }
        return self._processes[reference]


def members(topology: Topology, found: Diagnostics) -> dict[str, NodeInstances]:
    """Return the members of every node; two processes of one name are added to ``found``."""
    result: dict[str, NodeInstances] = {}
    owners: dict[str, str] = {}
    for name, node in topology.nodes.items():
        if node.replicas is None and node.each is None:
            result[name] = alone = NodeInstances(name, node, (name,), (), node.external, [])
            for socket, declared in node.sockets.items():
                reference = f"{name}.{socket}"
                alone.ends.append(EdgeEnd(reference, alone, socket, declared.type, (SocketDraft(reference, name, 0),)))
            continue
        keys = tuple(node.each or ())
        numbers = range(node.replicas or 0) if node.each is None else keys
        processes = tuple([f"{name}-{each}" for each in numbers])
        result[name] = made = NodeInstances(name, node, processes, keys, False, [])
        for socket, declared in node.sockets.items():
            ports = [SocketDraft(f"{process}.{socket}", process, number) for number, process in enumerate(processes)]
            made.ends.append(EdgeEnd(f"{name}.{socket}", made, socket, declared.type, ports))
        for process in processes:
            other = process if process in topology.nodes else owners.setdefault(process, name)
            if other != name:
                message = f"a process of node {name} and node {other} would both be named {process}"
                found.add("Z115", ("nodes", name), message, "", "rename one of the two nodes", key=True)
    return result
