"""The listening sockets of a mesh: the keeper holds them, so that a restart is no rebind."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.contract.folders import Folders
from orchestrator.plan.addresses import resolve
from orchestrator.plan.model import Endpoint
from orchestrator.supervisor.policy.state import OVER, MeshState
from orchestrator.supervisor.runtime import launch_files
from orchestrator.supervisor.runtime.keeper_link import KeeperLink
from orchestrator.supervisor.runtime.store import Store


class Listeners:
    """``endpoints`` are those of the plan, each with its address once the keeper listens there; ``ports`` are the
    addresses by name whose port the kernel has chosen, which a successor asks for again.
    """

    def __init__(self, folders: Folders, mesh: MeshState, keeper: KeeperLink, store: Store) -> None:
        self._folders, self._mesh, self._keeper, self._store = folders, mesh, keeper, store
        self.endpoints: dict[str, Endpoint] = {}
        self.ports: dict[str, str] = {}

    async def listen(self) -> dict[str, str]:
        """Let the keeper hold the endpoints of all that run or will; return the errors by name."""
        return await self._listen([e for e in self._mesh.plan.endpoints if e.process and self._to_come(e.process)])

    async def listen_for(self, names: Iterable[str]) -> dict[str, str]:
        """Let the keeper hold the endpoints of these processes; return the errors by name."""
        wanted = set(names)
        return await self._listen([e for e in self._mesh.plan.endpoints if e.process in wanted])

    def _to_come(self, name: str) -> bool:
        return self._mesh.processes[name].state not in OVER or self._mesh.keeps_listeners(name)

    async def _listen(self, endpoints: list[Endpoint]) -> dict[str, str]:
        """Let the keeper hold these endpoints, where it can and does not yet."""
        plan, wanted = self._mesh.plan, []
        local = resolve(plan.endpoints, self._folders.socket, {e.name: "" for e in plan.endpoints})
        for endpoint in endpoints:
            library = plan.node[endpoint.node].library
            keepable = launch_files.keepable(endpoint) and (library or endpoint.transport == "tcp")
            if keepable and endpoint.name not in self._keeper.held:
                address = self.ports.get(endpoint.name) or local[endpoint.name].address
                wanted.append(launch_files.wanted(endpoint, address, library))
        errors = await self._keeper.listen(wanted)
        held = {name: address for name, (_, address) in self._keeper.held.items()}
        self.ports |= {e.name: held[e.name] for e in plan.endpoints if e.transport == "tcp" and e.name in held}
        self.endpoints = resolve(plan.endpoints, self._folders.socket, self.ports)
        self._store.save({"ports": self.ports})
        return errors

    def are_held(self, name: str) -> bool:
        """Return whether the keeper holds all endpoints of a process that it can."""
        bound = (each for planned in self._mesh.planned(name).sockets for each in planned.binds)
        return all(each in self._keeper.held or not self._is_keepable(each) for each in bound)

    def take_back(self, name: str, addresses: Iterable[str], fds: list[int]) -> None:
        """Hold the listening sockets that a process has sent back."""
        planned = self._mesh.planned(name).sockets
        bound = [each for of in planned for each in of.binds if self._is_keepable(each)]
        for endpoint, address, fd in zip(bound, addresses, fds, strict=False):
            self._keeper.hold(endpoint, address, fd)

    def give_up(self, names: Iterable[str]) -> None:
        """Let the keeper close the listening sockets of these endpoints."""
        if held := [name for name in names if name in self._keeper.held]:
            self._keeper.unlisten(held)

    def _is_keepable(self, endpoint: str) -> bool:
        return launch_files.keepable(self._mesh.plan.endpoint[endpoint])
