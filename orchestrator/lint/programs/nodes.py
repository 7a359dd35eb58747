"""What the programs of a topology's ``python:`` nodes say."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from orchestrator.lint.programs import module as program

if TYPE_CHECKING:
    from orchestrator.lint.core.declarations import SocketRef
    from orchestrator.lint.core.facts import Facts, Program
    from orchestrator.lint.core.index import TopologyView


def polls(node: str, facts: Facts) -> bool:
    """Return whether a node's module polls, and so can have a timeout of its own."""
    found = facts.programs.get(node)
    return found is not None and found.text is not None and program.module(found.text).polls


def proxies(node: str, facts: Facts) -> bool:
    """Return whether a node's module runs one of zmq's proxies, in whatever thread."""
    found = facts.programs.get(node)
    return found is not None and found.text is not None and program.module(found.text).proxies


def is_multipart(index: TopologyView, place: SocketRef, facts: Facts) -> bool:
    """Return whether a node's program says that messages of a socket have several parts."""
    found = facts.programs.get(place[0])
    if found is None or found.text is None:
        return False
    use = program.use(found.text, callable_of(index, place[0]))
    return use is not None and place[1] in use.multipart


def by_callable(index: TopologyView, facts: Facts) -> Iterable[tuple[Program, list[str]]]:
    """Return each module with the nodes that name the same callable of it."""
    if index.programs is None:
        index.programs = {}
        for name, found in facts.programs.items():
            node = index.nodes.get(name)
            if node is not None and node.python is not None:
                index.programs.setdefault((found.file, node.python), (found, []))[1].append(name)
    return index.programs.values()


def callable_of(index: TopologyView, node: str) -> str:
    """Return the part of ``module:callable`` behind the colon."""
    return (index.nodes[node].python or "").partition(":")[2]


def file_of(found: Program) -> str:
    """Return the name of a program's file, as messages call it."""
    return os.path.basename(found.file)
