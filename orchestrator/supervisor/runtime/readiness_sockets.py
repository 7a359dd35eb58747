"""Processes that are ready when they say so by sd_notify(3), or once they listen at their addresses."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

from orchestrator.contract import exits
from orchestrator.contract.folders import Folders
from orchestrator.observe import groups, sock_diag
from orchestrator.plan.model import Endpoint
from orchestrator.supervisor.policy import events
from orchestrator.supervisor.policy.effects import Effect
from orchestrator.supervisor.policy.state import MeshState

LOOK_EVERY = 0.02
"""Seconds between looks whether a starting command listens."""

EXECUTED_WITHIN = 0.002
"""Seconds that a forked process takes, about, until it has executed its command."""


class ReadinessSockets:
    """``do`` carries effects out, ``endpoints`` gives those of the plan with their addresses."""

    def __init__(
        self,
        folders: Folders,
        mesh: MeshState,
        do: Callable[[Iterable[Effect]], None],
        endpoints: Callable[[], Mapping[str, Endpoint]],
        clock: Callable[[], float],
    ) -> None:
        self._folders, self._mesh, self._do, self._endpoints, self._clock = folders, mesh, do, endpoints, clock
        self._notify: dict[str, socket.socket] = {}
        self._watching = False

    def expect(self, name: str) -> None:
        """Make the socket that a process notifies, where it is to."""
        node = self._mesh.node(name)
        if node.library or node.ready.how != "notify" or name in self._notify:
            return
        path = self._folders.notify(name)
        Path(path).unlink(missing_ok=True)
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        sock.bind(path)
        self._notify[name] = sock
        asyncio.get_running_loop().add_reader(sock, self._read, name, sock)

    def _read(self, name: str, sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if b"READY=1" in sock.recv(4096).split(b"\n"):
                self._do(events.on_ready(self._mesh, name, self._clock()))

    def watch(self) -> None:
        """Look for starting processes that listen, until there is none left."""
        if not self._watching:
            self._watching = True
            self._look()

    def _look(self) -> None:
        waiting = [
            process.name
            for process in self._mesh.processes.values()
            if process.state in ("starting", "connected")
            and process.pid
            and self._mesh.node(process.name).ready.how == "listening"
        ]
        commands = [name for name in waiting if not self._mesh.node(name).python]
        executing = [name for name in commands if not exits.executed(self._mesh.processes[name].pid)]
        for name in waiting:
            if name in executing:
                continue  # what it is to run may not be there
            planned = self._mesh.planned(name)
            addresses = [self._endpoints()[bound].connect for each in planned.sockets for bound in each.binds]
            if sock_diag.listening(addresses, partial(groups.members_of, self._mesh.processes[name].pid)):
                self._do(events.on_ready(self._mesh, name, self._clock()))
        self._watching = bool(waiting)
        if waiting:
            asyncio.get_running_loop().call_later(EXECUTED_WITHIN if executing else LOOK_EVERY, self._look)
