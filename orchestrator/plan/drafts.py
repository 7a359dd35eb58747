"""The sockets of processes, while the edges are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from orchestrator.plan.model import LOCAL, Connection, Endpoint


class Written(NamedTuple):
    """An address as the file gives it to one bound socket, and the edge that says so."""

    address: str
    connect: str
    edge: str


@dataclass(slots=True, eq=False, repr=False)
class EndpointDraft:
    """An endpoint whose peers are still counted; ``scheme`` is that of its address, as far as the edge says it."""

    name: str
    scheme: str
    written: Written | None
    node: str
    process: str
    socket: str
    peers: int = 0

    def done(self) -> Endpoint:
        """Return the endpoint."""
        written = self.written
        return Endpoint(
            self.name,
            "fixed" if written else "tcp" if self.scheme == "tcp" else "ipc",
            written.address if written else "",
            written.connect if written else "",
            LOCAL,
            self.node,
            self.process,
            self.socket,
            self.peers,
        )


@dataclass(slots=True, eq=False, repr=False)
class SocketDraft:
    """One socket of one process, ``process.socket``, and what the edges make of it.

    Those are its endpoints, one for each transport, what it connects to by each edge, the edges it takes part in, and
    how these batch and deliver, which is the same for all of them.
    There are no lists until there is something in them.
    """

    name: str
    process: str
    number: int
    binds: tuple[EndpointDraft, ...] = ()
    connects: list[tuple[Connection, ...]] | None = None
    edges: list[str] | None = None
    batch: dict[str, Any] | None = None
    delivery: dict[str, Any] | None = None

    @property
    def endpoints(self) -> int:
        """How many endpoints it binds and connects to."""
        return len(self.binds) + sum(map(len, self.connects or ()))
