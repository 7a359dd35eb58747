"""Answers the verbs that act on single processes: ``stop``, ``start``, ``restart`` and ``kill``."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable
from signal import Signals

from orchestrator.control import verbs
from orchestrator.control.messages import Acted
from orchestrator.shortlist import listed
from orchestrator.supervisor.errors import Refusal
from orchestrator.supervisor.policy import commands
from orchestrator.supervisor.policy.effects import Effect, Report
from orchestrator.supervisor.policy.state import ALIVE, OVER, MeshState

now = time.monotonic

NAMED = 3
"""How many processes a note names at most."""


Command = verbs.Stop | verbs.Start | verbs.Restart | verbs.Kill


class Commands:
    """``do`` carries effects out, ``listen`` has the keeper hold the endpoints
    of processes and gives errors by name.
    """

    def __init__(
        self,
        mesh: MeshState,
        do: Callable[[Iterable[Effect]], None],
        listen: Callable[[list[str]], Awaitable[dict[str, str]]],
    ) -> None:
        self._mesh, self._do, self._listen = mesh, do, listen

    async def act(self, request: Command) -> Acted:
        """Carry a request out; the answer maps processes to the generation that ends, or comes. Raise Refusal."""
        return {"processes": await self._act(request, list(request.processes))}

    async def _act(self, request: Command, names: list[str]) -> dict[str, int]:
        self._check(names)
        match request:
            case verbs.Kill():
                return self._kill(names, request.signal)
            case verbs.Stop():
                self._tell("stop", [name for name in names if self._mesh.processes[name].state not in OVER])
                self._do(commands.stop(self._mesh, names, now()))
                return self._generations(names)
        self._refuse_foreground(names)
        rests = [name for name in names if self._mesh.processes[name].state in OVER]
        for endpoint, error in (await self._listen(rests)).items() if rests else ():
            raise Refusal(f"{endpoint}: cannot listen at {error}; free the address or choose another")
        self._check(names)  # the keeper has taken its time
        self._refuse_foreground(names)
        return self._start(request.KIND, names)

    def _start(self, verb: str, names: list[str]) -> dict[str, int]:
        before = self._generations(names)
        runs = {name for name in names if self._runs(name)}
        self._tell(verb, names if verb == "restart" else [name for name in names if name not in runs])
        self._do((commands.start if verb == "start" else commands.restart)(self._mesh, names, now()))
        return {name: number + (verb == "restart" or name not in runs) for name, number in before.items()}

    def _runs(self, name: str) -> bool:
        process = self._mesh.processes[name]
        return process.state in ALIVE and not process.requested

    def _kill(self, names: list[str], signal: str) -> dict[str, int]:
        if f"SIG{signal}" not in Signals.__members__:
            raise Refusal(f"no signal {signal}")
        there = [name for name in names if self._mesh.processes[name].pid]
        if not there:
            raise Refusal(f"{listed(names, NAMED)}: nothing runs that a signal could go to")
        self._tell(f"SIG{signal} to", there)
        self._do(commands.kill(self._mesh, there, signal))
        return self._generations(there)

    def _check(self, names: list[str]) -> None:
        if unknown := [name for name in names if name not in self._mesh.processes]:
            raise Refusal(f"no process {unknown[0]}")
        if self._mesh.phase != "running":
            raise Refusal("the mesh is being stopped")

    def _refuse_foreground(self, names: list[str]) -> None:
        for name in names:
            if self._mesh.processes[name].resume_as:
                raise Refusal(
                    f"{name} runs in a terminal, or is being handed over to one; it is ended there, or by stop"
                )

    def _generations(self, names: list[str]) -> dict[str, int]:
        return {name: self._mesh.processes[name].generation for name in names}

    def _tell(self, what: str, names: list[str]) -> None:
        if names:
            self._do([Report("note", {"text": f"as asked: {what} {listed(names, NAMED)}"})])
