"""What a predecessor of this supervisor has left: on disk, with the keeper, and in the processes themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from orchestrator.contract import exits
from orchestrator.contract.folders import Folders
from orchestrator.contract.messages import Message
from orchestrator.supervisor.policy.state import MeshState, restore
from orchestrator.supervisor.runtime import adoption, store
from orchestrator.supervisor.runtime.keeper_link import KeeperLink
from orchestrator.supervisor.runtime.listeners import Listeners
from orchestrator.supervisor.runtime.processes import Processes


class Takeover:
    """``remarks`` are to be said once events can be written."""

    def __init__(
        self,
        folders: Folders,
        mesh: MeshState,
        journal: store.Store,
        keeper: KeeperLink,
        listeners: Listeners,
        processes: Processes,
        clock: Callable[[], float],
    ) -> None:
        self._folders, self._mesh, self._store, self._keeper = folders, mesh, journal, keeper
        self._listeners, self._processes, self._clock = listeners, processes, clock
        self.remarks: list[str] = []

    def restore(self, hello: Message) -> bool:
        """Read what a predecessor left; tell whether this is its mesh, still alive."""
        left = store.load(self._folders.journal)
        children = [exits.Child(**child) for child in hello["children"]]
        foreign = left.mesh.get("version") != store.VERSION
        if foreign and not children:
            children = list(adoption.listening(self._folders, self._mesh.processes))
        same_boot = left.mesh.get("boot") == store.boot() and not left.mesh.get("ended")
        known = same_boot and (
            any(exits.lives(record.get("pid", 0), record.get("ticks", 0)) for record in left.processes.values())
            or left.mesh.get("keeper") == hello["pid"]
        )
        taken_over = bool(children) or known
        if known and not foreign:
            self._recall(left)
        if taken_over:
            adopted = adoption.adopt(self._mesh, children, self._clock())
            self.remarks += adoption.remarks(left, adopted)
        else:
            # Nothing of an earlier run lives; its logs and events stay.
            self._folders.exits.unlink(missing_ok=True)
            if left.mesh and not left.mesh.get("ended") and not same_boot:
                self.remarks.append("the last run ended with the machine, or its power; this one begins anew")
        if not taken_over or foreign:
            self._store.begin({"boot": store.boot(), "begun": self._mesh.begun, "ended": False})
        return taken_over

    def _recall(self, left: store.Left) -> None:
        """Put what a predecessor knew into the mesh."""
        kept = left.mesh
        restore(self._mesh, left.processes)
        self._listeners.ports = kept.get("ports", {})
        self._mesh.begun = kept.get("begun", self._mesh.begun)
        self._mesh.up = kept.get("up", False)
        self._mesh.gates = dict(kept.get("gates", {}))
        if kept.get("draining"):
            self._mesh.phase, self._mesh.drained = "draining", self._clock()
            self._mesh.reason = kept["draining"]

    async def connect(self) -> None:
        """Connect to the living processes; take the listening sockets back where no keeper holds them."""
        living = [process for process in self._mesh.processes.values() if exits.lives(process.pid, process.ticks)]
        for process in living:
            self._processes.take_over(process.name)
        names = [process.name for process in living if self._mesh.node(process.name).library]
        needed = [name for name in names if not self._listeners.are_held(name)]
        for name in needed:
            self._processes.links[name].ask({"do": "listeners"})
        until = self._clock() + 2
        while self._clock() < until and not all(map(self._listeners.are_held, needed)):
            await asyncio.sleep(0.01)
        await self._keeper.hand_over()
