"""Whether what a node depends on has come, and who waits for what only a person starts. Pure."""

from __future__ import annotations

from collections.abc import Callable

from orchestrator.plan.model import Node
from orchestrator.supervisor.policy.state import OVER, MeshState, ProcessState


def hold(mesh: MeshState, node: Node) -> bool:
    """Return whether a node may start: all that it depends on has come as far as it must."""
    return all(
        _reached(mesh.of(name), condition) for name, condition in node.depends_on.items() if name in mesh.plan.node
    )


def _reached(processes: list[ProcessState], condition: str) -> bool:
    fine: dict[str, Callable[[ProcessState], bool]] = {
        "started": lambda process: process.generation > 0,
        "ready": lambda process: process.is_up,
        "done": lambda process: process.state == "done",
    }
    return all(fine[condition](process) for process in processes)


def held(mesh: MeshState) -> dict[str, str]:
    """Return the nodes that wait, near or far, for what only a person starts, each with whom it waits for."""
    found: dict[str, str] = {}
    for wave in mesh.plan.waves:
        for name in wave:
            if any(process.state == "waiting" for process in mesh.of(name)) and (whom := _hand(mesh, name, found)):
                found[name] = whom
    return found


def _hand(mesh: MeshState, name: str, found: dict[str, str]) -> str:
    for needed, condition in mesh.plan.node[name].depends_on.items():
        if needed not in mesh.plan.node or _reached(mesh.of(needed), condition):
            continue
        if needed in found:
            return found[needed]
        for process in mesh.of(needed):
            if process.foreground:
                return f"{process.name}, which runs in a terminal"
            if process.state in OVER and mesh.is_manual(process.name) and not process.returning:
                return f"{process.name}, which {'was stopped' if process.requested else 'is started by hand'}"
    return ""
