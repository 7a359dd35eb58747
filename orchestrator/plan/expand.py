"""Nodes become processes: replicas are counted, and what only one process knows is filled in."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, TypeVar

from orchestrator.contract.wiring import Binary, from_bytes
from orchestrator.plan.edges import Joined
from orchestrator.plan.found import Found
from orchestrator.plan.model import LOCAL, Connection, Process, Socket
from orchestrator.plan.variables import (
    Variables,
    endpoints_in,
    fill,
    fill_text,
    settle,
    varies,
)
from orchestrator.topology import model
from orchestrator.topology.words import like
from orchestrator.zeromq import options

Result = TypeVar("Result")


def names(topology: model.Topology, found: Found) -> dict[str, tuple[str, ...]]:
    """Give the names of the processes of each node that is ours; two of one name are added to ``found``."""
    result: dict[str, tuple[str, ...]] = {}
    owners: dict[str, str] = {}
    for node_name, node in topology.nodes.items():
        if node.external:
            continue
        replicas = node.replicas
        processes = (node_name,) if replicas is None else tuple(f"{node_name}-{i}" for i in range(replicas))
        result[node_name] = processes
        for process in processes:
            other = process if process in topology.nodes else owners.setdefault(process, node_name)
            if other != node_name:
                message = f"a process of node {node_name} and node {other} would both be named {process}"
                found.add("S014", ("nodes", node_name), message, "", "rename one of the two nodes")
    return result


def processes(
    topology: model.Topology, members: Mapping[str, Sequence[str]], joined: Joined, found: Found
) -> tuple[Process, ...]:
    """Give all processes, in the order of the file. What is wrong is added to ``found``."""
    result: list[Process] = []
    for name, its_processes in members.items():
        node = topology.nodes[name]
        result.extend(_processes(topology, name, node, its_processes, joined, found))
        _check_endpoints(name, node, its_processes, joined, found)
    return tuple(result)


def _processes(
    topology: model.Topology, name: str, node: model.Node, members: Sequence[str], joined: Joined, found: Found
) -> Iterator[Process]:
    words = _words(node.command)
    command = _filler(words, lambda variables: tuple(fill_text(word, variables) for word in words))
    args = _filler(node.args, lambda variables: fill(node.args, variables))
    env = _filler(node.env, lambda variables: {key: fill_text(text, variables) for key, text in node.env.items()})
    folder = os.path.join(node.folder, node.working_dir or "")
    working_dir = _filler(folder, lambda variables: os.path.normpath(settle(fill_text(folder, variables))))
    env_files = _filler(node.env_file, lambda variables: _paths(node, variables))
    stdin = _filler(node.stdin, lambda variables: node.stdin and settle(fill_text(node.stdin, variables)))
    sockets = {
        socket: (_options(topology, name, socket, found), str(topology.where("nodes", name, "sockets", socket)))
        for socket in node.sockets
    }
    for index, process in enumerate(members):
        variables: dict[str, str | int] = {
            "index": index,
            "count": len(members),
            "node": name,
            "process": process,
            "mesh": topology.name,
        }
        yield Process(
            name=process,
            node=name,
            index=index,
            count=len(members),
            key=None,
            host=LOCAL,
            command=command(variables),
            args=args(variables),
            env=env(variables),
            working_dir=working_dir(variables),
            stdin=stdin(variables),
            sockets=tuple(
                Socket(
                    name=socket,
                    type=node.sockets[socket].type,
                    options=options_of(variables),
                    binds=tuple(joined.binds.get((process, socket), ())),
                    connects=_together(joined.connects.get((process, socket), ())),
                    edges=tuple(dict.fromkeys(joined.names.get((process, socket), ()))),
                    declared=declared,
                )
                for socket, (options_of, declared) in sockets.items()
            ),
            env_files=env_files(variables),
        )


def _filler(value: Any, fill_in: Callable[[Variables], Result]) -> Callable[[Variables], Result]:
    """Give ``fill_in``, or its one result where no process differs from another, so that they share it."""
    if varies(value):
        return fill_in
    same = fill_in({})
    return lambda _: same


def _paths(node: model.Node, variables: Variables) -> tuple[str, ...]:
    paths = (os.path.join(node.folder, settle(fill_text(path, variables))) for path in node.env_file)
    return tuple(map(os.path.normpath, paths))


def _together(parts: Sequence[tuple[Connection, ...]]) -> tuple[Connection, ...]:
    return parts[0] if len(parts) == 1 else tuple(chain.from_iterable(parts))


def _words(command: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return tuple(shlex.split(command)) if isinstance(command, str) else command or ()


def _options(topology: model.Topology, name: str, socket: str, found: Found) -> Callable[[Variables], dict[str, Any]]:
    """Give what makes a socket's options for one process, checking those that hold variables."""
    declared = topology.nodes[name].sockets[socket]
    refused: set[str] = set()

    def fill_in(variables: Variables) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for option, value in declared.options.items():
            try:
                made[option] = _option(option, value, variables)
            except ValueError as error:
                if option not in refused:
                    refused.add(option)
                    path = ("nodes", name, "sockets", socket, option)
                    found.add("S032", path, f"{fill_text(value, variables)} for {variables['process']}", str(error))
        if declared.subscribe is not None:
            made["subscribe"] = [_binary(prefix, variables) for prefix in declared.subscribe]
        return made

    return _filler([declared.options, declared.subscribe], fill_in)


def _option(name: str, value: Any, variables: Variables) -> int | Binary:
    if isinstance(value, str):
        value = options.value(options.OPTIONS[name], settle(fill_text(value, variables)))
    return from_bytes(value) if isinstance(value, bytes) else value


def _binary(prefix: str | bytes, variables: Variables) -> Binary:
    return from_bytes(prefix) if isinstance(prefix, bytes) else settle(fill_text(prefix, variables))


def _check_endpoints(name: str, node: model.Node, members: Sequence[str], joined: Joined, found: Found) -> None:
    """Refuse ``${endpoint.SOCKET}`` of a socket that is not there, or that has not exactly one."""
    texts = [(("nodes", name, "env", variable), text) for variable, text in node.env.items()]
    command = node.command if isinstance(node.command, str) else " ".join(node.command or ())
    for path, text in [(("nodes", name, "command"), command), *texts]:
        for single, socket in endpoints_in(text):
            if socket not in node.sockets:
                found.add("S030", path, f"{name} has no socket {socket!r}", "", like(socket, node.sockets))
            elif single and (wrong := _not_one(members, socket, joined)):
                found.add("S020", path, wrong, "one endpoint", f"${{endpoints.{socket}}} gives all of them")


def _not_one(members: Sequence[str], socket: str, joined: Joined) -> str:
    for process in members:
        at = (process, socket)
        count = len(joined.binds.get(at, ())) + sum(map(len, joined.connects.get(at, ())))
        if count != 1:
            return f"{process}.{socket} has {count or 'no'} endpoint{'s' if count else ''}"
    return ""
