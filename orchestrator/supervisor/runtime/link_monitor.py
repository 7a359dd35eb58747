"""Links: which are up, as the kernel sees it, and those that should be and are not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Iterable, Iterator
from typing import NamedTuple

from orchestrator.observe import groups
from orchestrator.observe.links import Up, up
from orchestrator.plan.links import Peer
from orchestrator.plan.model import Endpoint
from orchestrator.supervisor.policy.effects import Effect, Report
from orchestrator.supervisor.policy.state import MeshState

FIRST_LOOK, NEXT_LOOK = 3.0, 15.0
"""Seconds from a process's readiness to a look at its links, and from there to the next where one is missing."""


class Missing(NamedTuple):
    """A declared link without a connection, though both processes are ready. ``stood``: it was there before."""

    edge: str
    connecting: str
    binding: str
    stood: bool = True


Link = tuple[str, int, str, int]
"""A link between two incarnations: who connects where, and who binds there, each with its generation."""


def running(mesh: MeshState) -> set[str]:
    """Return the processes whose programs run, as far as anybody can tell."""
    return {name for name, process in mesh.processes.items() if process.released or not mesh.node(name).library}


def declared(mesh: MeshState) -> Iterator[tuple[str, Peer]]:
    """Yield the links whose processes are both ready and in no terminal: who connects, and to whom."""
    for name, peers in mesh.tables.peers.items():
        for peer in peers:
            ends = mesh.processes[name], mesh.processes[peer.process]
            if not peer.binds and all(end.state == "ready" and not end.foreground for end in ends):
                yield name, peer


def missing(mesh: MeshState, found: Up, seen_before: Container[Link], now: float) -> Iterator[Missing]:
    """Find the links that are not up and should be: that stood once, or whose programs had time enough to make them."""
    for name, peer in declared(mesh):
        if found[peer.endpoint, peer.process, name]:
            continue
        if link_of(mesh, name, peer) in seen_before or _due(mesh, name, peer.process):
            yield Missing(peer.edge, name, peer.process)
        elif now >= _policy(mesh, name, peer.process):
            yield Missing(peer.edge, name, peer.process, stood=False)


def link_of(mesh: MeshState, name: str, peer: Peer) -> Link:
    """Return a link as the incarnations have it that are there now."""
    of = mesh.processes
    return f"{name} {peer.endpoint}", of[name].generation, peer.process, of[peer.process].generation


def _due(mesh: MeshState, connecting: str, binding: str) -> bool:
    """Return whether a link is sure to be made at once: our library connects, and who binds listens when ready."""
    binder, by_hand = mesh.node(binding), mesh.is_manual(connecting) or mesh.is_manual(binding)
    ours = mesh.gated and mesh.node(connecting).library and not by_hand
    return ours and (binder.library or binder.ready.how == "listening")


def _policy(mesh: MeshState, *names: str) -> float:
    """Return until when nothing is said of programs that connect by themselves: they may still import."""
    return max(mesh.processes[name].ready_at + mesh.node(name).ready.within for name in names)


def tell(known: set[Missing], now: set[Missing]) -> Iterator[Effect]:
    """Say which links are missing, and which are no more."""
    for each in sorted(now - known):
        text = f"{each.connecting} has no connection to {each.binding} ({each.edge}), though both are ready"
        # After an error in the handshake libzmq connects no more (session_base.cpp, engine_error).
        cure = f"it may have given up, as after a peer of a wrong type; orchestrator restart {each.connecting}"
        yield Report("note", {"text": f"{text}: {cure}" if each.stood else f"{text}, and never had one"})
    for each in sorted(known - now):
        yield Report("note", {"text": f"{each.connecting} and {each.binding} are connected ({each.edge})"})


class LinkMonitor:
    """Looks at the links some time after processes have become ready, and again while one is missing."""

    def __init__(
        self,
        mesh: MeshState,
        do: Callable[[Iterable[Effect]], None],
        endpoints: Callable[[], dict[str, Endpoint]],
        clock: Callable[[], float],
    ):
        self._mesh, self._do, self._endpoints, self._clock = mesh, do, endpoints, clock
        self._missing: set[Missing] = set()
        self._seen: set[Link] = set()
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
        addresses = {name: each.connect for name, each in self._endpoints().items() if each.process}
        found = up(addresses, groups.owners(pids), running(self._mesh))
        links = [
            (link_of(self._mesh, name, peer), found[peer.endpoint, peer.process, name])
            for name, peer in declared(self._mesh)
        ]
        self._seen = {link for link, there in links if there or link in self._seen}
        now = set(missing(self._mesh, found, self._seen, self._clock()))
        self._do(tell(self._missing, now))
        self._missing = now
        if not all(there for _, there in links):
            self.look_later(NEXT_LOOK)
