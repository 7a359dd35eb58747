"""Processes in full: what only one of them knows is filled in, and all else is shared."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any, TypeVar

from orchestrator.contract.wiring import Binary, from_bytes
from orchestrator.plan.edges import Attached, Joined
from orchestrator.plan.found import Found
from orchestrator.plan.late import endpoints_in, settle
from orchestrator.plan.members import Members
from orchestrator.plan.model import LOCAL, Connection, Process, Socket
from orchestrator.plan.variables import Variables, fill, fill_text, varies
from orchestrator.topology import model
from orchestrator.topology.words import like
from orchestrator.zeromq import options

Result = TypeVar("Result")

_ALONE = Attached()


def processes(mesh: str, members: Mapping[str, Members], joined: Joined, found: Found) -> tuple[Process, ...]:
    """Give all processes of our nodes, in the order of the file. What is wrong is added to ``found``."""
    result: list[Process] = []
    for each in members.values():
        if not each.node.external:
            result.extend(_processes(mesh, each, joined, found))
            _check_endpoints(each, joined, found)
    return tuple(result)


def _processes(mesh: str, members: Members, joined: Joined, found: Found) -> Iterator[Process]:
    node = members.node
    words = _words(node.command)
    folder = os.path.join(node.folder, node.working_dir or "")
    command = _filler(words, lambda variables: tuple(fill_text(word, variables) for word in words))
    args = _filler(node.args, lambda variables: fill(node.args, variables))
    env = _filler(node.env, lambda variables: {key: fill_text(text, variables) for key, text in node.env.items()})
    working_dir = _filler(folder, lambda variables: _path(folder, variables))
    stdin = _filler(node.stdin, lambda variables: node.stdin and settle(fill_text(node.stdin, variables)))
    env_files = _filler(
        node.env_file,
        lambda variables: tuple(_path(os.path.join(node.folder, each), variables) for each in node.env_file),
    )
    sockets = {name: _options(members, name, socket, found) for name, socket in node.sockets.items()}
    count = len(members.processes)
    keys = members.keys or (None,) * count
    for index, process in enumerate(members.processes):
        variables = members.variables(mesh, index)
        yield Process(
            process,
            members.name,
            index,
            count,
            keys[index],
            LOCAL,
            command(variables),
            args(variables),
            env(variables),
            working_dir(variables),
            stdin(variables),
            tuple(
                [
                    _socket(
                        name, node.sockets[name].type, options_of(variables), joined.sockets.get(f"{process}.{name}")
                    )
                    for name, options_of in sockets.items()
                ]
            ),
            env_files(variables),
        )


def _socket(name: str, kind: str, options: dict[str, Any], attached: Attached | None) -> Socket:
    if attached is None:
        return Socket(name, kind, options)
    return Socket(
        name,
        kind,
        options,
        tuple([draft.name for draft in attached.binds.values()]),
        _together(attached.connects),
        tuple(dict.fromkeys(attached.edges)),
    )


def _filler(value: Any, fill_in: Callable[[Variables], Result]) -> Callable[[Variables], Result]:
    """Give ``fill_in``, or its one result where no process differs from another, so that they share it."""
    if varies(value):
        return fill_in
    same = fill_in({})
    return lambda _: same


def _path(text: str, variables: Variables) -> str:
    return os.path.normpath(settle(fill_text(text, variables)))


def _together(parts: list[tuple[Connection, ...]]) -> tuple[Connection, ...]:
    return parts[0] if len(parts) == 1 else tuple(chain.from_iterable(parts))


def _words(command: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return tuple(shlex.split(command)) if isinstance(command, str) else command or ()


def _options(
    members: Members, name: str, declared: model.Socket, found: Found
) -> Callable[[Variables], dict[str, Any]]:
    """Give what makes a socket's options for one process, checking those that hold variables."""
    refused: set[str] = set()

    def fill_in(variables: Variables) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for option, value in declared.options.items():
            try:
                made[option] = _option(option, value, variables)
            except ValueError as error:
                if option not in refused:
                    refused.add(option)
                    path = ("nodes", members.name, "sockets", name, option)
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
        count = joined.sockets.get(f"{process}.{socket}", _ALONE).endpoints
        if count != 1:
            return f"{process}.{socket} has {count or 'no'} endpoint{'s' if count else ''}"
    return ""
