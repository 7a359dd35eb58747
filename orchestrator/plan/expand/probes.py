"""What is asked of each process from outside, with what only that process knows filled in."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from orchestrator.plan.expand.endpoint_variables import settle
from orchestrator.plan.expand.process_variables import Variables, fill_text
from orchestrator.plan.expand.replicas import NodeInstances
from orchestrator.plan.model import Probe
from orchestrator.topology.model import Command, Node

NOT_ASKED: tuple[None, None] = (None, None)
"""The probes of a process that is not asked from outside."""


def asks(node: Node) -> bool:
    """Return whether the processes of a node are asked from outside."""
    ready, live = node.ready, node.live
    return bool(
        (ready is not None and (ready.command or ready.http or ready.log))
        or (live is not None and (live.command or live.http))
    )


def probes(mesh: str, members: NodeInstances, number: int) -> tuple[Probe | None, Probe | None]:
    """Return what shows that a process is ready, and that it lives; None for what shows by itself."""
    ready, live = members.node.ready, members.node.live
    variables = members.variables(mesh, number)
    of_ready = Probe() if ready is None else _probe(ready.command, ready.http, ready.log, variables)
    of_live = Probe() if live is None else _probe(live.command, live.http, None, variables)
    return (of_ready if of_ready != Probe() else None, of_live if of_live != Probe() else None)


def _probe(command: Command | None, http: str | None, log: str | None, variables: Variables) -> Probe:
    words = tuple(shlex.split(command)) if isinstance(command, str) else command or ()
    return Probe(
        tuple([fill_text(word, variables) for word in words]),
        fill_text(http or "", variables),
        settle(fill_text(log or "", variables)),
    )


def asked_in(members: NodeInstances) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the texts that may name endpoints, with their key paths."""
    for key, asked in (("ready", members.node.ready), ("live", members.node.live)):
        if asked is not None:
            command = asked.command if isinstance(asked.command, str) else " ".join(asked.command or ())
            yield ("nodes", members.name, key, "command"), command
            yield ("nodes", members.name, key, "http"), asked.http or ""
