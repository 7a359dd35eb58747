"""The processes of a mesh: starting them, speaking with them, sending them signals, and how they end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from orchestrator.contract import exits
from orchestrator.contract.codec import Failed
from orchestrator.contract.env_file import BadEnvFile
from orchestrator.contract.folders import Folders
from orchestrator.contract.keeper_messages import Exited, Start, Starts
from orchestrator.contract.messages import STARTS_LIMIT
from orchestrator.contract.node_messages import Answer, Listening, Ping, Said
from orchestrator.observe import groups
from orchestrator.plan.wiring import probe_of
from orchestrator.supervisor.logs.logs import Logs
from orchestrator.supervisor.policy import events, foreground
from orchestrator.supervisor.policy.effects import Effect
from orchestrator.supervisor.policy.state import ALIVE, MeshState
from orchestrator.supervisor.runtime import launch_files
from orchestrator.supervisor.runtime.keeper_link import KeeperLink
from orchestrator.supervisor.runtime.keepers import Keepers
from orchestrator.supervisor.runtime.listeners import Listeners
from orchestrator.supervisor.runtime.liveness_monitor import LivenessMonitor
from orchestrator.supervisor.runtime.node_link import NodeLink
from orchestrator.supervisor.runtime.readiness import Readiness
from orchestrator.supervisor.runtime.readiness_sockets import ReadinessSockets
from orchestrator.supervisor.runtime.store import Store

UNSEEN_AFTER = 0.3
"""Seconds after a process's end in which its keeper may still tell how it ended."""

Order = tuple[str, int, str]
"""A process that is to start, its generation, and the path of its launch order."""


class Processes:
    """``links`` are the control sockets of those that use our library and run; ``do`` carries effects out."""

    def __init__(
        self,
        folders: Folders,
        mesh: MeshState,
        store: Store,
        keeper: KeeperLink,
        keepers: Keepers,
        listeners: Listeners,
        logs: Logs,
        do: Callable[[Iterable[Effect]], None],
        clock: Callable[[], float],
    ) -> None:
        self._folders, self._mesh, self._store, self._do, self._clock = folders, mesh, store, do, clock
        self._keeper, self._keepers, self._listeners, self._logs = keeper, keepers, listeners, logs
        self._exits = exits.Exits(folders.exits)
        self._pidfds: dict[str, int] = {}
        self._delayed: list[Order] = []
        self.links: dict[str, NodeLink] = {}
        self.sockets = ReadinessSockets(folders, mesh, do, lambda: listeners.endpoints, clock)
        self.readiness = Readiness(
            mesh, do, clock, lambda name: probe_of(mesh.plan, name, "ready", listeners.endpoints), self._environment
        )
        self.liveness = LivenessMonitor(
            mesh,
            do,
            clock,
            lambda name: name in self.links and not self.links[name].asks(Ping),
            lambda name: probe_of(mesh.plan, name, "live", listeners.endpoints),
            self._environment,
        )

    # ---- starting

    def start(self, names: list[str]) -> None:
        """Start processes that were decided on together, in bursts: one is prepared while the keeper forks another."""
        for first in range(0, len(names), STARTS_LIMIT):
            orders = [order for name in names[first : first + STARTS_LIMIT] if (order := self._order(name))]
            if self._keepers.replacing:
                # Else nobody could say which keeper was asked.
                self._delayed += orders
            else:
                self._ask_to_start(orders)

    def _order(self, name: str) -> Order | None:
        process = self._mesh.processes[name]
        self._store.save(process.record())
        try:
            path = self.prepare(name, process.generation)
        except (OSError, BadEnvFile) as error:
            why = str(error) if isinstance(error, BadEnvFile) else f"{self._folders.run}: {error}"
            asyncio.get_running_loop().call_soon(self._not_started, name, process.generation, why)
            return None
        self.readiness.begin(name, self._logs[name])  # before it can say anything
        self.liveness.begin(name)
        return name, process.generation, str(path)

    def prepare(self, name: str, generation: int, *, fork: bool = True) -> Path:
        """Write the launch order of an incarnation, and be ready to hear of it. Raise OSError, BadEnvFile."""
        endpoints = self._listeners.endpoints
        path = launch_files.prepare(self._mesh.plan, name, generation, endpoints, self._folders, fork=fork)
        self.sockets.expect(name)
        return path

    def _environment(self, name: str) -> dict[str, str]:
        return launch_files.whole_environment(self._mesh.plan, name, self._listeners.endpoints, self._folders)

    def _ask_to_start(self, orders: list[Order]) -> None:
        request = Start(tuple(path for _, _, path in orders))
        self._keeper.ask(request, lambda answer, _: self._started(orders, answer))

    def _started(self, orders: list[Order], answer: Starts | Failed) -> None:
        started = answer.started if isinstance(answer, Starts) else (answer,) * len(orders)
        for (name, generation, _), each in zip(orders, started, strict=True):
            if isinstance(each, Failed):
                self._not_started(name, generation, each.error)
            elif self._mesh.processes[name].generation == generation:
                effects = list(events.on_started(self._mesh, name, each.pid, each.ticks, self._clock()))
                # First, since a signal to it needs its pidfd.
                self.connect(name)
                self._do(effects)
        self.sockets.watch()

    def _not_started(self, name: str, generation: int, why: str) -> None:
        if self._mesh.processes[name].generation == generation:
            self._do(events.on_exit(self._mesh, name, 126, [why], self._clock()))

    def on_new_keeper(self) -> None:
        """Ask the new keeper for what was decided while there was none; bury those whose start nobody can tell of."""
        delayed, self._delayed = self._delayed, []
        for first in range(0, len(delayed), STARTS_LIMIT):
            self._ask_to_start(delayed[first : first + STARTS_LIMIT])
        asked = {name for name, _, _ in delayed}
        for name, process in self._mesh.processes.items():
            if process.state in ALIVE and name not in self._pidfds and name not in asked:
                # Its start was asked of the old keeper, and nobody can say whether it happened.
                self._ended(name, None)

    # ---- running

    def connect(self, name: str, *, running: bool = False) -> None:
        """Watch a process that has a pid, and its control socket where it uses our library."""
        process = self._mesh.processes[name]
        try:
            pidfd = os.pidfd_open(process.pid)
        except ProcessLookupError:
            asyncio.get_running_loop().call_later(UNSEEN_AFTER, self._unseen, name, process.generation)
            return
        self._pidfds[name] = pidfd
        asyncio.get_running_loop().add_reader(pidfd, self._pid_gone, name, process.generation)
        if self._mesh.node(name).library:
            told = partial(self._on_node, name)
            self.links[name] = NodeLink(self._folders.control(name), process.pid, pidfd, running, told)

    def take_over(self, name: str) -> None:
        """Watch a process that a predecessor has started."""
        self.connect(name, running=True)
        self.readiness.begin(name, self._logs[name])
        self.liveness.begin(name)

    def signal(self, name: str, signal_name: str) -> None:
        """Send a signal to a process and its group; to one in a terminal alone, since its group is its shell's."""
        process, pidfd = self._mesh.processes[name], self._pidfds.get(name)
        if pidfd is None:
            return
        number = signal.Signals[f"SIG{signal_name.removeprefix('SIG')}"]
        with contextlib.suppress(ProcessLookupError, PermissionError):
            # Proves that the pid is still this process's, so that its group is too.
            signal.pidfd_send_signal(pidfd, 0)
            if process.foreground:
                signal.pidfd_send_signal(pidfd, number)
                if name in self.links:
                    self.links[name].pass_on(number)
                return
            if number == signal.SIGKILL:
                # Those that have made groups of their own: nobody is left to end them.
                for pid in groups.members_of(process.pid):
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.kill(pid, number)
            try:
                os.killpg(process.pid, number)
            except ProcessLookupError:
                # In its first moment it has no group yet.
                signal.pidfd_send_signal(pidfd, number)

    def _on_node(self, name: str, message: Said | Answer, fds: list[int]) -> None:
        if isinstance(message, Listening):
            self._listeners.take_back(name, message.endpoints, fds)
        self._do(events.on_message(self._mesh, name, message, self._clock()))

    # ---- ending

    def on_keeper(self, exited: Exited) -> None:
        """Take in an end that the keeper tells of."""
        process = self._mesh.processes.get(exited.process)
        if process is not None and process.generation == exited.generation:
            self._ended(process.name, os.waitstatus_to_exitcode(exited.status))

    def bury(self) -> None:
        """Find out how those have ended that a predecessor had left alive, and that are not."""
        for name, process in self._mesh.processes.items():
            if process.state in ALIVE and name not in self._pidfds:
                self._ended(name, self._written_down(name, process.generation))

    def _ended(self, name: str, status: int | None) -> None:
        if self._mesh.processes[name].state not in ALIVE:
            return
        if name in self.links:
            self.links[name].read_rest()
        reason = self._logs[name].finish()
        self._let_go(name)
        if self._mesh.processes[name].foreground:
            self._do(foreground.left(self._mesh, name, self._clock()))
            return
        self._do(events.on_exit(self._mesh, name, status, reason, self._clock()))

    def _let_go(self, name: str) -> None:
        self.readiness.end(name)
        self.liveness.end(name)
        if link := self.links.pop(name, None):
            link.close()
        if (pidfd := self._pidfds.pop(name, None)) is not None:
            asyncio.get_running_loop().remove_reader(pidfd)
            os.close(pidfd)

    def _pid_gone(self, name: str, generation: int) -> None:
        asyncio.get_running_loop().remove_reader(self._pidfds[name])
        # How it ended in a terminal nobody will tell.
        patience = 0.0 if self._mesh.processes[name].foreground else UNSEEN_AFTER
        asyncio.get_running_loop().call_later(patience, self._unseen, name, generation)

    def _unseen(self, name: str, generation: int) -> None:
        """A process is gone and no keeper has said how: perhaps one has written it down, or has yet to see it."""
        process = self._mesh.processes[name]
        if process.generation != generation or process.state not in ALIVE:
            return
        # In this order: a keeper writes it down, and reaps then.
        unreaped = exits.parent(process.pid) == self._keepers.pid
        if (status := self._written_down(name, generation)) is not None:
            self._ended(name, status)
        elif unreaped:
            asyncio.get_running_loop().call_later(UNSEEN_AFTER, self._unseen, name, generation)
        else:
            self._ended(name, None)

    def _written_down(self, name: str, generation: int) -> int | None:
        """Return how an incarnation has ended, where a keeper has written it down."""
        ended = self._exits.of(name, generation)
        return os.waitstatus_to_exitcode(ended.status) if ended else None
