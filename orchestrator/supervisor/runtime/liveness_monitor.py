"""Looks whether processes still do anything, and tells ``liveness``."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Literal

from orchestrator.plan.model import Live, Probe
from orchestrator.supervisor.policy import liveness
from orchestrator.supervisor.policy.effects import Effect
from orchestrator.supervisor.policy.liveness import EVERY, Thread, Watch
from orchestrator.supervisor.policy.state import ALIVE, MeshState
from orchestrator.supervisor.runtime.probes import succeeds

_SCHEDULED = 2
"""CPUCLOCK_SCHED of <linux/posix-timers.h>: the time on a processor, to the nanosecond."""

BUSY = 0.05
"""Part of a processor below which a process has waited since the last look, also on a machine that is overloaded."""


def main_thread(pid: int) -> Thread | None:
    """Return what the kernel shows of the main thread of a process; None where it is gone."""
    folder = f"/proc/{pid}/task/{pid}"
    try:
        with open(f"{folder}/status", "rb") as file:
            status = dict(line.split(b":\t", 1) for line in file.read().splitlines() if b":\t" in line)
        with open(f"{folder}/wchan", "rb") as file:
            place = file.read()
    except OSError:
        return None
    return Thread(int(status[b"voluntary_ctxt_switches"]), _does(status[b"State"][:1], place))


def is_stopped(pid: int) -> bool:
    """Return whether a signal has stopped a process: state T of /proc/PID/stat."""
    with suppress(OSError):
        file = os.open(f"/proc/{pid}/stat", os.O_RDONLY)
        try:
            return os.read(file, 512).rpartition(b") ")[2][:1] == b"T"
        finally:
            os.close(file)
    return False


def processor_time(pid: int) -> int | None:
    """Return the nanoseconds of cpu that a process has used (clock_getcpuclockid(3)); None where it is gone."""
    try:
        return time.clock_gettime_ns(~pid << 3 | _SCHEDULED)
    except OSError:
        return None


def _does(state: bytes, place: bytes) -> Literal["polls", "sleeps", "runs"]:
    """Return what a thread does by its state and the kernel's function that it waits in."""
    if state in b"RD":
        return "runs"
    # Kernels that hide the function say 0: then nobody can tell, and it is left alone.
    return "polls" if place in (b"", b"0") or b"poll" in place or b"select" in place else "sleeps"


class LivenessMonitor:
    """The processes that are looked at: all that use our library, and those with ``live``."""

    def __init__(
        self,
        mesh: MeshState,
        do: Callable[[Iterable[Effect]], None],
        clock: Callable[[], float],
        answered: Callable[[str], bool],
        probe: Callable[[str], Probe | None],
        environment: Callable[[str], Mapping[str, str]],
    ) -> None:
        """``answered`` tells whether a process has answered all that it was asked."""
        self._mesh, self._do, self._clock, self._answered = mesh, do, clock, answered
        self._probe, self._environment = probe, environment
        self._looked, self._half = float("-inf"), 0
        self._watches: dict[str, Watch] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def look(self) -> None:
        """Look at all whose turn it is, and see to the next time."""
        now = self._clock()
        self._look_for_stopped(now)
        for name, process in self._mesh.processes.items():
            node = self._mesh.node(name)
            if node.library and process.state in ("ready", "unresponsive") and not process.foreground:
                self._look(name, process.pid, node.live, now)
        pauses = [node.live.interval for node in self._mesh.plan.nodes if node.live is not None]
        asyncio.get_running_loop().call_later(min([EVERY, *pauses]), self.look)

    def begin(self, name: str) -> None:
        """Ask a process that has started, where its topology says how."""
        self.end(name)
        live, probe = self._mesh.node(name).live, self._probe(name)
        if live is not None and probe is not None:
            asking = self._ask(name, probe, live, self._environment(name))
            self._tasks[name] = asyncio.get_running_loop().create_task(asking)

    def end(self, name: str) -> None:
        """Ask no more: the process has ended."""
        if task := self._tasks.pop(name, None):
            task.cancel()

    def _look_for_stopped(self, now: float) -> None:
        """Look at one half of the processes, the next time at the other: each look reads a file of the kernel's."""
        if now - self._looked < EVERY * 0.9:
            return
        self._looked, self._half = now, 1 - self._half
        for number, (name, process) in enumerate(self._mesh.processes.items()):
            known = bool(self._mesh.transitions[name].suspended)
            if process.pid and process.state in ALIVE and (known or number % 2 == self._half):
                stopped = is_stopped(process.pid)
                if stopped != known:
                    self._do(liveness.suspend(self._mesh, name, stopped, now))

    def _look(self, name: str, pid: int, live: Live | None, now: float) -> None:
        watch = self._of(name, now)
        if name in self._tasks or now - watch.looked < (EVERY if live is None else live.interval) * 0.9:
            return
        watch.looked = now
        if (thread := self._thread(watch, pid, live)) is not None:
            health = liveness.observe(watch, thread, answered=self._answered(name), live=live, now=now)
            self._do(liveness.react(self._mesh, name, health, watch, now))

    def _thread(self, watch: Watch, pid: int, live: Live | None) -> Thread | None:
        if live is not None:
            return main_thread(pid)
        # Reading /proc for each of 200 idle processes would cost more than all else that a supervisor does.
        before, watch.spent = watch.spent, processor_time(pid)
        if before is None or watch.spent is None or watch.spent - before > BUSY * EVERY * 1e9:
            return main_thread(pid)
        return Thread(watch.switches, "sleeps")

    async def _ask(self, name: str, probe: Probe, live: Live, environment: Mapping[str, str]) -> None:
        process, folder = self._mesh.processes[name], self._mesh.planned(name).working_dir
        while True:
            await asyncio.sleep(live.interval)
            if process.state in ("ready", "unresponsive"):
                fine = await succeeds(probe, folder, environment, live.timeout)
                watch = self._of(name, self._clock())
                health = liveness.probe_result(watch, fine=fine, live=live, now=self._clock())
                self._do(liveness.react(self._mesh, name, health, watch, self._clock()))

    def _of(self, name: str, now: float) -> Watch:
        generation = self._mesh.processes[name].generation
        watch = self._watches.get(name)
        if watch is None or watch.generation != generation:
            watch = self._watches[name] = Watch(generation, now)
        return watch
