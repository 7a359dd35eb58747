"""What one process of a plan is told: its wiring, its environment, its command. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Literal

from orchestrator.contract.wiring import SocketWiring, Wiring
from orchestrator.plan.expand.endpoint_variables import fill_endpoints
from orchestrator.plan.model import Endpoint, Plan, Probe, Process, Socket

VARIABLE_LIMIT = 64 * 1024
"""Longest variable in bytes that we give to a process; the kernel's limit is 128 KiB with its name (execve(2))."""

Endpoints = Mapping[str, Endpoint]
"""Resolved endpoints by name, as ``addresses.resolve`` gives them."""


def wiring_of(
    plan: Plan,
    name: str,
    generation: int,
    endpoints: Endpoints,
    *,
    control: str = "",
    control_fd: int | None = None,
    fds: Mapping[str, int] | None = None,
    notify: str = "",
    journals: str = "",
    side: Callable[[str], str] = str,
    secret: Callable[[str], str] = lambda edge: "",
) -> Wiring:
    """Return the wiring of one incarnation of a process.

    ``journals`` is the folder of the mesh's journals, ``side`` gives the address of a publisher's side channel,
    ``secret`` the secret of a circle of edges. ``fds`` maps the endpoints whose listening descriptors it inherits to
    their numbers. Raise KeyError where the process, or an endpoint that it needs, is unknown.
    """
    process = plan.process[name]
    held = fds or {}
    return Wiring(
        mesh=plan.mesh,
        node=process.node,
        process=process.name,
        index=process.index,
        count=process.count,
        generation=generation,
        sockets={
            socket.name: SocketWiring(
                type=socket.type,
                bind=_bound(socket, endpoints),
                connect=_connected(socket, endpoints),
                options=socket.options,
                edges=socket.edges,
                peers=_peers(socket, endpoints),
                batch=socket.batch,
                **_delivery(plan, process, socket, side, secret),
                fd=tuple(held.get(endpoint) for endpoint in socket.binds),
                declared=plan.declared.get(f"{process.node}.{socket.name}", ""),
            )
            for socket in process.sockets
        },
        key=process.key,
        args=process.args,
        control=control,
        control_fd=control_fd,
        notify=notify,
        grace=plan.node[process.node].stop.grace,
        journals=journals if any(socket.delivery for socket in process.sockets) else "",
    )


def environment_of(plan: Plan, name: str, endpoints: Endpoints, wiring: str, notify: str = "") -> dict[str, str]:
    """Return what a process finds in its environment on top of that of whoever ran ``up``.

    ``wiring`` is the path of its wiring, ``notify`` of its NOTIFY_SOCKET (sd_notify(3)), if it has one. Variables
    longer than VARIABLE_LIMIT are left out, and so is an address of a socket that has none. Raise KeyError as
    ``wiring_of`` does.
    """
    process = plan.process[name]
    variables = {
        variable: fill_endpoints(text, lambda socket: addresses_of(process, socket, endpoints))
        for variable, text in process.env.items()
    }
    ours = {
        "ORCHESTRATOR_MESH": plan.mesh,
        "ORCHESTRATOR_NODE": process.node,
        "ORCHESTRATOR_PROCESS": process.name,
        "ORCHESTRATOR_INDEX": str(process.index),
        "ORCHESTRATOR_COUNT": str(process.count),
        "ORCHESTRATOR_KEY": process.key or "",
        "ORCHESTRATOR_ARGS": json.dumps(process.args, ensure_ascii=False),
        "ORCHESTRATOR_WIRING": wiring,
    }
    if notify:
        ours["NOTIFY_SOCKET"] = notify
    for socket in process.sockets:
        prefix = f"ZMQ_{socket.name.upper().replace('-', '_')}"
        for suffix, addresses in (("BIND", _bound(socket, endpoints)), ("CONNECT", _connected(socket, endpoints))):
            if addresses:
                ours[f"{prefix}_{suffix}"] = " ".join(addresses)
    return variables | {variable: text for variable, text in ours.items() if len(text.encode()) <= VARIABLE_LIMIT}


def command_of(plan: Plan, name: str, endpoints: Endpoints) -> tuple[str, ...]:
    """Return the command of a process with its addresses; empty for a python node. Raise KeyError as ``wiring_of``."""
    process = plan.process[name]
    return tuple(
        fill_endpoints(word, lambda socket: addresses_of(process, socket, endpoints)) for word in process.command
    )


def probe_of(plan: Plan, name: str, what: Literal["ready", "live"], endpoints: Endpoints) -> Probe | None:
    """Return what is asked of a process from outside, with its addresses. Raise KeyError as ``wiring_of``."""
    process = plan.process[name]
    probe = process.ready if what == "ready" else process.live
    if probe is None:
        return None

    def filled(text: str) -> str:
        return fill_endpoints(text, lambda socket: addresses_of(process, socket, endpoints))

    return Probe(tuple(map(filled, probe.command)), filled(probe.http), probe.log)


def addresses_of(process: Process, name: str, endpoints: Endpoints) -> list[str]:
    """Return what a socket of a process binds and connects to. Raise KeyError where there is no such socket."""
    for socket in process.sockets:
        if socket.name == name:
            return [*_bound(socket, endpoints), *_connected(socket, endpoints)]
    raise KeyError(name)


def _bound(socket: Socket, endpoints: Endpoints) -> tuple[str, ...]:
    return tuple(endpoints[name].address for name in socket.binds)


def _connected(socket: Socket, endpoints: Endpoints) -> tuple[str, ...]:
    return tuple(endpoints[link.endpoint].connect for link in socket.connects)


def _delivery(
    plan: Plan, process: Process, socket: Socket, side: Callable[[str], str], secret: Callable[[str], str]
) -> dict[str, Any]:
    """Return what the wiring says of what the edges of a socket add."""
    if socket.delivery is None:
        return {}
    kind = socket.delivery["kind"]
    said = {key: value for key, value in socket.delivery.items() if key != "kind"}
    if socket.type == "PUSH":
        said["receivers"] = _named_peers(plan, socket)
    elif socket.type == "PUB":
        said["side"] = side(f"{process.name}.{socket.name}")
    elif socket.type == "SUB":
        said["publishers"] = {name: side(name) for name in _named_peers(plan, socket)}
    if socket.edges and (made := secret(plan.circles[socket.edges[0]])):
        said["secret"] = made
    return {"delivery": kind, kind: said}


def _named_peers(plan: Plan, socket: Socket) -> list[str]:
    """Name the sockets at the other ends, ``process.socket``."""
    bound = [name for endpoint in socket.binds for name in plan.connectors.get(endpoint, ())]
    connected = [plan.endpoint[link.endpoint] for link in socket.connects]
    return [*bound, *(f"{each.process}.{each.socket}" for each in connected if each.process)]


def _peers(socket: Socket, endpoints: Endpoints) -> int:
    bound = sum(endpoints[name].peers for name in socket.binds)
    return bound + sum(bool(endpoints[link.endpoint].process) for link in socket.connects)
