"""Where nodes and their sockets are written; looked up only when somebody asks, since few ever do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orchestrator.topology.model import Topology


class Places(Mapping[str, str]):
    """The positions of the nodes (``bot``) of a topology that are ours, and of their sockets (``bot.ticks``)."""

    def __init__(self, topology: Topology) -> None:
        self._topology = topology

    def __getitem__(self, key: str) -> str:
        name, dot, socket = key.partition(".")
        node = self._topology.nodes[name]
        if node.external or (dot and socket not in node.sockets):
            raise KeyError(key)
        return str(self._topology.where("nodes", name, *(("sockets", socket) if dot else ())))

    def __iter__(self) -> Iterator[str]:
        for name, node in self._topology.nodes.items():
            if not node.external:
                yield name
                yield from (f"{name}.{socket}" for socket in node.sockets)

    def __len__(self) -> int:
        return sum(1 + len(node.sockets) for node in self._topology.nodes.values() if not node.external)
