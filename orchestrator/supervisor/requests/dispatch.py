"""Answers the requests of clients, each by whoever knows how."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from orchestrator.contract.messages import Message
from orchestrator.plan.order import stages
from orchestrator.supervisor.policy import stopping
from orchestrator.supervisor.policy.effects import Effect
from orchestrator.supervisor.policy.state import MeshState
from orchestrator.supervisor.requests.commands import Acting
from orchestrator.supervisor.requests.waiters import Waiting
from orchestrator.supervisor.runtime.foreground import Terminals

now = time.monotonic


@dataclass(slots=True, eq=False, repr=False)
class Answers:
    """``info``, ``status``, ``addresses`` of an edge and ``environment`` of a process give documents,
    ``own`` ties the mesh to the pid of a client, ``watch`` looks for new processes that are ready once they listen.
    """

    mesh: MeshState
    do: Callable[[Iterable[Effect]], None]
    acting: Acting
    terminals: Terminals
    waiting: Waiting
    info: Callable[[], Message]
    status: Callable[[], Message]
    addresses: Callable[[str], Message]
    environment: Callable[[str], Message]
    own: Callable[[int], None]
    watch: Callable[[], None]

    async def answer(self, request: Message) -> Message:
        """Give ``ok`` or ``error``; what it raises goes to the client too."""
        match request.get("verb"):
            case "info":
                return {"ok": self.info()}
            case "ps":
                return {"ok": self.status()}
            case "addresses":
                return {"ok": self.addresses(str(request["edge"]))}
            case "down":
                return self._down(bool(request.get("now")), request.get("grace"))
            case "stop" | "start" | "restart" | "kill":
                return await self.acting.act(request)
            case "wait":
                return await self.waiting.wait(request)
            case "run":
                answer = await self.terminals.run(request)
                self.watch()
                return answer
            case "env":
                return {"ok": self.environment(str(request["process"]))}
            case "own":
                self.own(int(request["pid"]))
                return {"ok": {}}
            case other:
                return {"error": f"unknown verb {other!r}"}

    def _down(self, at_once: bool, bound: float | None) -> Message:
        if at_once:
            self.do(stopping.kill(self.mesh, now()))
        else:
            self.do(stopping.down(self.mesh, "as asked", now(), float(bound) if bound is not None else None))
        return {"ok": {"order": stages(self.mesh.plan.drain)}}
