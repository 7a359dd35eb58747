"""The processes of a plan in full: what each runs, and what the edges have made of its sockets."""

from __future__ import annotations

from itertools import chain
from typing import Any

from orchestrator.plan.collector import Diagnostics
from orchestrator.plan.drafts import SocketDraft
from orchestrator.plan.expand.endpoint_variables import endpoints_in
from orchestrator.plan.expand.fields import bodies
from orchestrator.plan.expand.probes import NOT_ASKED, asked_in, asks, probes
from orchestrator.plan.expand.replicas import EdgeEnd, NodeInstances
from orchestrator.plan.model import LOCAL, Process, Socket
from orchestrator.topology.diagnostics.hints import like


def processes(mesh: str, members: NodeInstances, found: Diagnostics, result: list[Process], *, plain: bool) -> None:
    """Append the processes of a node to ``result``. What is wrong is added to ``found``.

    ``plain`` says that no node uses any variable of its processes.
    """
    ends, keys = members.ends, members.keys
    count = len(members.processes)
    asked = asks(members.node)
    for index, body in enumerate(bodies(mesh, members, found, plain=plain)):
        command, args, env, working_dir, stdin, env_files, options = body
        made = [_socket(end, its, end.ports[index]) for end, its in zip(ends, options, strict=True)]
        result.append(
            Process(
                members.processes[index],
                members.name,
                index,
                count,
                keys[index] if keys else None,
                LOCAL,
                command,
                args,
                env,
                working_dir,
                stdin,
                tuple(made),
                env_files,
                *(probes(mesh, members, index) if asked else NOT_ASKED),
            )
        )
    if members.node.command or members.node.env or asked:
        _check_endpoints(members, found)


def _socket(end: EdgeEnd, options: dict[str, Any], port: SocketDraft) -> Socket:
    binds, connects, edges = port.binds, port.connects, port.edges
    if edges is None:
        return Socket(end.socket, end.type, options)
    return Socket(
        end.socket,
        end.type,
        options,
        () if not binds else (binds[0].name,) if len(binds) == 1 else tuple([draft.name for draft in binds]),
        () if connects is None else connects[0] if len(connects) == 1 else tuple(chain.from_iterable(connects)),
        tuple(edges) if len(edges) == 1 else tuple(dict.fromkeys(edges)),
        port.batch,
        port.delivery,
    )


def _check_endpoints(members: NodeInstances, found: Diagnostics) -> None:
    """Refuse ``${endpoint.SOCKET}`` of a socket that is not there, or that has not exactly one."""
    node = members.node
    texts = [(("nodes", members.name, "env", variable), text) for variable, text in node.env.items()]
    command = node.command if isinstance(node.command, str) else " ".join(node.command or ())
    for path, text in [(("nodes", members.name, "command"), command), *texts, *asked_in(members)]:
        for single, socket in endpoints_in(text):
            if socket not in node.sockets:
                near = like(socket, node.sockets)
                hint = f"did you mean {near}?" if near else f"it has {', '.join(node.sockets) or 'none'}"
                found.add("Z102", path, f"{members.name} has no socket {socket!r}", "", hint)
            elif single and (wrong := _not_one(members, socket)):
                found.add("S020", path, wrong, "one endpoint", f"${{endpoints.{socket}}} gives all of them")


def _not_one(members: NodeInstances, socket: str) -> str:
    for port in next(end.ports for end in members.ends if end.socket == socket):
        count = port.endpoints
        if count != 1:
            return f"{port.name} has {count or 'no'} endpoint{'s' if count else ''}"
    return ""
