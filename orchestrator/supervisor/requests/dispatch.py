"""Answers the requests of clients, each by whoever knows how."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from orchestrator.contract.codec import Request
from orchestrator.contract.messages import Message
from orchestrator.control import messages, verbs
from orchestrator.plan.order import stages
from orchestrator.supervisor.policy import stopping
from orchestrator.supervisor.policy.effects import Effect
from orchestrator.supervisor.policy.state import MeshState
from orchestrator.supervisor.requests.commands import Commands
from orchestrator.supervisor.requests.waiters import Waiters
from orchestrator.supervisor.runtime.foreground import Foreground

now = time.monotonic


@dataclass(slots=True, eq=False, repr=False)
class Dispatcher:
    """``info``, ``status``, ``addresses`` of an edge and ``environment`` of a process give documents,
    ``own`` ties the mesh to the pid of a client, ``watch`` looks for new processes that are ready once they listen.
    """

    mesh: MeshState
    do: Callable[[Iterable[Effect]], None]
    commands: Commands
    foreground: Foreground
    waiters: Waiters
    info: Callable[[], messages.Info]
    status: Callable[[], Message]
    addresses: Callable[[str], dict[str, str]]
    environment: Callable[[str], dict[str, str]]
    own: Callable[[int], None]
    watch: Callable[[], None]

    async def answer(self, line: Message) -> Message:
        """Return ``ok`` with what is asked for, and ``fds`` to go with it; what it raises goes to the client too."""
        request = verbs.decode(line)
        if isinstance(request, verbs.Run):
            handover, fds = await self.foreground.run(request)
            self.watch()
            return {"ok": handover, "fds": fds}
        return {"ok": await self._answer(request)}

    async def _answer(self, request: Request[Any]) -> Any:
        match request:
            case verbs.Info():
                return self.info()
            case verbs.Ps():
                return self.status()
            case verbs.Addresses(edge):
                return self.addresses(edge)
            case verbs.Down(at_once, grace):
                return self._down(at_once, grace)
            case verbs.Stop() | verbs.Start() | verbs.Restart() | verbs.Kill():
                return await self.commands.act(request)
            case verbs.Wait():
                return await self.waiters.wait(request)
            case verbs.Env(process):
                return self.environment(process)
            case verbs.Own(pid):
                self.own(pid)
                return {}

    def _down(self, at_once: bool, bound: float | None) -> messages.Order:
        if at_once:
            self.do(stopping.kill(self.mesh, now()))
        else:
            self.do(stopping.down(self.mesh, "as asked", now(), bound))
        return {"order": stages(self.mesh.plan.drain)}
