"""Clients that wait for processes: until they are ready, or over."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from orchestrator.contract.messages import Message
from orchestrator.supervisor.state import OVER, Mesh, ProcessState

ANSWER_AFTER = 5.0
"""Seconds after which a client is told that what it waits for has not come: one that is gone is not served for ever."""

UP = frozenset({"ready", "unresponsive", "done"})


class Waiting:
    """Answers ``wait``; to be told whenever something may have changed."""

    def __init__(self, mesh: Mesh) -> None:
        self._mesh = mesh
        self._changed: asyncio.Future[None] | None = None

    def changed(self) -> None:
        """Let all who wait look again."""
        if self._changed is not None and not self._changed.done():
            self._changed.set_result(None)
        self._changed = None

    async def wait(self, request: Message) -> Message:
        """Answer once all processes have settled, or after a while."""
        loop = asyncio.get_running_loop()
        until = loop.time() + min(ANSWER_AFTER, float(request.get("within", ANSWER_AFTER)))
        over = request["for"] == "over"
        wanted: dict[str, int] = request["processes"] or self._expected()
        while pending := list(self._pending(wanted, over)):
            if self._mesh.phase == "ended" or (left := until - loop.time()) <= 0:
                break
            if self._changed is None:
                self._changed = loop.create_future()
            await asyncio.wait([self._changed], timeout=left)
        settled = {name: _outcome(self._mesh.processes[name]) for name in wanted}
        return {"ok": {"mesh": self._mesh.phase, "pending": pending, "processes": settled}}

    def _expected(self) -> dict[str, int]:
        return {name: 0 for name in self._mesh.processes if not self._mesh.apart(name)}

    def _pending(self, wanted: dict[str, int], over: bool) -> Iterator[str]:
        for name, generation in wanted.items():
            if not _settled(self._mesh.processes[name], generation, over):
                yield name


def _settled(process: ProcessState, generation: int, over: bool) -> bool:
    """Tell whether a process is as wanted, or will not come so far by itself."""
    if process.state in OVER:
        return process.wish != "restart" and process.returns not in ("waiting", "backoff")
    return not over and process.state in UP and process.generation >= generation


def _outcome(process: ProcessState) -> Message:
    return {
        "state": process.state,
        "generation": process.generation,
        "status": process.status,
        "killed": process.killed,
        "reason": process.reason[-1] if process.reason else "",
    }
