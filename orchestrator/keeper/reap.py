"""How processes end: seen, and their group killed before the pid is free again."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from orchestrator.contract.exits import Exit


@dataclass(frozen=True, slots=True)
class Child:
    """One incarnation of a process. ``ticks`` is its start time, field 22 of /proc/PID/stat (proc(5))."""

    process: str
    generation: int
    pid: int
    ticks: int


def reap(children: dict[int, Child]) -> Iterator[tuple[int, Exit | None]]:
    """Reap all who have ended: their pid, and the exit where it was a child of the mesh (taken out of ``children``)."""
    while True:
        try:
            info = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if info is None:
            return
        child = children.pop(info.si_pid, None)
        if child is not None:
            # Before it is reaped its pid still names its group; a grandchild would keep its port.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
        _, status = os.waitpid(info.si_pid, 0)
        yield info.si_pid, Exit(**asdict(child), status=status, time=time.time()) if child else None
