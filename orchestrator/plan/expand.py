"""The processes of a plan in full: what each runs, and what the edges have made of its sockets."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

from orchestrator.plan.bodies import bodies
from orchestrator.plan.found import Found
from orchestrator.plan.late import endpoints_in
from orchestrator.plan.members import Members
from orchestrator.plan.model import LOCAL, Process, Socket
from orchestrator.plan.ports import Port
from orchestrator.topology.words import like


def processes(mesh: str, members: Mapping[str, Members], found: Found, *, plain: bool) -> tuple[Process, ...]:
    """Give all processes of our nodes, in the order of the file. What is wrong is added to ``found``.

    ``plain`` says that no node uses any variable of its processes.
    """
    result: list[Process] = []
    for name, each in members.items():
        node = each.node
        if each.external:
            continue
        count = len(each.processes)
        for index, body in enumerate(bodies(mesh, each, found, plain=plain)):
            sockets = [_socket(*socket, each.ports[socket[0]][index]) for socket in body.sockets]
            key = each.keys[index] if each.keys else None
            result.append(
                Process(
                    each.processes[index],
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
            _check_endpoints(each, found)
    return tuple(result)


def _socket(name: str, kind: str, options: dict[str, Any], port: Port) -> Socket:
    connects, edges = port.connects, port.edges
    if edges is None:
        return Socket(name, kind, options)
    return Socket(
        name,
        kind,
        options,
        tuple([draft.name for draft in port.binds]) if port.binds else (),
        () if connects is None else connects[0] if len(connects) == 1 else tuple(chain.from_iterable(connects)),
        tuple(edges) if len(edges) == 1 else tuple(dict.fromkeys(edges)),
    )


def _check_endpoints(members: Members, found: Found) -> None:
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
            elif single and (wrong := _not_one(members, socket)):
                found.add("S020", path, wrong, "one endpoint", f"${{endpoints.{socket}}} gives all of them")


def _not_one(members: Members, socket: str) -> str:
    for port in members.ports[socket]:
        count = port.endpoints
        if count != 1:
            return f"{port.name} has {count or 'no'} endpoint{'s' if count else ''}"
    return ""
