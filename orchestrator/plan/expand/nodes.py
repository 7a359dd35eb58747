"""What the processes of one node share: how they start, are restarted and stopped."""

from __future__ import annotations

import os

from orchestrator.plan import model
from orchestrator.plan.expand.process_variables import varies
from orchestrator.plan.expand.replicas import NodeInstances
from orchestrator.topology.model import Node, NodeBase, Restart, Stop

_NO_LIMITS, _NO_CPU = (NodeBase.model_fields[key].default for key in ("limits", "cpu"))
LIBRARY, LISTENING = model.Ready("library"), model.Ready("listening")


class NodeBuilder:
    """Makes the nodes of a plan; equal parts of them, which are most, are made once."""

    def __init__(self) -> None:
        # Most nodes have equal ones.
        self._restarts: dict[Restart, model.Restart] = {}
        self._stops: dict[Stop, model.Stop] = {}

    def make(self, members: NodeInstances) -> model.Node:
        """Return the node of the plan."""
        node = members.node
        ready = _ready(node)
        return model.Node(
            members.name,
            node.callable or "",
            node.interpreter or "",
            (node.folder,) if node.working_dir is None else _search(node.folder, node.working_dir),
            bool(node.callable) or ready.how == "library",
            node.kind,
            node.critical,
            self._restarts.get(node.restart) or self._restart(node.restart),
            ready,
            self._stops.get(node.stop) or self._stop(node.stop),
            node.depends_on,
            members.processes,
            node.start,
            None if node.limits is _NO_LIMITS and node.cpu is _NO_CPU else _bounds(node),
            None if node.live is None else model.Live(node.live.interval, node.live.timeout, node.live.retries),
        )

    def _restart(self, restart: Restart) -> model.Restart:
        self._restarts[restart] = made = model.Restart(
            policy=restart.policy,
            delay=restart.delay,
            max_delay=restart.max_delay,
            max_attempts=restart.max_attempts,
            window=restart.window,
        )
        return made

    def _stop(self, stop: Stop) -> model.Stop:
        self._stops[stop] = made = model.Stop(stop.signal, stop.grace, stop.drain)
        return made


def _bounds(node: Node) -> model.ResourceLimits | None:
    limits, cpu = node.limits, node.cpu
    made = model.ResourceLimits(
        limits.memory,
        limits.nofile,
        _unlimited(limits.memlock),
        _unlimited(limits.core),
        cpu.cores,
        cpu.nice,
        cpu.realtime,
    )
    return None if made == model.ResourceLimits() else made


def _unlimited(limit: int | str | None) -> int | None:
    return -1 if isinstance(limit, str) else limit


def _ready(node: Node) -> model.Ready:
    if node.ready is None:
        return LIBRARY if node.callable else LISTENING
    return model.Ready(node.ready.how, node.ready.within, node.ready.interval)


def _search(folder: str, working_dir: str) -> tuple[str, ...]:
    """Return where modules are found: in the working directory, unless it differs by process, and beside the file."""
    if varies(working_dir):
        return (folder,)
    return tuple(dict.fromkeys((os.path.normpath(os.path.join(folder, working_dir)), folder)))
