"""What each process of a node runs: what only one of them knows is filled in, and all else is shared."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from orchestrator.plan.collector import Diagnostics
from orchestrator.plan.expand.endpoint_variables import settle
from orchestrator.plan.expand.process_variables import Variables, fill, fill_text, holds, varies
from orchestrator.plan.expand.replicas import NodeInstances
from orchestrator.topology import model
from orchestrator.topology.normalize.paths import SEAM
from orchestrator.zeromq import options

if TYPE_CHECKING:
    from orchestrator.contract.wiring import Binary

Result = TypeVar("Result")


class Body(NamedTuple):
    """What one process, or each of several, runs; ``options`` are those of its sockets, in the order of the file."""

    command: tuple[str, ...]
    args: dict[str, Any]
    env: dict[str, str]
    working_dir: str
    stdin: str | None
    env_files: tuple[str, ...]
    options: list[dict[str, Any]]


def bodies(mesh: str, members: NodeInstances, found: Diagnostics, *, plain: bool) -> Iterator[Body]:
    """Return the body of each process of a node, in order. What is wrong is added to ``found``.

    ``plain`` says that it uses no variable of its processes.
    """
    node = members.node
    if not plain and _holds(node):
        return _filled(mesh, members, found)
    body = Body(
        node.words,
        node.args,
        node.env,
        _folder(node.folder, node.working_dir or ""),
        node.stdin,
        tuple([_folder(node.folder, path) for path in node.env_file]) if node.env_file else (),
        [
            _plain(socket) if socket.options or socket.subscribe is not None else socket.options
            for socket in node.sockets.values()
        ],
    )
    return repeat(body, len(members.processes))


def _holds(node: model.Node) -> bool:
    """Return whether there is any ``${`` in what the processes of a node run."""
    parts: list[Any] = [
        part for part in (node.command, node.args, node.env, node.working_dir, node.stdin, node.env_file) if part
    ]
    for socket in node.sockets.values():
        if socket.options:
            parts.append(socket.options)
        if socket.subscribe:
            parts.append(socket.subscribe)
    return bool(parts) and holds(parts)


def _plain(socket: model.Socket) -> dict[str, Any]:
    made = socket.options
    if any(value.__class__ is not int for value in made.values()):
        made = {name: _option(name, value, {}) for name, value in made.items()}
    if socket.subscribe is not None:
        made = made | {"subscribe": [_binary(prefix, {}) for prefix in socket.subscribe]}
    return made


@lru_cache(maxsize=1024)
def _folder(folder: str, path: str) -> str:
    return os.path.normpath(os.path.join(folder, path))


def _filled(mesh: str, members: NodeInstances, found: Diagnostics) -> Iterator[Body]:
    node = members.node
    words = node.words
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
    sockets = [_options(members, name, socket, found) for name, socket in node.sockets.items()]
    for number in range(len(members.processes)):
        variables = members.variables(mesh, number)
        yield Body(
            command(variables),
            args(variables),
            env(variables),
            working_dir(variables),
            stdin(variables),
            env_files(variables),
            [options_of(variables) for options_of in sockets],
        )


def _filler(value: Any, fill_in: Callable[[Variables], Result]) -> Callable[[Variables], Result]:
    """Return ``fill_in``, or its one result where no process differs from another, so that they share it."""
    if varies(value):
        return fill_in
    same = fill_in({})
    return lambda _: same


def _path(text: str, variables: Variables) -> str:
    parts = [settle(fill_text(part, variables)) for part in text.split(SEAM)]
    return os.path.normpath(os.path.join(*parts))


def _options(
    members: NodeInstances, name: str, declared: model.Socket, found: Diagnostics
) -> Callable[[Variables], dict[str, Any]]:
    """Return what makes a socket's options for one process, checking those that hold variables."""
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
                    found.add("Z403", path, f"{fill_text(value, variables)} for {variables['process']}", str(error))
        if declared.subscribe is not None:
            made["subscribe"] = [_binary(prefix, variables) for prefix in declared.subscribe]
        return made

    return _filler([declared.options, declared.subscribe], fill_in)


def _option(name: str, value: Any, variables: Variables) -> int | Binary:
    if isinstance(value, str):
        value = options.value(options.OPTIONS[name], settle(fill_text(value, variables)))
    return _bytes(value) if isinstance(value, bytes) else value


def _binary(prefix: str | bytes, variables: Variables) -> Binary:
    return _bytes(prefix) if isinstance(prefix, bytes) else settle(fill_text(prefix, variables))


def _bytes(value: bytes) -> Binary:
    from orchestrator.contract.wiring import from_bytes  # few topologies hold any bytes

    return from_bytes(value)
