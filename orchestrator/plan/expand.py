"""The processes of a plan in full: what each runs, and what the edges make of its sockets."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

from orchestrator.plan.bodies import bodies
from orchestrator.plan.edges import Attached, Joined
from orchestrator.plan.found import Found
from orchestrator.plan.late import endpoints_in
from orchestrator.plan.members import Members
from orchestrator.plan.model import LOCAL, Process, Socket
from orchestrator.topology.words import like


def processes(
    mesh: str, members: Mapping[str, Members], joined: Joined, found: Found, *, plain: bool
) -> tuple[Process, ...]:
    """Give all processes of our nodes, in the order of the file. What is wrong is added to ``found``.

    ``plain`` says that no node uses any variable of its processes.
    """
    result: list[Process] = []
    attached = joined.sockets
    for name, each in members.items():
        node = each.node
        if each.external:
            continue
        count = len(each.processes)
        for index, body in enumerate(bodies(mesh, each, found, plain=plain)):
            process = each.processes[index]
            sockets = [
                _socket(socket, kind, options, attached.get(f"{process}.{socket}"))
                for socket, kind, options in body.sockets
            ]
            key = each.keys[index] if each.keys else None
            result.append(
                Process(
                    process,
                    name,
                    index,
                    count,
                    key,
                    LOCAL,
                    body.command,
                    body.args,
                    body.env,
                    body.working_dir,
                    body.stdin,
                    tuple(sockets),
                    body.env_files,
                )
            )
        if node.command or node.env:
            _check_endpoints(each, joined, found)
    return tuple(result)


def _socket(name: str, kind: str, options: dict[str, Any], attached: Attached | None) -> Socket:
    if attached is None:
        return Socket(name, kind, options)
    connects, edges = attached.connects, attached.edges
    return Socket(
        name,
        kind,
        options,
        tuple(attached.binds),
        tuple(chain.from_iterable(connects)) if len(connects) > 1 else connects[0] if connects else (),
        tuple(edges) if len(edges) == 1 else tuple(dict.fromkeys(edges)),
    )


def _check_endpoints(members: Members, joined: Joined, found: Found) -> None:
    """Refuse ``${endpoint.SOCKET}`` of a socket that is not there, or that has not exactly one."""
    node = members.node
    texts = [(("nodes", members.name, "env", variable), text) for variable, text in node.env.items()]
    command = node.command if isinstance(node.command, str) else " ".join(node.command or ())
    for path, text in [(("nodes", members.name, "command"), command), *texts]:
        for single, socket in endpoints_in(text):
            if socket not in node.sockets:
                near = like(socket, node.sockets)
                hint = f"did you mean {near}?" if near else ""
                found.add("S030", path, f"{members.name} has no socket {socket!r}", "", hint)
            elif single and (wrong := _not_one(members, socket, joined)):
                found.add("S020", path, wrong, "one endpoint", f"${{endpoints.{socket}}} gives all of them")


def _not_one(members: Members, socket: str, joined: Joined) -> str:
    for process in members.processes:
        attached = joined.sockets.get(f"{process}.{socket}")
        count = attached.endpoints if attached else 0
        if count != 1:
            return f"{process}.{socket} has {count or 'no'} endpoint{'s' if count else ''}"
    return ""
