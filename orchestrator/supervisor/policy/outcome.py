"""How processes and their mesh have ended. Pure.

Clean is an exit with 0 and, of a process that was told to stop by a signal, death by that signal or its shell's way of
saying so: 128 and the number (POSIX, 2.8.2). Whoever had to be forced did not end cleanly, whatever its status.
"""

from __future__ import annotations

import signal
from typing import Literal

from orchestrator.contract import statuses
from orchestrator.plan.model import Node
from orchestrator.supervisor.policy import unread
from orchestrator.supervisor.policy.state import MeshState, ProcessState

NOTHING_DONE = 2
"""The exit status by which a command says that it has done nothing: ``up`` never passes a program's on."""


def is_clean(node: Node, process: ProcessState, status: int | None) -> bool:
    """Return whether a process has ended well with this status, as ProcessState has it."""
    if process.force_killed or not process.stopping:
        return status == 0 and not process.force_killed
    if _drains(node, process):
        return status == 0 or (status is None and process.left is not None and not process.failing)
    number = _number(node.stop.signal)
    return status in (0, -number, statuses.of_signal(number))


def is_forgiven(mesh: MeshState, process: ProcessState, status: int | None) -> bool:
    """Return whether an exit of a process that was told to stop is no failure, though it is not clean.

    Whoever starts again has not failed for good; where all are to be killed, death by SIGKILL is what was asked for;
    and whoever was sent a signal, and ended with nobody there to see how, most likely ended by it.
    """
    again = process.requested == "restart" or bool(process.resume_as)
    unseen = status is None and not process.force_killed and not _drains(mesh.node(process.name), process)
    return again or unseen or (mesh.killing and status in (0, -signal.SIGKILL))


def untold(node: Node, process: ProcessState) -> Literal["", "signal", "command", "unseen"]:
    """Return why a process that has just ended has not said what it left unread; empty where it has, or never ran."""
    if process.left is not None or (node.library and not process.released):
        return ""
    if process.stopping and not _drains(node, process):
        return "signal"
    return "unseen" if node.library else "command"


def _drains(node: Node, process: ProcessState) -> bool:
    """Return whether a process is told to stop by its drain, and not by a signal."""
    return node.library and node.stop.drain and process.released


def _number(name: str) -> int:
    return signal.Signals[f"SIG{name.removeprefix('SIG')}"]


def exit_status(mesh: MeshState) -> int:
    """Return the exit status of a mesh.

    That is the status of its first failed main, else 1 where a process has failed for good or is known to have lost
    messages when it left, else 0.
    """
    main = failed_main(mesh)
    if main is not None:
        status = status_of(main)
        return 1 if status == NOTHING_DONE else status
    failed = any(process.state == "failed" for process in mesh.processes.values())
    return int(failed or bool(unread.loses(mesh)))


def failed_main(mesh: MeshState) -> ProcessState | None:
    """Return the first main that has failed."""
    failed = (process for process in mesh.processes.values() if process.state == "failed")
    return next((process for process in failed if mesh.node(process.name).kind == "main"), None)


def status_of(process: ProcessState) -> int:
    """Return the status of a failed process as a shell has it."""
    return statuses.of_process(process.status)


def end_report(mesh: MeshState, now: float) -> dict[str, object]:
    """Return what the event of a mesh's end tells."""
    processes = [each for each in mesh.processes.values() if each.generation]
    main = failed_main(mesh)
    return {
        "status": mesh.exit_status,
        "state": "failed" if mesh.exit_status else "stopped",
        "reason": mesh.reason,
        "clean": sum(process.state in ("done", "stopped") and process.clean for process in processes),
        "restarts": sum(process.restarts for process in processes),
        "killed": [process.name for process in processes if process.force_killed],
        "seconds": round(now - mesh.drained, 3),
        "processes": len(processes),
        "drained": _is_drained(mesh),
        "in_flight": unread.summary(mesh),
        "replaced": main.name if main is not None and status_of(main) == NOTHING_DONE else "",
    }


def _is_drained(mesh: MeshState) -> bool:
    """Return whether all left as they should once the mesh was told to stop, and lost nothing that is known."""
    bad = (process.stopping and process.state == "failed" for process in mesh.processes.values())
    return mesh.killing or not (any(bad) or unread.loses(mesh))
