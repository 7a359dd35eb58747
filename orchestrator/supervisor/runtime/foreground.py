"""Hands processes over to terminals: each is stopped if need be, then its order and its listening sockets are given."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from orchestrator.contract import exits, launch
from orchestrator.contract.messages import FDS_LIMIT
from orchestrator.control import verbs
from orchestrator.control.messages import Handover, Runs
from orchestrator.supervisor.errors import Refusal
from orchestrator.supervisor.policy import foreground
from orchestrator.supervisor.policy.effects import Effect
from orchestrator.supervisor.policy.state import OVER, MeshState
from orchestrator.supervisor.runtime.keeper_link import KeeperLink

LOOK_EVERY = 0.01
"""Seconds between looks whether a process that was told to stop has ended."""

now = time.monotonic

Descriptors = tuple[int, ...]


class Foreground:
    """Answers ``run``. ``do`` carries effects out, ``prepare`` writes the order of a process's next incarnation,
    ``listen`` has the keeper hold its endpoints and gives errors by name, ``watch`` watches the process of a terminal.
    """

    def __init__(
        self,
        mesh: MeshState,
        keeper: KeeperLink,
        do: Callable[[Iterable[Effect]], None],
        prepare: Callable[[str, int], Path],
        listen: Callable[[str], Awaitable[dict[str, str]]],
        watch: Callable[[str], None],
    ) -> None:
        self._mesh, self._keeper = mesh, keeper
        self._do, self._prepare, self._listen, self._watch = do, prepare, listen, watch
        self._claimed: set[str] = set()

    async def run(self, request: verbs.Run) -> tuple[Handover | Runs, Descriptors]:
        """Hand a process over to a client that is about to be it; without ``stop`` only to be told that it runs.

        Raise Refusal, BadEnvFile.
        """
        name, pid, ticks = request.process, request.pid, exits.start_ticks(request.pid)
        process = self._mesh.processes.get(name)
        if process is None:
            raise Refusal(f"no process {name}")
        if process.foreground:
            raise Refusal(f"{name} runs in another terminal, pid {process.pid}")
        if name in self._claimed:
            raise Refusal(f"another terminal is just taking {name}")
        if self._mesh.phase != "running":
            raise Refusal("the mesh is being stopped")
        if process.state not in OVER and not process.resume_as and not request.stop:
            return {"state": process.state}, ()
        self._claimed.add(name)
        try:
            self._do(foreground.claim(self._mesh, name, now()))
            return await self._hand_over(name, pid, ticks, (process.requested, process.resume_as))
        finally:
            self._claimed.discard(name)
            await self.give_back(name)

    async def _hand_over(
        self, name: str, pid: int, ticks: int, claimed: tuple[str, str]
    ) -> tuple[Handover, Descriptors]:
        process = self._mesh.processes[name]
        # Nobody starts it meanwhile, since it is claimed; so an end that has come stays to be seen.
        while process.state not in OVER:
            await asyncio.sleep(LOOK_EVERY)
        for endpoint, error in (await self._listen(name)).items():
            raise Refusal(f"{endpoint}: cannot listen at {error}; free the address or choose another")
        if self._mesh.phase != "running":
            raise Refusal("the mesh is being stopped")
        if (process.requested, process.resume_as) != claimed:
            raise Refusal(f"{name} was stopped by another command meanwhile")
        if not exits.is_same_process(pid, ticks):
            raise Refusal("the terminal is gone")
        path = self._prepare(name, process.generation + 1)
        wanted = sorted((order := launch.load(path.read_bytes())).listeners, key=order.listeners.__getitem__)
        if len(wanted) > FDS_LIMIT:
            raise Refusal(f"{name} binds {len(wanted)} addresses; {FDS_LIMIT} are the most that can be handed over")
        self._do(foreground.take(self._mesh, name, pid, ticks, now()))
        self._watch(name)
        again = process.resume_as in ("backoff", "waiting")
        return {"launch": str(path), "again": again}, tuple(self._keeper.held[each][0] for each in wanted)

    async def give_back(self, name: str) -> None:
        """Let a claimed process that no terminal takes be what it was, once it has ended."""
        process = self._mesh.processes[name]
        while process.resume_as and not process.foreground and process.state not in OVER:
            await asyncio.sleep(LOOK_EVERY)
        if process.resume_as and not process.foreground and name not in self._claimed:
            self._do(foreground.release(self._mesh, name, now()))

    def left_over(self) -> list[str]:
        """Return the processes that a predecessor's terminals had claimed and not taken."""
        return [name for name, process in self._mesh.processes.items() if process.resume_as and not process.foreground]
