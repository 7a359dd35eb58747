"""Links to what is outside of the mesh: which are up, as the kernel sees it, and at which addresses nobody answers."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from orchestrator.observe import groups, outside
from orchestrator.plan.links import ExternalLink
from orchestrator.plan.model import Endpoint
from orchestrator.supervisor.policy.effects import Effect, Report
from orchestrator.supervisor.policy.state import ALIVE, MeshState

PATIENCE = 2.0
"""Seconds that an address has to answer."""

LOOK_EVERY, REST = 1.0, 5.0
"""Seconds between looks: while something is absent or may be, and once all is there."""


class OutsideMonitor:
    """Looks at what is outside while the mesh runs; says at which addresses nobody answers, and when somebody does."""

    def __init__(
        self,
        mesh: MeshState,
        do: Callable[[Iterable[Effect]], None],
        endpoints: Callable[[], dict[str, Endpoint]],
        clock: Callable[[], float],
    ) -> None:
        self._mesh, self._do, self._endpoints, self._clock = mesh, do, endpoints, clock
        self._links = [each for each in mesh.tables.external if not each.binds]
        self._since: dict[tuple[ExternalLink, int], float] = {}
        self._stood: set[tuple[ExternalLink, int]] = set()
        self._absent: set[ExternalLink] = set()

    def look(self) -> None:
        """Look now, and again and again."""
        if not self._links or self._mesh.phase != "running":
            return
        pids = {process.pid: name for name, process in self._mesh.processes.items() if process.pid}
        addresses = {name: each.connect for name, each in self._endpoints().items()}
        there = outside.up(self._links, addresses, groups.owners(pids))
        now = self._clock()
        absent = {each for each in self._links if not there[each] and self._due(each, now)}
        came = {each for each in self._absent if there[each]}
        self._stood |= {(each, self._generation(each)) for each in self._links if there[each]}
        self._do([*self._reports(absent - self._absent, up=False), *self._reports(came, up=True)])
        self._absent = absent | {each for each in self._absent - came if self._alive(each)}
        settled = all(there[each] for each in self._links)
        asyncio.get_running_loop().call_later(REST if settled else LOOK_EVERY, self.look)

    def _due(self, link: ExternalLink, now: float) -> bool:
        """Return whether a link should stand: a library connects at once, a command when its program comes to it."""
        process, node = self._mesh.processes[link.process], self._mesh.node(link.process)
        runs = self._alive(link) and not process.stopping and (process.released or not node.library)
        if not runs or not process.pid:
            return False
        key = link, process.generation
        since = self._since.setdefault(key, now)
        if now < since + PATIENCE:
            return False
        address = self._endpoints()[link.endpoint].connect
        if node.library or key in self._stood or outside.is_deserted(address):
            return True
        return bool(process.ready_at) and now >= process.ready_at + node.ready.within

    def _alive(self, link: ExternalLink) -> bool:
        return self._mesh.processes[link.process].state in ALIVE

    def _generation(self, link: ExternalLink) -> int:
        return self._mesh.processes[link.process].generation

    def _reports(self, changed: set[ExternalLink], *, up: bool) -> Iterator[Effect]:
        """Yield an event for each address, however many processes connect there."""
        of: dict[tuple[str, str], list[str]] = defaultdict(list)
        for each in self._links:
            if each in changed:
                of[each.edge, self._endpoints()[each.endpoint].connect].append(each.process)
        for (edge, address), processes in of.items():
            yield Report("outside", {"edge": edge, "address": address, "up": up, "processes": processes})
