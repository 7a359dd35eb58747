"""Addresses as edges write them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from orchestrator.lint.core.index import Address, TopologyView


def once(index: TopologyView) -> Iterator[Address]:
    """Give one address of each edge: what is wrong with one is wrong with all."""
    told = None
    for each in index.addresses:
        if each.edge != told:
            told = each.edge
            yield each


def bound_ports(index: TopologyView) -> Iterator[tuple[Address, int, int]]:
    """Give what ours bind, with the first and the last port, once an edge."""
    for each in once(index):
        parsed = None if index.nodes[each.end.node].external else each.parsed
        if parsed is not None and parsed.ports:
            yield each, *parsed.ports


class Claim(NamedTuple):
    """A fixed address that a socket of a process binds; ``key`` is its transport, and its port or else its text.

    ``ours`` tells whether the mesh starts the process; ``shown`` is the address as libzmq takes it.
    """

    edge: str
    owner: str
    ours: bool
    key: tuple[str, object]
    host: str
    text: str
    shown: str

    def overlaps(self, other: Claim) -> bool:
        """Tell whether two addresses of one key overlap; two programs that are not ours are none of our business."""
        hosts = {self.host, other.host}
        return (self.ours or other.ours) and (len(hosts) == 1 or bool(hosts & {"*", "0.0.0.0", "[::]"}))


def claims(index: TopologyView) -> Iterator[Claim]:
    """Yield the fixed addresses that processes bind, of a range of ports to each process its own."""
    for each in index.addresses:
        parsed = each.parsed if index.is_on(each.end.node) else None
        if parsed is None or parsed.wildcard or parsed.transport == "inproc":
            continue
        processes = index.processes(each.end) if each.end.process != each.process else (each.process,)
        if each.process in index.plan.process:
            processes = (each.process,)
        host = "127.0.0.1" if parsed.host == "localhost" else parsed.host
        for number, process in enumerate(processes, each.place):
            first, last = parsed.ports or (0, 0)
            port = first + number if last > first else first
            key = (parsed.transport, port or parsed.address)
            owner, ours = f"{process}.{each.end.socket}", process in index.plan.process
            yield Claim(each.edge, owner, ours, key, host, each.text, str(parsed))
