"""Nodes become processes: replicas and items are counted, and each process learns what it alone knows."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.plan.found import Found
from orchestrator.plan.ports import Port
from orchestrator.plan.variables import Variables, fill_item
from orchestrator.topology.model import Node, Topology


@dataclass(slots=True)
class Members:
    """A declared node and the names of its processes; an external one stands as one process of its own name.

    ``keys`` are the items of ``each``, in the order of the processes; empty without it. ``ports`` has, for each socket,
    that of every process.
    """

    name: str
    node: Node
    processes: tuple[str, ...]
    keys: tuple[str, ...]
    external: bool
    ports: dict[str, list[Port]]

    @property
    def labels(self) -> list[int] | list[str]:
        """What pairings know the processes by: items under ``each``, else numbers."""
        return list(self.keys) if self.keys or self.node.each is not None else list(range(len(self.processes)))

    def variables(self, mesh: str, number: int) -> Variables:
        """Give the variables that one process knows."""
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


def members(topology: Topology, found: Found) -> dict[str, Members]:
    """Give the members of every node; two processes of one name are added to ``found``."""
    result: dict[str, Members] = {}
    owners: dict[str, str] = {}
    for name, node in topology.nodes.items():
        if node.replicas is None and node.each is None:
            ports = {socket: [Port(f"{name}.{socket}", name, 0)] for socket in node.sockets}
            result[name] = Members(name, node, (name,), (), node.external, ports)
            continue
        keys = tuple(node.each or ())
        numbers = range(node.replicas or 0) if node.each is None else keys
        processes = tuple([f"{name}-{each}" for each in numbers])
        ports = {
            socket: [Port(f"{process}.{socket}", process, number) for number, process in enumerate(processes)]
            for socket in node.sockets
        }
        result[name] = Members(name, node, processes, keys, False, ports)
        for process in processes:
            other = process if process in topology.nodes else owners.setdefault(process, name)
            if other != name:
                message = f"a process of node {name} and node {other} would both be named {process}"
                found.add("S014", ("nodes", name), message, "", "rename one of the two nodes")
    return result
