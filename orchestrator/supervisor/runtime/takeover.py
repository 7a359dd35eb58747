"""What a predecessor of this supervisor has left: on disk, with the keeper, and in the processes themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from orchestrator.contract import codec, exits
from orchestrator.contract.codec import BadMessage
from orchestrator.contract.folders import Folders
from orchestrator.contract.keeper_messages import Kept
from orchestrator.contract.node_messages import Listeners as AskListeners
from orchestrator.supervisor.policy.state import MeshState, restore
from orchestrator.supervisor.runtime import adoption, store
from orchestrator.supervisor.runtime.keeper_link import KeeperLink
from orchestrator.supervisor.runtime.listeners import Listeners
from orchestrator.supervisor.runtime.processes import Processes
from orchestrator.supervisor.runtime.records import Alive, MeshRecord


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

    def restore(self, hello: Kept) -> bool:
        """Read what a predecessor left; return whether this is its mesh, still alive."""
        left = store.load(self._folders.journal)
        children = list(hello.children)
        kept = self._read(left)
        foreign = kept.version != store.VERSION
        if foreign and not children:
            children = list(adoption.listening(self._folders, self._mesh.processes))
        same_boot = kept.boot == store.boot() and not kept.ended
        known = same_boot and (any(map(_lives, left.processes.values())) or kept.keeper == hello.pid)
        taken_over = bool(children) or known
        if known and not foreign:
            self._recall(left, kept)
        if taken_over:
            adopted = adoption.adopt(self._mesh, children, self._clock())
            self.remarks += adoption.remarks(left, adopted)
        else:
            # Nothing of an earlier run lives; its logs and events stay.
            self._folders.exits.unlink(missing_ok=True)
            if left.mesh and not kept.ended and not same_boot:
                self.remarks.append("the last run ended with the machine, or its power; this one begins anew")
        if not taken_over or foreign:
            self._store.begin({"boot": store.boot(), "begun": self._mesh.begun, "ended": False})
        return taken_over

    def _read(self, left: store.Left) -> MeshRecord:
        try:
            return codec.decode(MeshRecord, left.mesh)
        except BadMessage as error:
            self.remarks.append(f"state.jsonl: {error}, so it is not used")
            return MeshRecord()

    def _recall(self, left: store.Left, kept: MeshRecord) -> None:
        """Put what a predecessor knew into the mesh."""
        for problem in restore(self._mesh, left.processes):
            self.remarks.append(f"state.jsonl: {problem}, so it is left out")
        self._listeners.ports = dict(kept.ports)
        self._mesh.begun = self._mesh.begun if kept.begun is None else kept.begun
        self._mesh.up = kept.up
        self._mesh.gates = dict(kept.gates)
        if kept.draining:
            self._mesh.phase, self._mesh.drained = "draining", self._clock()
            self._mesh.reason = kept.draining

    async def connect(self) -> None:
        """Connect to the living processes; take the listening sockets back where no keeper holds them."""
        living = [
            process for process in self._mesh.processes.values() if exits.is_same_process(process.pid, process.ticks)
        ]
        for process in living:
            self._processes.take_over(process.name)
        names = [process.name for process in living if self._mesh.node(process.name).library]
        needed = [name for name in names if not self._listeners.are_held(name)]
        for name in needed:
            self._processes.links[name].ask(AskListeners())
        until = self._clock() + 2
        while self._clock() < until and not all(map(self._listeners.are_held, needed)):
            await asyncio.sleep(0.01)
        await self._keeper.hand_over()


def _lives(record: store.Record) -> bool:
    try:
        child = codec.decode(Alive, record)
    except BadMessage:
        return False
    return exits.is_same_process(child.pid, child.ticks)
