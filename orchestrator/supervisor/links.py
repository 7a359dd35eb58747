"""Links: which are up, as the kernel sees it, and those that should be and are not."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from orchestrator.plan.model import Endpoint
from orchestrator.supervisor import seen
from orchestrator.supervisor.effects import Effect, Report
from orchestrator.supervisor.state import Mesh

FIRST_LOOK, NEXT_LOOK = 3.0, 15.0
"""Seconds from a process's readiness to a look at its links, and from there to the next where one is missing."""

Up = Counter[tuple[str, str, str]]
"""How many connections are up, by endpoint, binding and connecting process."""


class Missing(NamedTuple):
    """A declared link without a connection, though both processes are ready."""

    edge: str
    connecting: str
    binding: str


def up(mesh: Mesh, endpoints: dict[str, Endpoint], pids: dict[int, str]) -> Up:
    """Count the connections between processes whose programs run."""
    addresses = {name: endpoints[name].connect for name in endpoints if endpoints[name].process}
    by_address = {address: name for name, address in addresses.items()}
    found: Up = Counter()
    for (address, binding, connecting), count in seen.connections(addresses.values(), pids).items():
        if mesh.processes[pids[binding]].opened or not mesh.node(pids[binding]).library:
            found[by_address[address], pids[binding], pids[connecting]] += count
    return found


def missing(mesh: Mesh, found: Up) -> Iterator[Missing]:
    """Find the links that are not up though both of their processes are ready, and run no command of a shell."""
    for name, peers in mesh.peers.items():
        for peer in peers:
            ends = mesh.processes[name], mesh.processes[peer.process]
            settled = all(end.state == "ready" and not end.terminal for end in ends)
            if not peer.binds and settled and not found[peer.endpoint, peer.process, name]:
                yield Missing(peer.edge, name, peer.process)


def tell(known: set[Missing], now: set[Missing]) -> Iterator[Effect]:
    """Say which links are missing, and which are no more."""
    for each in sorted(now - known):
        text = f"{each.connecting} has no connection to {each.binding} ({each.edge}), though both are ready"
        # After an error in the handshake libzmq connects no more (session_base.cpp, engine_error).
        cure = f"it may have given up, as after a peer of a wrong type; orchestrator restart {each.connecting}"
        yield Report("note", {"text": f"{text}: {cure}"})
    for each in sorted(known - now):
        yield Report("note", {"text": f"{each.connecting} and {each.binding} are connected ({each.edge})"})


class Links:
    """Looks at the links some time after processes have become ready, and again while one is missing."""

    def __init__(
        self, mesh: Mesh, do: Callable[[Iterable[Effect]], None], endpoints: Callable[[], dict[str, Endpoint]]
    ):
        self._mesh, self._do, self._endpoints = mesh, do, endpoints
        self._missing: set[Missing] = set()
        self._timer: asyncio.TimerHandle | None = None

    def look_later(self, seconds: float = FIRST_LOOK) -> None:
        """Look after a while; an earlier wish is forgotten, so that many that become ready cost one look."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._mesh.phase != "running":
            return
        pids = {process.pid: name for name, process in self._mesh.processes.items() if process.pid}
        now = set(missing(self._mesh, up(self._mesh, self._endpoints(), pids)))
        self._do(tell(self._missing, now))
        self._missing = now
        if now:
            self.look_later(NEXT_LOOK)
