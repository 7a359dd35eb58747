"""Processes that are ready when a command, a URL or what they print says so."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping

from orchestrator.plan.model import Probe
from orchestrator.supervisor.logs.log import Log
from orchestrator.supervisor.policy import events
from orchestrator.supervisor.policy.effects import Effect, Report
from orchestrator.supervisor.policy.state import MeshState
from orchestrator.supervisor.runtime import bounded_regex
from orchestrator.supervisor.runtime.probes import succeeds

Do = Callable[[Iterable[Effect]], None]


class Readiness:
    """Asks while a process starts, and tells the policy."""

    def __init__(
        self,
        mesh: MeshState,
        do: Do,
        clock: Callable[[], float],
        probe: Callable[[str], Probe | None],
        environment: Callable[[str], Mapping[str, str]],
    ) -> None:
        self._mesh, self._do, self._clock, self._probe, self._environment = mesh, do, clock, probe, environment
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def begin(self, name: str, log: Log) -> None:
        """Ask a process that has started, or that a predecessor had asked."""
        probe = self._probe(name) if self._mesh.node(name).ready.how in ("command", "http", "log") else None
        if probe is None or self._mesh.processes[name].ready_at:
            return
        self.end(name)
        if probe.log:
            pattern = re.compile(probe.log)
            log.heard = lambda lines: self._heard(name, log, pattern, lines)
        else:
            asking = self._ask(name, probe, self._environment(name))
            self._tasks[name] = asyncio.get_running_loop().create_task(asking)

    def end(self, name: str) -> None:
        """Ask no more: the process has ended."""
        if task := self._tasks.pop(name, None):
            task.cancel()

    async def _ask(self, name: str, probe: Probe, environment: Mapping[str, str]) -> None:
        process, ready = self._mesh.processes[name], self._mesh.node(name).ready
        while process.state in ("starting", "connected"):
            if self._may(name):
                folder = self._mesh.planned(name).working_dir
                if await succeeds(probe, folder, environment, max(ready.interval, 1.0)):
                    self._do(events.on_ready(self._mesh, name, self._clock()))
                    return
            await asyncio.sleep(ready.interval)

    def _may(self, name: str) -> bool:
        """Return whether the program runs: with our library it does behind the gate."""
        return self._mesh.processes[name].released or not self._mesh.node(name).library

    def _heard(self, name: str, log: Log, pattern: re.Pattern[str], lines: list[str]) -> None:
        try:
            if not any(bounded_regex.found(pattern, line) for line in lines):
                return
            self._do(events.on_ready(self._mesh, name, self._clock()))
        except bounded_regex.TooLong:
            text = f"{name}: ready.log, {pattern.pattern!r}, takes too long to search a line: it is given up"
            self._do([Report("note", {"text": text})])
        log.heard = None
